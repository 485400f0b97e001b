from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, formatLang

#: Days for which a person's work is remembered.
KEPT_DAYS = 30

#: Slot of activities among the rows of My Day.
ACTIVITY_SLOT = 4


class CollectionWork(models.Model):
    """What somebody did in My Day: their own tally, and what they put off until when.

    It is nobody's proof and nobody else's business: what counts for the customer is written down
    where it happened. Each sees their own rows, and they are forgotten after a month.
    """

    _name = "collection.work"
    _description = "Work Done"
    _order = "id desc"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, precompute=True)
    day = fields.Date(required=True, readonly=True)
    action = fields.Selection(
        [
            ("approve", "Approved"),
            ("withdraw", "Withdrawn"),
            ("call", "Calls"),
            ("promise", "Promises and Plans"),
            ("dispute", "Disputes"),
            ("pause", "Pauses"),
            ("statement", "Statements"),
            ("done", "Done"),
            ("later", "Put Off"),
        ],
        required=True,
        readonly=True,
    )
    res_id = fields.Integer(readonly=True, help="Record that the row stood for.")
    slot = fields.Integer(readonly=True, help="Kind of row, see the ids of My Day.")
    until = fields.Date(readonly=True, help="Day on which the row shows again.")

    _by_day = models.Index("(user_id, day)")
    _put_off = models.Index("(until) WHERE until IS NOT NULL")

    @api.model
    def _put_off_sql(self, today):
        """Return the query of (res_id, slot, until) of rows that do not show today."""
        return SQL(
            """SELECT res_id, slot, MAX(until) AS until FROM collection_work
                WHERE until > %s GROUP BY res_id, slot""",
            today,
        )

    # === TAKE BACK === #

    def _can_be_taken_back(self):
        """Return whether nothing but My Day, or nobody but its user, knows of it yet."""
        if not self:
            return False
        self.ensure_one()
        if self.until:
            return True
        if self.action == "approve":
            return self._get_reminder().state == "scheduled"
        return self.action == "done" and bool(self._get_activity())

    def _get_reminder(self):
        return self.env["collection.reminder"].browse(self.res_id)

    def _get_activity(self):
        """Return the activity that was done, where the row was one."""
        activities = self.env["mail.activity"].with_context(active_test=False)
        return activities.browse(self.res_id if self.slot == ACTIVITY_SLOT else ()).exists()

    def take_back(self):
        """Undo what the user just did.

        :raises UserError: when others know of it, or it has left
        """
        self.ensure_one()
        self.check_access("read")
        self.case_id.check_access("write")
        if not self._can_be_taken_back():
            raise UserError(self.env._("This cannot be taken back any more."))
        if self.action == "approve":
            self._get_reminder()._take_back_approval()
        elif not self.until:
            self._get_activity().active = True
        # These rows are the product's: nobody holds the right to delete them.
        self.sudo().unlink()
        return True

    # === WHAT WAS ACHIEVED === #

    @api.model
    def _get_achieved(self):
        """Return what the user did today: the number of things, and lines to read."""
        today = fields.Date.context_today(self)
        own = [("user_id", "=", self.env.uid), ("day", "=", today)]
        counts = self._read_group(own, ["action"], ["__count"])
        cases = self.search([*own, ("action", "!=", "later")]).case_id
        promised = self.env["collection.promise"]._read_group(
            [
                ("create_uid", "=", self.env.uid),
                ("date_made", "=", today),
                ("case_id", "in", cases.ids),
                ("state", "not in", ("replaced", "cancelled")),
            ],
            ["company_currency_id"],
            ["amount_company:sum"],
        )
        labels = dict(self._fields["action"]._description_selection(self.env))
        owed = [
            (currency, sum(ours.mapped("outstanding")))
            for currency, ours in cases.grouped("currency_id").items()
        ]
        lines = []
        if cases:
            lines.append(
                self.env._(
                    "Customers: %(count)s, who owe %(amount)s",
                    count=len(cases),
                    amount=self._format_amounts(owed),
                )
            )
        if promised:
            lines.append(self.env._("Promised: %s", self._format_amounts(promised)))
        lines.append(" · ".join(f"{labels[action]}: {count}" for action, count in counts))
        return {
            "count": sum(count for action, count in counts if action != "later"),
            "lines": [line for line in lines if line],
        }

    @api.model
    def _format_amounts(self, amounts):
        """Return pairs (currency, amount) as one text."""
        return ", ".join(
            formatLang(self.env, amount, currency_obj=currency) for currency, amount in amounts
        )

    @api.autovacuum
    def _gc_work(self):
        limit = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)
        over = ["|", ("until", "=", False), ("until", "<", limit)]
        self.search([("day", "<", limit), *over]).unlink()


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _get_case_references(self):
        return [*super()._get_case_references(), ("collection_work", "case_id")]
