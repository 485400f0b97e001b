"""Steps that report themselves, and that are done once.

Progress goes to standard error: standard output belongs to results (``--json``).
"""

import contextlib
import fcntl
import signal
import sys
import time

from . import paths


class SetupError(Exception):
    """A condition the person at the keyboard can mend; the message says how."""


def say(text=""):
    print(text, file=sys.stderr, flush=True)


def end_with_reader():
    """End as other tools do when nobody reads on, as in ``setup/mail | head``: in silence."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


@contextlib.contextmanager
def step(title):
    """Announce a step and, when it ends, how many seconds it took."""
    say(f"→ {title} …")
    start = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - start:.1f} s")


def once(name, fingerprint, title, action):
    """Run ``action`` unless it was completed before for the same ``fingerprint``.

    The stamp is written last and atomically, so that an interrupted step runs again.
    """
    stamp = paths.STAMPS / name
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    with step(title):
        action()
    paths.STAMPS.mkdir(parents=True, exist_ok=True)
    partial = stamp.with_suffix(".partial")
    partial.write_text(fingerprint)
    partial.replace(stamp)


def forget(name):
    """Let a step run again."""
    (paths.STAMPS / name).unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive(name):
    """Let one process at a time through; others wait, and say that they do."""
    paths.HOME.mkdir(exist_ok=True)
    with (paths.HOME / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  waiting for another process that holds {name}.lock …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
