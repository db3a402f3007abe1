"""Which engine a spec gets, what its runs look like, and how long its code is kept."""

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.engine.choose import MOST_PARAMETERS, engine_for
from foldscape.engine.compiled import CompiledEngine, warm
from foldscape.engine.torch_engine import TorchEngine
from foldscape.events import Metrics
from foldscape.net.mlp import initial
from foldscape.spec import RunSpec
from foldscape.training import Loop

WIDE = {"data": {"kind": "digits"}, "net": {"hidden": [400]}}


def chosen(**given):
    spec = RunSpec.model_validate(given)
    split = spec.data.load(spec.seed)
    return engine_for(spec, initial(spec.net, split.features, split.classes, np.random.default_rng(0)), split)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, CompiledEngine),
        ({"net": {"hidden": [64, 64, 64, 64], "activation": "tanh"}}, CompiledEngine),
        ({"engine": "torch"}, TorchEngine),
        (WIDE, CompiledEngine),
        (WIDE | {"net": {"hidden": [400, 100]}}, TorchEngine),
        (WIDE | {"net": {"hidden": [400, 100]}, "engine": "compiled"}, CompiledEngine),
    ],
)
def test_small_nets_are_compiled_unless_asked_otherwise(given, kind):
    assert MOST_PARAMETERS == 32_000
    assert type(chosen(**given)) is kind


def test_the_compiled_engine_says_that_it_has_no_gpu():
    with pytest.raises(ValidationError, match=r"processor, not on cuda; set engine to auto or torch"):
        chosen(engine="compiled", device="cuda", queue="gpu")


def test_both_engines_tell_the_same_run():
    spec = {"stop": {"epochs": 10}, "optimizer": {"kind": "sgd", "lr": 0.05}, "net": {"hidden": [4]}, "probes": []}
    rows = [
        [
            event.values
            for event in Loop(RunSpec.model_validate(spec | {"engine": engine})).events()
            if isinstance(event, Metrics)
        ]
        for engine in ("compiled", "torch")
    ]
    assert len(rows[0]) == 11
    np.testing.assert_allclose(*rows, atol=1e-4)


def test_a_second_process_compiles_nothing():
    code = """if True:
        from pathlib import Path
        from foldscape.engine import compiled, kernels
        from foldscape.kernel import fingerprint
        compiled.warm()
        for kernel in (kernels.lay_out, kernels.train, kernels.train_nets):
            assert kernel.stats.cache_hits and not kernel.stats.cache_misses
            assert kernel._cache._cache_file._source_stamp == fingerprint(Path(kernels.__file__).parent)
    """
    warm()
    subprocess.run([sys.executable, "-c", code], check=True)
