"""Words by their numbers, and the rule of what nets read of which data."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.data.encoders.base import PADDING, UNKNOWN
from foldscape.data.encoders.characters import SYMBOLS
from foldscape.data.encoders.tokens import Tokens
from foldscape.data.lite import AgNewsLite
from foldscape.explain import explain
from foldscape.spec import RunSpec

TOKENS = {"kind": "ag_news_lite", "encoder": {"kind": "tokens", "dims": 16, "words": 30}}
LETTERS = {"kind": "ag_news_lite", "encoder": {"kind": "characters"}}


def faults_of(**given):
    with pytest.raises(ValidationError) as refused:
        RunSpec.model_validate(given)
    return {fault["path"]: fault["message"] for fault in explain(refused.value.errors(), RunSpec)}


def test_the_most_frequent_words_of_the_training_sentences_have_numbers():
    encoder = Tokens(dims=4, words=10)
    train, test = encoder.encode(["The cat, the cat the", "the dog"], np.zeros(2, int), ["the bird", ""])
    assert train[0].tolist() == [2, 3, train[0][2], 2]
    assert train[1].tolist()[2:] == [PADDING, PADDING]
    assert test.tolist() == [[2, UNKNOWN, PADDING, PADDING], [PADDING] * 4]
    assert train.dtype == np.float32


def test_no_number_is_beyond_those_it_says():
    encoder = Tokens(dims=16, words=30)
    split = AgNewsLite(encoder=encoder).load(0)
    numbers = np.concatenate([split.train_x, split.test_x])
    assert encoder.symbols == numbers.max() + 1 == 32
    assert {0, 1} <= set(np.unique(numbers))


@pytest.mark.parametrize("wiring", ["text", "transformer"])
@pytest.mark.parametrize(("data", "symbols"), [(TOKENS, 32), (LETTERS, SYMBOLS)])
def test_a_net_has_a_vector_for_each_symbol_and_writes_down_how_many(wiring, data, symbols):
    run = RunSpec.model_validate({"data": data, "net": {"wiring": wiring}})
    assert run.net.vocabulary == symbols
    again = RunSpec.model_validate(run.model_dump(mode="json"))
    assert again == run
    other = faults_of(data=TOKENS if data is LETTERS else LETTERS, net=run.net.model_dump(mode="json"))
    assert "net.vocabulary" in other
    assert "symbols that data.encoder gives; use" in other["net.vocabulary"]


def test_padding_changes_nothing_that_a_bag_reads():
    run = RunSpec.model_validate({"data": TOKENS, "net": {"wiring": "text", "hidden": [3]}})
    net = run.net.first_on((16,), 4, np.random.default_rng(0))
    moved = net.with_flat([net.arrays[0] + (np.arange(32) == PADDING)[:, None].astype(np.float32), *net.arrays[1:]])
    x = np.array([[5, 6, 7] + [0] * 13, [7, 5, 6] + [0] * 13, [0] * 16], np.float32)
    np.testing.assert_array_equal(net.logits(x), moved.logits(x))
    np.testing.assert_allclose(net.logits(x)[0], net.logits(x)[1], rtol=1e-6)
    assert np.isfinite(net.logits(x)).all()


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({"data": TOKENS}, "net.wiring", "reads numbers, and ag_news_lite gives the numbers of words in samples of 16"),
        ({"data": TOKENS, "net": {"wiring": "cnn"}}, "net.wiring", "use text, transformer, or another encoder"),
        ({"data": TOKENS, "net": {"wiring": "char_cnn"}}, "net.wiring", "reads the numbers of characters"),
        ({"net": {"wiring": "text"}}, "net.wiring", "use dag, layers, res_mlp, or other data"),
        ({"net": {"wiring": "resnet"}}, "net.wiring", "cannot read samples of 2 numbers: a residual net reads"),
        (
            {"data": {"kind": "digits"}, "net": {"wiring": "cnn", "pool": [True] * 16, "channels": [2] * 5}},
            "net.wiring",
            "cannot read pictures of 1×8×8: there are no squares of 2×2 pixels in 2×1×1",
        ),
        ({"data": {"kind": "digits"}, "net": {"wiring": "transformer", "patch": 3}}, "net.wiring", "3×3 pixels do not"),
        ({"data": {"kind": "digits"}, "net": {"wiring": "transformer", "heads": 3}}, "net", "3 heads cannot share"),
        ({"data": {"kind": "digits"}, "net": {"wiring": "resnet"}, "batch": 1}, "batch", "use 2 or more"),
        ({"data": {"kind": "digits"}, "net": {"wiring": "cnn", "norm": "batch"}, "batch": 1}, "batch", "use 2 or more"),
        ({"data": TOKENS, "net": {"wiring": "text"}, "input_noise": 0.1}, "input_noise", "cannot be added to tokens"),
        ({"data": TOKENS, "net": {"wiring": "text"}, "adversarial": {}}, "adversarial", "cannot move tokens"),
        ({"data": {"kind": "digits"}, "net": {"wiring": "mobilenet_v2", "halving": [9]}}, "net", "row 9"),
    ],
)
def test_what_a_net_cannot_read_is_refused_with_both_shapes_and_a_way_out(given, path, words):
    found = faults_of(**given)
    assert any(key.startswith(path) for key in found), found
    assert any(words in message for message in found.values()), found


@pytest.mark.parametrize("batch", [2, 1437])
def test_a_last_batch_of_one_point_takes_the_running_statistics(batch):
    """1,437 points leave one over at 2, which the engine normalises as torch does at rest; only batch 1 is refused."""
    net = {"wiring": "resnet", "width": 1}
    assert RunSpec.model_validate({"data": {"kind": "digits"}, "net": net, "batch": batch}).batch == batch
    without = {"data": {"kind": "digits"}, "net": net | {"norm": "group"}, "batch": 1}
    assert RunSpec.model_validate(without).batch == 1


def test_mlp_is_another_name_of_layers():
    named = RunSpec.model_validate({"net": {"wiring": "mlp", "hidden": [3]}})
    assert named.net.wiring == "layers"
    assert named == RunSpec.model_validate({"net": {"wiring": "layers", "hidden": [3]}})
