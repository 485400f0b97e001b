"""Odoo itself: which one, its configuration, its command line."""

import contextlib
import contextvars
import os
import re
import subprocess
import threading

from . import paths
from .progress import SetupError

OWN_ODOO = "COLLECTIONS_ODOO"
CONFIG = paths.HOME / "odoo.conf"
# Where our mail sink listens. Without one nobody answers there: mail never reaches a real server.
SMTP_PORT = 8025
STOP_TIMEOUT = 30  # seconds
_release = contextvars.ContextVar("release", default=None)


@contextlib.contextmanager
def release(folder):
    """Let this thread start Odoo with the add-ons of another folder; others go on with ours."""
    before = _release.set(folder)
    try:
        yield
    finally:
        _release.reset(before)


def addons():
    """Our add-ons, see :func:`.paths.addons`; those of another release inside :func:`release`."""
    return paths.addons(_release.get() or paths.ROOT)


def _config():
    folder = _release.get()
    return folder / "odoo.conf" if folder else CONFIG


def own_checkout():
    """The user's own Odoo 19, named by an environment variable, or None.

    :raise SetupError: what it names is not Odoo 19.
    """
    value = os.environ.get(OWN_ODOO)
    if not value:
        return None
    folder = paths.Path(value).expanduser().resolve()
    release = folder / "odoo/release.py"
    if not release.exists() or not re.search(r"version_info = \(19, 0", release.read_text()):
        raise SetupError(f"{OWN_ODOO}={value} is not a checkout of Odoo 19.0.")
    return folder


def source():
    """The folder that holds the Python package ``odoo``."""
    return own_checkout() or paths.DIST_PACKAGES


def _addons_path():
    candidates = [source() / "addons", _release.get() or paths.ROOT]
    return [folder for folder in candidates if any(folder.glob("*/__manifest__.py"))]


def configure():
    """Write the configuration; the database server comes from the environment (PGHOST…)."""
    addons = ",".join(str(folder) for folder in _addons_path())
    # databases are prepared side by side, by processes and by threads
    partial = _config().with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    partial.write_text(
        "[options]\n"
        f"addons_path = {addons}\n"
        f"data_dir = {paths.FILESTORE}\n"
        "http_interface = 127.0.0.1\n"
        "smtp_server = 127.0.0.1\n"
        f"smtp_port = {SMTP_PORT}\n"
        f"screenshots = {paths.LOGS / 'screenshots'}\n"
    )
    partial.replace(_config())


def environment(server):
    """The environment in which Odoo runs against the PostgreSQL ``server`` (PGHOST…)."""
    path = f"{paths.BIN}{os.pathsep}{paths.VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {
        **os.environ,
        **server,
        "ODOO_RC": str(_config()),
        "PATH": path,
        "PYTHONPATH": str(source()),
        "PYTHONUNBUFFERED": "1",
    }


def _program():
    # not "python -m odoo": with workers, Odoo starts this file again for its long-polling process
    checkout = own_checkout()
    return checkout / "odoo-bin" if checkout else paths.PREFIX / "usr/bin/odoo"


def command(*arguments):
    """The command line of Odoo with these arguments."""
    return [str(part) for part in (paths.PYTHON, _program(), *arguments)]


def run(server, *arguments, **options):
    """Run Odoo and wait for it; ``options`` go to :func:`subprocess.run`."""
    configure()
    return subprocess.run(command(*arguments), env=environment(server), **options)


@contextlib.contextmanager
def started(server, *arguments, **options):
    """Start Odoo beside us, yield its process and see to it that it ends with the block.

    ``options`` go to :class:`subprocess.Popen`.
    """
    configure()
    with subprocess.Popen(
        command(*arguments),
        env=environment(server),
        start_new_session=True,  # Ctrl-C is ours to handle: Odoo dies at once of a second signal
        **options,
    ) as process:
        try:
            yield process
        finally:
            stop(process)


def stop(process):
    """End an Odoo process; one that does not end in time is killed."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
