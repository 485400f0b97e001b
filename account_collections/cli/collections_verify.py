"""``odoo collections_verify -d DATABASE``: check the chain over the evidence."""

import json
import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class Collections_Verify(Command):
    """Verify the evidence of collections: name what was altered, deleted or put in.

    The exit code is 0 when all is sound, 1 when something is broken, 2 when there is nothing
    to verify.
    """

    name = "collections_verify"

    def run(self, args):
        self.parser.add_argument("-d", "--database", required=True)
        self.parser.add_argument("-c", "--config", help="Odoo's configuration file")
        self.parser.add_argument("--company", type=int, action="append", help="id of a company")
        self.parser.add_argument("--json", action="store_true", help="print one JSON object")
        options = self.parser.parse_args(args)
        configuration = ["--config", options.config] if options.config else []
        config.parse_config(
            [*configuration, "--database", options.database, "--log-level", "error", "--no-http"],
            setup_logging=True,
        )
        with Registry(options.database).cursor() as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            if "collection.chain" not in env:
                self._say(f"Collections are not installed in {options.database}.\n")
                sys.exit(2)
            sys.exit(self._verify(env, options))

    def _verify(self, env, options):
        results = env["collection.chain"]._verify_now(options.company)
        if options.json:
            self._say(json.dumps(results) + "\n")
        else:
            for result in results:
                self._say(self._describe(result))
        if not results:
            return 2
        return int(any(result["problems"] for result in results))

    def _describe(self, result):
        head = "{company}: {events} events, {outcome}, newest seal {seal}\n".format(**result)
        return head + "".join(f"  {sentence}\n" for sentence in result["problems"])

    def _say(self, text):
        sys.stdout.write(text)
