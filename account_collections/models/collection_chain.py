import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..engine import chain

_logger = logging.getLogger(__name__)

#: Events sealed, and committed, together.
BATCH_SIZE = 5000

#: First key of the advisory lock that one sealing holds on its company.
LOCK_SPACE = 0x5345414C


class CollectionChain(models.Model):
    """The chain of seals over the evidence of a company: its end, and who checked it when.

    Events are written without a number. One job per company seals them afterwards in the
    order in which it finds them: what commits late, with a lower id, is sealed late.
    """

    _name = "collection.chain"
    _description = "Evidence Chain"
    _rec_name = "company_id"
    _order = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(string="Sealed Events", readonly=True)
    seal = fields.Char(
        string="Newest Seal",
        readonly=True,
        default=chain.GENESIS,
        help="Noted outside this database, it proves later that nothing before it was changed.",
    )
    sealed_at = fields.Datetime(string="Last Sealed", readonly=True)
    waiting = fields.Integer(string="Not Sealed Yet", compute="_compute_waiting")
    check_ids = fields.One2many("collection.chain.check", "chain_id", string="Checks")
    last_check_id = fields.Many2one(
        "collection.chain.check", readonly=True, ondelete="set null"
    )
    outcome = fields.Selection(related="last_check_id.outcome", string="Last Result")
    checked_at = fields.Datetime(related="last_check_id.ended_at", string="Last Checked")
    checked_by = fields.Many2one(related="last_check_id.user_id", string="Checked by")

    _company_unique = models.UniqueIndex("(company_id)")

    def _compute_waiting(self):
        # Its own company's, which the reader of a chain may see; only counted.
        evidence = self.env["collection.evidence"].sudo()
        counts = dict(
            evidence._read_group(
                [("company_id", "in", self.company_id.ids), ("sequence", "=", False)],
                ["company_id"],
                ["__count"],
            )
        )
        for one in self:
            one.waiting = counts.get(one.company_id, 0)

    @api.model
    def _get(self, company):
        """Return the chain of a company; there is one from the first time that it is asked for."""
        # Chains are made by whoever comes first and changed by the sealing alone.
        chains = self.sudo()
        found = chains.search([("company_id", "=", company.id)])
        return found or chains.create({"company_id": company.id})

    # === SEAL === #

    @api.model
    def _cron_seal(self):
        """Seal the new events of every company, until the time of the job is over."""
        waiting = self.env["collection.evidence"]._read_group(
            [("sequence", "=", False)], ["company_id"]
        )
        for (company,) in waiting:
            try:
                if not self._seal(company):
                    return
            except Exception:
                # What is wrong in one company keeps no other's events from being sealed.
                self.env.cr.rollback()
                _logger.exception("The evidence of %s could not be sealed", company.name)

    @api.model
    def _seal(self, company):
        """Seal what is not sealed yet, batch by batch.

        :return: False when the time of the job is over
        """
        with self.env["collection.run"]._exclusive(company, LOCK_SPACE) as free:
            if not free:
                return True
            head = self._get(company)
            while count := head._seal_batch():
                # Memory is bounded by one batch.
                self.env.invalidate_all()
                if not self.env["ir.cron"]._commit_progress(count, remaining=head.waiting):
                    return False
        return True

    def _seal_batch(self):
        """Seal the next events; return how many."""
        self.ensure_one()
        evidence = self.env["collection.evidence"]
        condition = SQL(
            "company_id = %s AND sequence IS NULL ORDER BY id", self.company_id.id
        )
        rows = evidence._read_rows(condition, BATCH_SIZE)
        if not rows:
            return 0
        sequence, seal, now = self.sequence, self.seal, fields.Datetime.now()
        sealed = []
        for row in rows:
            sequence += 1
            row |= {"sequence": sequence, "sealed_at": now}
            payload = chain.canonical(evidence._tell(row))
            seal = chain.link(seal, chain.digest(payload))
            sealed.append((row["id"], sequence, payload, seal))
        # Past the ORM, for which evidence is never changed.
        self.env.execute_query(
            SQL(
                """
                UPDATE collection_evidence evidence
                   SET sequence = sealed.sequence, payload = sealed.payload,
                       seal = sealed.seal, sealed_at = %s
                  FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[])
                       AS sealed (id, sequence, payload, seal)
                 WHERE evidence.id = sealed.id
             RETURNING evidence.id
                """,
                now,
                *map(list, zip(*sealed)),
            )
        )
        evidence.invalidate_model()
        self.write({"sequence": sequence, "seal": seal, "sealed_at": now})
        return len(rows)

    # === VERIFY === #

    def action_verify(self):
        """Ask for a check of these chains; the scheduled action does the work.

        :raises AccessError: for those who neither audit nor manage
        """
        self.check_access("read")
        if not self.env.su and not (
            self.env.user.has_group("account_collections.group_collection_readonly")
            or self.env.user.has_group("account_collections.group_collection_manager")
        ):
            raise AccessError(
                self.env._("A credit manager or an auditor verifies the evidence.")
            )
        # A check changes nothing but itself, and nobody holds the right to write one.
        check = checks = self.env["collection.chain.check"].sudo()
        for one in self:
            check = checks.search([("chain_id", "=", one.id), ("state", "!=", "done")], limit=1)
            check = check or checks.create({"chain_id": one.id, "user_id": self.env.uid})
        self.env.ref("account_collections.ir_cron_verify")._trigger()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check of the Evidence"),
            "res_model": "collection.chain.check",
            "res_id": check.id,
            "view_mode": "form",
        }

    @api.model
    def _verify_now(self, companies=None):
        """Verify at once, for the command line; the result is kept as that of a button.

        :param companies: ids of companies; all when not given
        :return: a dictionary for each company: company, events, outcome, seal, problems
        """
        domain = [("id", "in", companies)] if companies else []
        results = []
        for company in self.env["res.company"].search(domain):
            head = self._get(company)
            check = self.env["collection.chain.check"].create(
                {"chain_id": head.id, "user_id": self.env.uid}
            )
            check._verify()
            results.append(
                {
                    "company": company.name,
                    "events": check.sequence,
                    "waiting": head.waiting,
                    "outcome": check.outcome,
                    "seal": check.seal,
                    "problems": [check._say(problem) for problem in check.problems or ()],
                }
            )
        return results

    @api.model
    def action_open(self):
        """Open the chains of the user's companies; each has one from now on."""
        self.check_access("read")
        for company in self.env.companies:
            self._get(company)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_chain_action"
        )
