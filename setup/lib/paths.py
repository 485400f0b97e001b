"""Where everything lives: all that setup/ fetches or writes is in one ignored folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "setup"
TESTS = ROOT / "tests"

HOME = ROOT / ".odoo"
STAMPS = HOME / "stamps"
BIN = HOME / "bin"
DOWNLOADS = HOME / "downloads"
APT = HOME / "apt"
PREFIX = HOME / "prefix"
VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python"
PG_DATA = HOME / "pg"
FILESTORE = HOME / "data"
MAIL = HOME / "mail"
LOGS = HOME / "logs"
COMPILED = HOME / "compiled"

DIST_PACKAGES = PREFIX / "usr/lib/python3/dist-packages"


def addons(folder=ROOT):
    """Our add-ons: the folders of the checkout that carry an Odoo manifest, sorted by name."""
    return sorted(manifest.parent for manifest in folder.glob("*/__manifest__.py"))
