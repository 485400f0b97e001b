"""``setup/test``: every test there is, run by pytest; arguments go to pytest."""

import os
import shutil
import sys

from . import paths, pdf
from .progress import SetupError, say, step

# the last is what the program needs by which the end-to-end tests drive the browser
BROWSER_PACKAGES = ("chromium", "fonts-liberation", "libatomic1")
# the fast ones first; those of the add-ons are run beside the others, and told of in the end
FOLDERS = [paths.TESTS / name for name in ("engine", "setup", "e2e", "addons")]


def find_browser():
    return shutil.which("chromium") or shutil.which("google-chrome")


def _prepare_browser():
    """Install a browser if we may; without one, its tests are skipped."""
    if find_browser():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Chromium for browser tests (installed by apt)"):
            try:
                pdf.install(BROWSER_PACKAGES)
            except SetupError as error:
                say(f"  Browser tests will be skipped: {error}")
    else:
        say("  There is no Chromium here, and only root can install it: browser tests are skipped.")


def main():
    _prepare_browser()
    arguments = sys.argv[1:]
    if not any(os.path.exists(argument.split("::")[0]) for argument in arguments):
        arguments += [str(folder) for folder in FOLDERS if folder.is_dir()]
    command = [str(paths.PYTHON), "-m", "pytest", *arguments]
    os.chdir(paths.ROOT)
    os.execv(paths.PYTHON, command)


if __name__ == "__main__":
    main()
