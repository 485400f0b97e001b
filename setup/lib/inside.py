"""What runs inside Odoo: a process of its own, called with a database and a piece of work.

``python -m lib.inside DATABASE WORK JSON`` prints progress to standard error and one JSON object
to standard output. :func:`call` starts it and returns that object.
"""

import contextlib
import importlib
import io
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal

from . import odoo, paths
from .progress import SetupError, say

#: Exit code of work that refused: standard output is then its sentence.
REFUSED = 3


def call(server, database, work, **arguments):
    """Run ``work`` in ``database`` and return its result.

    ``work`` is ``module:function``, the module being one below ``setup`` or ``tests``; the function
    gets an environment and the arguments, which must be JSON.

    :raise SetupError: it refused, for the reason given; or it failed, its traceback was shown.
    """
    odoo.configure()
    environment = odoo.environment(server)
    environment["PYTHONPATH"] = f"{paths.SETUP}:{paths.TESTS}:{environment['PYTHONPATH']}"
    command = [paths.PYTHON, "-m", "lib.inside", database, work, json.dumps(arguments)]
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if result.returncode == REFUSED:
        raise SetupError(json.loads(result.stdout))
    if result.returncode:
        raise SetupError(f"{work} failed in database {database}.")
    return json.loads(result.stdout)


@contextlib.contextmanager
def _environment(database):
    """Odoo's environment, as its superuser; committed when the block ends well."""
    # Odoo is on this process's path only
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["--database", database, "--log-level", "warn"], setup_logging=True)
    with Registry(database).cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})


def _main(database, work, arguments):
    module, function = work.split(":")
    try:
        # standard output is for the result alone
        with contextlib.redirect_stdout(sys.stderr), _environment(database) as env:
            # Odoo is loaded by now: the module may import from it as an add-on does.
            call = getattr(importlib.import_module(module), function)
            result = call(env, **json.loads(arguments))
    except SetupError as error:
        print(json.dumps(str(error)))
        return REFUSED
    print(json.dumps(result, default=plain))
    return 0


def plain(value):
    """A number for an amount, the shortest that is read back as the same cents; text for a day."""
    return float(value) if isinstance(value, Decimal) else str(value)


# === PIECES OF WORK === #


def make_assets(env):
    """Make all scripts and styles that pages load, as Odoo does before tests with a browser."""
    env["ir.qweb"]._pregenerate_assets_bundles()


def prepare_for_tests(env):
    """Make the companies and users that the add-ons' tests ask for in each class."""
    from odoo.addons.account_collections.tests import company_common

    company_common.make_companies(env)


def make_ready_to_serve(env, address):
    """Let links and PDF documents use the address Odoo is served at."""
    parameters = env["ir.config_parameter"]
    for key in ("web.base.url", "report.url"):
        parameters.set_param(key, address)


def run_demo(env, today):
    """Activate every portfolio, make the day's run of each company; return summaries by company."""
    env["collection.portfolio"].search([])._activate()
    return _run_companies(env, date.fromisoformat(today))


def export_terms(env, addons):
    """{add-on: its translatable terms, the text of a POT file} as Odoo finds them."""
    from odoo.tools.translate import trans_export

    texts = {}
    for name in addons:
        buffer = io.BytesIO()
        trans_export(False, [name], buffer, "po", env)
        texts[name] = buffer.getvalue().decode()
    return texts


def load_ledger(env, path, as_of):
    """Post a ledger as of a day, run collections as of that day; return both summaries in one."""
    from .ledger import loading

    day = date.fromisoformat(as_of)
    env["ir.cron"].with_context(active_test=False).search(
        [("model_id.model", "like", "collection.")]
    ).active = False
    loaded = loading.load(env, path, day, report=_report)
    env["collection.portfolio"].search([])._activate()
    (summary,) = _run_companies(env, day).values()
    return {**summary, "ledger": loaded}


def _run_companies(env, today):
    runs = {
        company.name: env["collection.run"]._run_company(company, today)
        for company in env["res.company"].search([])
    }
    return {name: run._get_summary() for name, run in runs.items()}


def _report(done, total, text):
    say(f"  {done:>7} / {total} {text}")


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
