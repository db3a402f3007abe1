"""The one place that knows devices: what is refused without a card, and that the path for a card computes the same."""

import threading

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

import foldscape
from foldscape import device
from foldscape.cli import build_cli
from foldscape.curvature import Objective
from foldscape.data.encoders.learnt import MeanEmbedding
from foldscape.device import NoDevice
from foldscape.errors import InvalidInput
from foldscape.landscape import Evaluator
from foldscape.landscape.batched import BatchedEvaluator
from foldscape.landscape.recorded import of_run, record
from foldscape.spec import RunSpec
from foldscape.sweep import run as run_sweep
from foldscape.training import Loop
from foldscape.wire import pack_event

PLAIN = {"data": {"kind": "rings", "n": 64}, "net": {"hidden": [3]}, "batch": 8, "stop": {"epochs": 4}}
ON_CARD = {"device": "cuda", "queue": "gpu"}
SWEEP = {"vary": {"lr": [0.01, 0.03]}, "seeds": [0, 1], "measure": {"every": 2, "flatness": ["layer"]}}


@pytest.fixture
def card(monkeypatch):
    """Let the processor compute for ``cuda``."""
    monkeypatch.setenv(device.STANDS_IN, "cpu")


@pytest.fixture
def no_card(monkeypatch):
    monkeypatch.delenv(device.STANDS_IN, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def said(spec):
    return [pack_event(event) for event in foldscape.run(RunSpec.model_validate(spec))]


def test_a_run_on_a_card_says_the_bits_of_the_torch_engine(card):
    assert said(PLAIN | ON_CARD) == said(PLAIN | {"engine": "torch"})
    assert Loop(RunSpec.model_validate(PLAIN | ON_CARD)).subject.device == "cuda"


def test_without_a_card_a_run_is_refused_in_words(no_card):
    with pytest.raises(NoDevice, match=r"^Device cuda is not on this machine: .*\. Set device to cpu") as refusal:
        said(PLAIN | ON_CARD)
    (field,) = refusal.value.describe()["fields"]
    assert (field["path"], field["given"], field["allowed"]) == ("device", "cuda", "cpu")


def test_the_command_line_refuses_it_too(no_card, tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("device: cuda\nqueue: gpu\nstop: {epochs: 1}\n")
    done = CliRunner().invoke(build_cli(), ["run", str(path)])
    assert done.exit_code == 2
    assert "Device cuda is not on this machine" in done.output
    assert "Traceback" not in done.output


def test_a_device_that_nobody_knows_is_named_with_those_that_are_known():
    with pytest.raises(NoDevice, match="allowed are cpu, cuda"):
        device.torch_device("tpu")


def test_a_sweep_on_a_card_has_the_numbers_of_the_torch_engine(card):
    base = PLAIN | {"probes": []}
    on_card = run_sweep({"base": base | {"device": "cuda"}, **SWEEP}, threads=2)
    plain = run_sweep({"base": base | {"engine": "torch"}, **SWEEP}, threads=2)
    assert on_card.spec.base.queue == "gpu"
    for one, other in zip(on_card.rows, plain.rows, strict=True):
        assert (one.state, one.name) == ("done", other.name)
        columns = one.curve.columns, other.curve.columns
        assert columns[0].keys() == columns[1].keys()
        assert all(columns[0][name] == columns[1][name] for name in columns[0] if name != "seconds")


@pytest.mark.parametrize(
    ("sweep", "path"),
    [
        ({"base": PLAIN | {"device": "cuda"}, **SWEEP}, "base.device"),
        ({"base": PLAIN, "vary": {"device": ["cpu", "cuda"]}, "seeds": [0]}, "vary.device.cuda"),
    ],
)
def test_without_a_card_a_sweep_names_the_setting_that_asks_for_it(no_card, sweep, path):
    with pytest.raises(InvalidInput, match=f"device cuda is not on this machine.* Change {path}"):
        run_sweep(sweep)


def test_a_sweep_that_names_another_queue_for_a_card_is_refused():
    with pytest.raises(ValueError, match="needs queue gpu, not batch"):
        run_sweep({"base": PLAIN | {"device": "cuda", "queue": "batch"}, **SWEEP})


def test_landscapes_of_a_run_on_a_card_are_measured_there(card, monkeypatch):
    kept = record(RunSpec.model_validate(PLAIN | ON_CARD))
    asked = {"view": "slice", "slice": {"resolution": 5, "direction": {"kind": "random"}}}
    seen = []
    of_arrays = BatchedEvaluator.of_arrays
    monkeypatch.setattr(
        BatchedEvaluator, "of_arrays", lambda *args: seen.append(args[-1]) or of_arrays(*args[:-1], "cpu")
    )
    there = of_run(kept, asked).arrays("cells")["values"]
    assert seen == ["cuda", "cuda"]  # training points and test points
    here = of_run(kept, asked | {"device": "cpu"}).arrays("cells")["values"]
    assert len(seen) == 2
    np.testing.assert_allclose(there, here, rtol=2e-5)


def test_an_evaluator_on_a_card_gives_the_bits_of_torch_on_the_processor(card):
    rng = np.random.default_rng(0)
    weights, biases = [rng.normal(size=(5, 2)), rng.normal(size=(2, 5))], [rng.normal(size=5), rng.normal(size=2)]
    net = (weights, biases, "tanh", rng.normal(size=(30, 2)), rng.integers(0, 2, 30))
    there, here = Evaluator.of_net(*net, device="cuda"), BatchedEvaluator.of_arrays(*net)
    along = np.linspace(-1, 1, 7), rng.normal(size=there.size)
    np.testing.assert_array_equal(there.on_line(*along).loss, here.on_line(*along).loss)


def test_curvature_of_a_module_on_a_card_is_that_of_the_processor(card):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    x, y = torch.randn(20, 2, dtype=torch.float64), torch.randint(0, 2, (20,))
    here = Objective.of_module(module, x, y)
    vector = np.random.default_rng(0).normal(size=here.size)
    product = here.hvp(None, vector)
    there = Objective.of_module(module.to(device.torch_device("cuda")), x, y)
    np.testing.assert_array_equal(there.hvp(None, vector), product)


def test_encoders_compute_where_the_environment_says(card, monkeypatch):
    sentences, y = [f"word {n} and {n % 3}" for n in range(40)], np.arange(40) % 2
    encoder = MeanEmbedding(dims=4, epochs=1)
    here = encoder.encode(sentences, y, sentences[:5])
    monkeypatch.setenv(device.OF_DATA, "cuda")
    assert device.of_data() == "cuda"
    there = encoder.encode(sentences, y, sentences[:5])
    np.testing.assert_array_equal(there[0], here[0])
    np.testing.assert_array_equal(there[1], here[1])


def flags():
    return (
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.are_deterministic_algorithms_enabled(),
    )


EXACT = (False, False, True, False, True)


def test_a_card_computes_exactly_and_what_the_process_had_set_comes_back():
    before = flags()
    assert before != EXACT
    with device.steady(torch.device("cpu")):
        assert flags() == before
    with device.steady(torch.device("cuda")):
        assert flags() == EXACT
        with device.steady(torch.device("cuda")):
            assert flags() == EXACT
        assert flags() == EXACT
    assert flags() == before


def test_the_last_thread_that_leaves_sets_them_back():
    before, inside, leave = flags(), threading.Event(), threading.Event()

    def compute():
        with device.steady(torch.device("cuda")):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=compute)
    with device.steady(torch.device("cuda")):
        thread.start()
        assert inside.wait(10)
    assert flags() == EXACT
    leave.set()
    thread.join(10)
    assert flags() == before


def test_a_process_of_its_own_looks_for_a_card(card, capsys):
    assert device.has_driver()
    assert device.look_apart() == (("cpu",), "")
    assert device.main() == 0
    assert capsys.readouterr().out == "cpu\n"


def test_it_says_why_there_is_none(no_card, monkeypatch, capsys):
    monkeypatch.setattr(device, "DRIVERS", ("/nowhere",))
    assert not device.has_driver()
    assert device.main() == 1
    assert capsys.readouterr().out.strip() in (
        "torch finds no NVIDIA card",
        "this torch was built for the processor only",
    )
