"""From a bare Python to our virtual environment, where the commands themselves run.

This module and what it imports use the standard library only, and run on the machine's Python.
"""

import os
import sys

from . import fetch, odoo, paths, pdf, python_env
from .progress import SetupError, exclusive, say


def main(module, *arguments):
    """Get everything ready, then become ``lib.<module>`` with ``arguments`` before those given."""
    try:
        with exclusive("setup"):
            python_env.prepare()
            if not odoo.own_checkout():
                fetch.fetch_odoo()
            pdf.prepare()
    except SetupError as error:
        say(f"setup: {error}")
        sys.exit(1)
    environment = {**os.environ, "PYTHONPATH": str(paths.SETUP)}
    # Odoo is started many times: compiling it is half of a start. What is compiled stays in our
    # folder, also for those who want none of it beside their sources.
    environment["PYTHONPYCACHEPREFIX"] = str(paths.COMPILED)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [str(paths.PYTHON), "-m", f"lib.{module}", *arguments, *sys.argv[1:]]
    os.execve(paths.PYTHON, command, environment)
