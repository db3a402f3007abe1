import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["backend", "backend.app"])
def test_the_web_process_imports_no_torch(module):
    code = f"import sys, {module}; print(sorted({{'torch', 'sklearn', 'scipy', 'numba'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_application_with_its_pages_keeps_torch_out():
    code = "import sys, backend.app; backend.app.create_app(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"
