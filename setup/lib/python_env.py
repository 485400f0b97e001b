"""The virtual environment that Odoo, the add-ons and their tests run in."""

import hashlib
import subprocess
import sys

from . import paths
from .progress import SetupError, forget, once, step

MINIMUM = (3, 10)
REQUIREMENTS = (
    paths.SETUP / "requirements.txt",
    paths.ROOT / "requirements.txt",
    paths.ROOT / "test-requirements.txt",
)
CONSTRAINTS = paths.SETUP / "constraints.txt"


def prepare():
    """Create the virtual environment and install what it misses; done again when a list changes."""
    if sys.version_info < MINIMUM:
        raise SetupError("Odoo 19 needs Python 3.10 or newer.")
    if not _works():
        forget("python")
        with step("Virtual environment"):
            subprocess.run([sys.executable, "-m", "venv", "--clear", paths.VENV], check=True)
    once("python", _fingerprint(), "Python dependencies", _install)


def _works():
    """Whether there is an environment; it may be half made, or its Python gone in an upgrade."""
    return paths.PYTHON.exists() and not subprocess.call([paths.PYTHON, "-c", "import pip"])


def _fingerprint():
    lists = b"".join(path.read_bytes() for path in (*REQUIREMENTS, CONSTRAINTS))
    return hashlib.sha256(lists).hexdigest()


def _install():
    command = [paths.PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--constraint", CONSTRAINTS]
    for path in REQUIREMENTS:
        command += ["--requirement", path]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        raise SetupError(f"pip could not install Odoo's dependencies:\n{result.stdout}")


def site_packages():
    """The folder of the installed packages."""
    return next(paths.VENV.glob("lib/python3.*/site-packages"))
