from base64 import b64decode

from odoo import Command, fields, models
from odoo.addons.account_collections.wording import choices_of
from odoo.exceptions import UserError

ACCEPTED, CHANGED, UNCHANGED, REJECTED = "accepted", "changed", "unchanged", "rejected"

STATUSES = [
    (ACCEPTED, "New buyer"),
    (CHANGED, "Changed"),
    (UNCHANGED, "Unchanged"),
    (REJECTED, "Rejected"),
]

#: What tells a buyer, the surest first.
NUMBERS = ("insurer_ref", "registration", "vat", "code")

#: Rows of each status that the preview lists; all of them are counted.
SHOWN = 200

#: Rows entered by the button itself; more are entered in the background.
AT_ONCE = 2000

#: Decisions created together.
BATCH_SIZE = 1000


class CollectionInsuranceImport(models.TransientModel):
    """A file of limits: read, shown next to what is known, entered as one."""

    _name = "collection.insurance.import"
    _description = "Import Limits"

    policy_id = fields.Many2one(
        "collection.insurance.policy",
        required=True,
        default=lambda self: self._get_only_policy(),
        domain="[('company_id', 'in', allowed_company_ids)]",
    )
    insurer_id = fields.Many2one(related="policy_id.insurer_id")
    file = fields.Binary(string="CSV or Excel File", required=True)
    file_name = fields.Char()
    source = fields.Char(readonly=True, help="Where a file comes from that nobody chose here.")
    state = fields.Selection(
        [("file", "File"), ("preview", "Preview")], default="file", required=True
    )
    line_ids = fields.One2many(
        "collection.insurance.import.line", "import_id", string="Rows", readonly=True
    )
    accepted_count = fields.Integer(string="New Buyers", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    unchanged_count = fields.Integer(string="Unchanged", readonly=True)
    rejected_count = fields.Integer(string="Rejected", readonly=True)

    def _get_content(self):
        return b64decode(self.file or b"")

    def _get_only_policy(self):
        policies = self.env["collection.insurance.policy"].search([], limit=2)
        return policies if len(policies) == 1 else False

    # === ACTIONS === #

    def action_preview(self):
        """Show what the file would change."""
        self.ensure_one()
        groups = self._group_by_status(self._compare(self._read_rows()))
        shown = [one for status, _label in STATUSES for one in groups[status][:SHOWN]]
        self.write(
            {
                "state": "preview",
                "line_ids": [
                    Command.clear(),
                    *(Command.create(self._prepare_line_vals(one)) for one in shown),
                ],
                **{f"{status}_count": len(groups[status]) for status, _label in STATUSES},
            }
        )
        return self._reopen()

    def action_back(self):
        self.ensure_one()
        self.write({"state": "file", "line_ids": [Command.clear()]})
        return self._reopen()

    def action_open_insurer(self):
        """Open what is chosen of the insurer's files: columns, words, order of dates."""
        self.ensure_one()
        return self.insurer_id.get_formview_action()

    def action_import(self):
        """Enter all rows that are not rejected; many of them are entered in the background.

        :raises UserError: when there is nothing to enter
        """
        self.ensure_one()
        if self.accepted_count + self.changed_count > AT_ONCE:
            return self._queue()
        groups = self._enter()
        if not groups[ACCEPTED] and not groups[CHANGED]:
            raise UserError(self.env._("The file changes nothing."))
        action = self.policy_id.action_open_buyers()
        return {**action, "target": "main"}

    def _queue(self):
        """Have the file entered by the scheduled action, and show how far it is."""
        file = self.env["collection.insurance.file"]._receive(
            self.policy_id, self.file_name or "limits", self._get_content(), "upload"
        )
        return {**file.get_formview_action(), "target": "main"}

    # === ENTERING === #

    def _enter(self, progress=None):
        """Enter all rows that are not rejected, in one transaction, whatever was shown before.

        :param progress: is called with the number of rows entered, and of all there are to enter
        :return: findings by status
        """
        self.ensure_one()
        self.policy_id.check_access("write")
        # Two imports at once would enter a decision twice: the second one is refused, and fails
        # when it began before the first was done, because the policy changed.
        self.policy_id.lock_for_update(allow_referencing=True)
        self.policy_id.imported_at = fields.Datetime.now()
        groups = self._group_by_status(self._compare(self._read_rows()))
        news = groups[ACCEPTED] + groups[CHANGED]
        self._change_buyers(groups[CHANGED])
        self._create_buyers(groups[ACCEPTED])
        # A buyer with several rows has one history: all of it is read before any is entered.
        history = self._read_history(news)
        for start in range(0, len(news), BATCH_SIZE):
            self._create_decisions(news[start : start + BATCH_SIZE], history)
            if progress:
                progress(min(start + BATCH_SIZE, len(news)), len(news))
        if news:
            self._log(groups)
        return groups

    # === STEPS === #

    def _change_buyers(self, findings):
        """Write what rows add to known buyers; those with the same news together."""
        changes = {}
        for finding in findings:
            for name, value in self._prepare_buyer_changes(
                finding.row.values, finding.buyer
            ).items():
                changes.setdefault((name, value), []).append(finding.buyer.id)
        for (name, value), buyers in changes.items():
            self.env["collection.insurance.buyer"].browse(buyers).write({name: value})

    def _create_buyers(self, findings):
        """Create the buyers that are new, once each: several rows may be about one."""
        fresh = {}
        for finding in findings:
            values = finding.row.values
            key = self._places(*(values.get(name) for name in NUMBERS))[0]
            fresh.setdefault(key, []).append(finding)
        # Nobody reads in the chatter of each of them that it was created.
        buyers = (
            self.env["collection.insurance.buyer"]
            .with_context(tracking_disable=True)
            .create([self._prepare_buyer_vals(group) for group in fresh.values()])
        )
        for buyer, group in zip(buyers, fresh.values()):
            for finding in group:
                finding.buyer = buyer

    def _prepare_buyer_vals(self, findings):
        told = {}
        for finding in findings:
            told.update({key: value for key, value in finding.row.values.items() if value})
        return {
            "policy_id": self.policy_id.id,
            "name": told.get("name") or next(told[name] for name in NUMBERS if name in told),
            **{name: told.get(name) for name in (*NUMBERS, "grade")},
        }

    def _read_history(self, findings):
        buyers = self.env["collection.insurance.buyer"].browse(
            {finding.buyer.id for finding in findings}
        )
        return self.env["collection.insurance.decision"]._read_facts(buyers)

    def _create_decisions(self, findings, history):
        self.env["collection.insurance.decision"].create(
            [
                self._prepare_decision_vals(one)
                for one in findings
                # a row may only bring a new grade
                if not self._is_known(one.row.values, history.get(one.buyer.id, ()))
            ]
        )

    def _prepare_decision_vals(self, finding):
        values = finding.row.values
        is_request = values["kind"] == "requested"
        requested = values.get("amount_requested", values["amount"] if is_request else 0)
        return {
            "buyer_id": finding.buyer.id,
            "kind": values["kind"],
            "amount": 0 if is_request else float(values["amount"]),
            "amount_requested": float(requested),
            "temporary": values["temporary"],
            "date_announced": values["announced"],
            "date_effective": values["effective"],
            "date_until": values.get("until"),
            "reference": values.get("reference"),
            "conditions": values.get("conditions"),
            "source": self.source or self.file_name,
        }

    def _prepare_line_vals(self, finding):
        row, values = finding.row, finding.row.values
        numbers = [values[name] for name in ("name", *NUMBERS) if values.get(name)]
        return {
            "number": row.number,
            "status": finding.status,
            "name": finding.buyer.name or next(iter(map(str, numbers)), ""),
            "kind": values.get("kind"),
            "amount": float(values.get("amount") or 0),
            "date_effective": values.get("effective"),
            "problem": "; ".join(self._explain_problem(one) for one in row.problems),
        }

    def _log(self, groups):
        """Keep the file, and what came of it, with the policy."""
        self.policy_id.message_post(
            body=self.env._(
                "Limits imported from %(file)s: %(accepted)s new buyers, %(changed)s rows with "
                "changes, %(unchanged)s unchanged, %(rejected)s rejected.",
                file=self.source or self.file_name or "",
                **{status: len(groups[status]) for status, _label in STATUSES},
            ),
            attachments=[(self.file_name or "limits", self._get_content())],
        )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Limits"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }


class CollectionInsuranceImportLine(models.TransientModel):
    """A row of the file in the preview."""

    _name = "collection.insurance.import.line"
    _description = "Row of a File of Limits"
    _order = "number"

    import_id = fields.Many2one(
        "collection.insurance.import", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="import_id.policy_id.currency_id")
    number = fields.Integer(string="Row", readonly=True)
    status = fields.Selection(STATUSES, readonly=True)
    name = fields.Char(string="Buyer", readonly=True)
    kind = fields.Selection(
        selection=choices_of("collection.insurance.decision", "kind"),
        string="Decision",
        readonly=True,
    )
    amount = fields.Monetary(readonly=True)
    date_effective = fields.Date(string="In Effect from", readonly=True)
    problem = fields.Char(string="Why", readonly=True)
