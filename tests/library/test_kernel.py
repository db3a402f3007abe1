"""Compiled code on disk is as old as the youngest source beside it."""

from pathlib import Path

import pytest

from foldscape.engine import kernels as training
from foldscape.geometry import _plane
from foldscape.kernel import fingerprint
from foldscape.net import kernels as passes


def test_any_edit_in_the_folder_makes_the_code_anew(tmp_path):
    (tmp_path / "caller.py").write_text("before")
    (tmp_path / "callee.py").write_text("before")
    before = fingerprint(tmp_path)
    fingerprint.cache_clear()
    assert fingerprint(tmp_path) == before
    (tmp_path / "callee.py").write_text("after")
    fingerprint.cache_clear()
    assert fingerprint(tmp_path) != before


@pytest.mark.parametrize("module", [training, passes, _plane], ids=lambda module: module.__name__)
def test_every_kept_kernel_knows_the_sources_beside_it(module):
    kept = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
    caches = [value._cache for value in kept if hasattr(getattr(value, "_cache", None), "_cache_file")]
    assert caches
    assert {cache._cache_file._source_stamp for cache in caches} == {fingerprint(Path(module.__file__).parent)}
