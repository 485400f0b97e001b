from odoo import api, fields, models
from odoo.tools import SQL

from ..wording import choices_of

#: Added to a line's key where it is the rest that a payer leaves, which is a row of its own. The
#: others keep the line's key, so that a few rows are found by the index of the ledger.
REST_OFFSET = 2**30


class CollectionItem(models.Model):
    """Open items as people read them: live from the ledger, with the level each has reached.

    Nothing is stored: every list, filter, group and export reads the ledger itself.
    """

    _name = "collection.item"
    _description = "Open Item"
    _auto = False
    _rec_name = "move_name"
    _order = "date_due, id"

    line_id = fields.Many2one("account.move.line", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    move_name = fields.Char(string="Number", readonly=True)
    reference = fields.Char(readonly=True)
    move_type = fields.Selection(
        selection=choices_of("account.move", "move_type"),
        string="Type",
        readonly=True,
    )
    case_id = fields.Many2one("collection.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contact_id = fields.Many2one("res.partner", string="Branch", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    date = fields.Date(string="Document Date", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    currency_id = fields.Many2one("res.currency", readonly=True)
    role = fields.Selection(
        selection=choices_of("collection.debtor", "role"),
        string="Asked For",
        readonly=True,
        help="A payer may be asked for a share of an invoice, and the customer for the rest.",
    )
    amount_currency = fields.Monetary(
        string="Open Amount", currency_field="currency_id", readonly=True
    )
    amount = fields.Monetary(
        string="Open Amount (Company)", currency_field="company_currency_id", readonly=True
    )
    rank = fields.Integer(string="Rank Reached", readonly=True, aggregator="max")
    level_name = fields.Char(string="Level Reached", compute="_compute_level_name")
    last_reminder = fields.Date(readonly=True)
    no_followup = fields.Boolean(string="Excluded by Accounting", readonly=True)
    is_unsent = fields.Boolean(string="Never Sent", readonly=True)
    is_small = fields.Boolean(string="Small Residual", readonly=True)
    is_credit = fields.Boolean(string="Credit", readonly=True)
    is_overdue = fields.Boolean(string="Overdue", readonly=True)

    @api.depends("rank", "case_id.scenario_id")
    def _compute_level_name(self):
        """Name the level by the rank: a rank of another scenario shows as its number."""
        for item in self:
            level = item.case_id.scenario_id.level_ids.filtered(
                lambda level, rank=item.rank: level.rank == rank
            )
            item.level_name = level.name or (str(item.rank) if item.rank else False)

    def _prepare_reminder_item_vals(self):
        """Return what a reminder tells of it as it stands now."""
        self.ensure_one()
        return {
            "line_id": self.line_id.id,
            "move_id": self.move_id.id,
            "move_name": self.move_name,
            "date_due": self.date_due,
            "currency_id": self.currency_id.id,
            "amount_currency": self.amount_currency,
            "amount": self.amount,
        }

    @property
    def _table_query(self):
        ledger = self.env["collection.ledger"]
        key, rest = SQL("line.id"), SQL("line.id + %s", REST_OFFSET)
        return SQL(
            "%s UNION ALL %s",
            ledger._open_items_sql(
                SQL("%s AS id, %s", key, self._select()),
                self._joins(),
                SQL("debtor.role <> 'rest'"),
            ),
            ledger._open_items_sql(
                SQL("%s AS id, %s", rest, self._select()),
                self._joins(),
                SQL("debtor.role = 'rest'"),
            ),
        )

    @api.model
    def _select(self):
        return SQL(
            """
            line.id AS line_id, line.move_id, move.name AS move_name, move.move_type,
            COALESCE(move.ref, line.name) AS reference, debtor.case_id, line.company_id,
            line.partner_id, debtor.contact_id, cases.user_id,
            COALESCE(move.invoice_date, line.date) AS date,
            COALESCE(line.date_maturity, line.date) AS date_due,
            GREATEST(%(today)s::date - COALESCE(line.date_maturity, line.date), 0) AS days_overdue,
            line.currency_id, part.amount_currency, part.amount, debtor.role,
            COALESCE(own.rank, inherited.rank, 0) AS rank,
            COALESCE(own.last_reminder, inherited.last_reminder) AS last_reminder,
            line.no_followup, part.amount < 0 AS is_credit,
            part.amount > 0 AND COALESCE(line.date_maturity, line.date) < %(today)s::date
                AS is_overdue,
            move.move_type IN ('out_invoice', 'out_receipt')
                AND move.is_move_sent IS NOT TRUE AS is_unsent,
            ABS(part.amount) < company.collection_small_residual AS is_small
            """,
            # The reader's day: that of the database's clock is another one for hours.
            today=fields.Date.context_today(self),
        )

    @api.model
    def _joins(self):
        return SQL(
            """
            %(debtor)s
            JOIN collection_case cases ON cases.id = debtor.case_id
            JOIN res_company company ON company.id = line.company_id
            LEFT JOIN LATERAL (
                SELECT MAX(sent.rank) AS rank, MAX(reminder.decision_date) AS last_reminder
                  FROM collection_reminder_item sent
                  JOIN collection_reminder reminder ON reminder.id = sent.reminder_id
                 WHERE reminder.state = 'sent' AND sent.line_id = line.id
                   AND reminder.kind NOT IN ('voice', 'correction')
                   AND sent.correction_id IS NULL
            ) own ON TRUE
            LEFT JOIN LATERAL (
                SELECT MAX(sent.rank) AS rank, MAX(reminder.decision_date) AS last_reminder
                  FROM collection_reminder_item sent
                  JOIN collection_reminder reminder ON reminder.id = sent.reminder_id
                 WHERE reminder.state = 'sent'
                   AND sent.move_id = line.move_id
                   AND reminder.kind NOT IN ('voice', 'correction')
                   AND sent.correction_id IS NULL
                   AND reminder.create_date <= line.create_date
            ) inherited ON TRUE
            """,
            debtor=self.env["collection.debtor"]._join_sql(),
        )

    def action_open_document(self):
        self.ensure_one()
        return self.move_id.get_formview_action()
