"""The virtual environment that Odoo, the add-ons and their tests run in."""

import hashlib
import subprocess
import sys

from . import paths
from .progress import SetupError, forget, once, say, step

MINIMUM = (3, 10)
REQUIREMENTS = (
    paths.SETUP / "requirements.txt",
    paths.ROOT / "requirements.txt",
    paths.ROOT / "test-requirements.txt",
)
BENCH_REQUIREMENTS = paths.SETUP / "bench-requirements.txt"
CONSTRAINTS = paths.SETUP / "constraints.txt"


def prepare():
    """Create the virtual environment and install what it misses; done again when a list changes."""
    if sys.version_info < MINIMUM:
        raise SetupError("Odoo 19 needs Python 3.10 or newer.")
    if not _works():
        for stamp in ("python", "benches"):
            forget(stamp)
        with step("Virtual environment"):
            subprocess.run([sys.executable, "-m", "venv", "--clear", paths.VENV], check=True)
    once("python", _fingerprint(), "Python dependencies", _install)


def _works():
    """Whether there is an environment; it may be half made, or its Python gone in an upgrade."""
    return paths.PYTHON.exists() and not subprocess.call([paths.PYTHON, "-c", "import pip"])


def prepare_benches():
    """Install what benchmarks compare with; without it they say so and go on."""
    try:
        once(
            "benches",
            _fingerprint(BENCH_REQUIREMENTS),
            "What benchmarks compare with",
            lambda: _install(BENCH_REQUIREMENTS),
        )
    except SetupError as error:
        say(f"  {error}")


def _fingerprint(*lists):
    texts = b"".join(path.read_bytes() for path in (*(lists or REQUIREMENTS), CONSTRAINTS))
    return hashlib.sha256(texts).hexdigest()


def _install(*lists):
    command = [paths.PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--constraint", CONSTRAINTS]
    for path in lists or REQUIREMENTS:
        command += ["--requirement", path]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        raise SetupError(f"pip could not install the Python dependencies:\n{result.stdout}")


def site_packages():
    """The folder of the installed packages."""
    return next(paths.VENV.glob("lib/python3.*/site-packages"))
