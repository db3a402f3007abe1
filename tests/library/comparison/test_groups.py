import pytest

from foldscape.comparison import comparability, contrasts, groups_of
from foldscape.comparison.group import differing, names_of
from foldscape.data.corruption import Corruption
from foldscape.errors import InvalidInput
from foldscape.spec import RunSpec
from tests.library.comparison.made import curve, group


def table1(batches=(16, 64), seeds=3):
    return [
        curve(seed, method, settings={"batch": batch, "lr": 0.1, "net": {"hidden": [size]}})
        for method, size in (("grown", 1), ("fixed", 10))
        for batch in batches
        for seed in range(seeds)
    ]


def test_groups_are_everything_but_the_seed_and_named_by_what_differs_only():
    groups = groups_of(table1())
    assert [each.name for each in groups] == [
        "grown · batch 16",
        "grown · batch 64",
        "fixed · batch 16",
        "fixed · batch 64",
    ]
    assert [[each.seed for each in one.curves] for one in groups] == [[0, 1, 2]] * 4
    assert [one.name for one in groups_of(table1(batches=(16,)))] == ["grown", "fixed"]


def test_shape_names_a_group_only_where_its_method_does_not():
    runs = [curve(0, settings={"net": {"hidden": hidden}}) for hidden in ([50], [40, 10])] + [curve(0, "grown")]
    assert [one.name for one in groups_of(runs)] == ["fixed · 50", "fixed · 40-10", "grown"]


def test_thousands_of_groups_are_named_at_a_cost_that_grows_with_their_number_only():
    flat = [{"method": "fixed", "batch": n % 40, "lr": n // 40, "net.hidden": [n % 7]} for n in range(2000)]
    names = names_of(flat, [False] * len(flat))
    assert len(set(names)) == len(names)
    assert names[41] == "batch 1 · lr 1"


def test_equal_settings_are_those_whose_json_is_equal():
    assert differing([{"a": 1, "b": [1]}, {"a": 1.0, "b": [1]}]) == ["a"]
    assert differing([{"a": True, "b": {}}, {"a": 1, "b": {}}]) == ["a"]
    assert differing([{"a": None}, {}]) == []


def test_what_is_at_its_default_is_not_said_and_holds_no_run_apart():
    """A run writes some fields only where they differ, so that runs without any stood apart in all of their parts."""
    nothing = {"method": "fixed", "batch": 16}
    corrupt = [
        nothing | {f"corrupt.{name}": value for name, value in Corruption(labels=share).model_dump().items()}
        for share in (0.2, 0.5)
    ]
    assert names_of([nothing, *corrupt], [False] * 3) == ["labels 0.0", "labels 0.2", "labels 0.5"]
    assert differing([nothing, corrupt[1]]) == ["corrupt.labels"]
    attack = nothing | {"adversarial.kind": "fgsm", "adversarial.radius": 0.05, "adversarial.steps": 7}
    assert names_of([nothing, attack], [False] * 2) == ["without adversarial", "adversarial fgsm"]
    other = nothing | {"adversarial.kind": "pgd", "adversarial.radius": 0.1, "adversarial.steps": 7}
    assert names_of([attack, other], [False] * 2) == ["adversarial fgsm · radius 0.05", "adversarial pgd · radius 0.1"]
    dampened = nothing | {"input_noise": 0.2}
    assert names_of([nothing, dampened], [False] * 2) == ["input noise 0.0", "input noise 0.2"]


def test_runs_without_the_setting_are_held_against_those_with_it():
    def run(seed, share):
        given = RunSpec.model_validate({"corrupt": {"labels": share}})
        return curve(seed, settings=given.model_dump(mode="json", exclude={"seed"}))

    groups = groups_of([run(seed, share) for share in (0.0, 0.5, 1.0) for seed in range(3)])
    found = contrasts(groups, by="corrupt.labels")
    assert [each.name for each in found] == ["labels 0.5 / labels 0.0", "labels 1.0 / labels 0.0"]


def test_of_several_runs_with_one_seed_the_longest_is_taken_and_the_others_counted():
    [one] = groups_of([curve(1, losses=(1.0, 0.5)), curve(1, losses=(1.0, 0.5, 0.2)), curve(2)])
    assert [(each.seed, len(each)) for each in one.curves] == [(1, 3), (2, 3)]
    assert one.repeated == 1


def test_grown_is_held_against_fixed_where_all_but_shape_agrees():
    found = contrasts(groups_of(table1()))
    assert [each.name for each in found] == [
        "grown · batch 16 / fixed · batch 16",
        "grown · batch 64 / fixed · batch 64",
    ]


def test_groups_can_be_held_against_one_or_along_one_setting():
    groups = groups_of(table1())
    along = contrasts(groups, by="batch")
    assert [each.name for each in along] == [
        "grown · batch 64 / grown · batch 16",
        "fixed · batch 64 / fixed · batch 16",
    ]
    against = contrasts(groups, against="fixed · batch 64")
    assert {each.second.name for each in against} == {"fixed · batch 64"}
    assert len(against) == 3
    with pytest.raises(InvalidInput, match="No group is called nobody"):
        contrasts(groups, against="nobody")


def test_a_run_without_a_partner_is_dropped_and_counted():
    [found] = contrasts(groups_of(group("grown", [1, 1, 1]) + group("fixed", [1, 1, 1, 1], first_seed=1)))
    assert [(a.seed, b.seed) for a, b in found.pairs] == [(1, 1), (2, 2)]
    assert found.without_partner == 3
    assert found.words == "2 pairs by seed; 3 runs without a partner left out."


def test_groups_that_share_no_seeds_are_not_paired_and_lose_no_run():
    [found] = contrasts(groups_of(group("grown", [1, 1, 1]) + group("fixed", [1, 1, 1], first_seed=10)))
    assert not found.paired
    assert found.without_partner == 0
    assert "no seed is shared" in found.words


def remade(one, **changes):
    return type(one).from_json({**one.to_json(), **changes})


def test_what_differs_in_data_is_named_and_the_common_part_offered():
    runs = [curve(seed, method) for method in ("grown", "fixed") for seed in range(3)]
    assert comparability(groups_of(runs)).ok
    runs[5] = remade(runs[5], data="other")
    found = comparability(groups_of(runs))
    assert found.differs == ("data",)
    assert "differ in their data" in found.words
    assert set(found.common) == {each.run for each in runs} - {runs[5].run}


def test_data_drawn_from_the_seed_differ_between_seeds_and_are_comparable():
    runs = [remade(curve(seed, method), data=f"of-{seed}") for method in ("grown", "fixed") for seed in range(3)]
    assert comparability(groups_of(runs)).ok


def test_groups_on_different_splits_and_losses_have_nothing_in_common():
    runs = [curve(0, "grown"), remade(curve(0, "fixed"), split="other", loss="squared")]
    found = comparability(groups_of(runs))
    assert found.differs == ("split", "loss")
    assert found.common == ()
    assert "No two groups agree" in found.words


def test_kinds_of_nets_are_called_by_their_titles_and_nothing_hidden_is_said_of_blocks():
    dense = {"net.hidden": [16], "net.wiring": "layers"}
    resnets = [{"net.hidden": [], "net.wiring": "resnet", "net.n": n} for n in (1, 3)]
    cnn = {"net.wiring": "cnn", "net.hidden": [], "net.channels": [4, 8]}
    assert names_of([dense, *resnets, cnn], [False] * 4) == ["16", "ResNet · n 1", "ResNet · n 3", "CNN"]
    assert (
        names_of([{"net.wiring": "of a plugin that is gone"}, dense], [False] * 2)[0]
        == "wiring of a plugin that is gone"
    )
