from odoo import Command, api, fields, models
from odoo.exceptions import UserError

#: Items offered at once; the list of open items opens a dispute on any others.
OFFERED = 80


class CollectionDisputeOpen(models.TransientModel):
    """The dialog that opens a dispute: which items or invoice lines, how much, and why."""

    _name = "collection.dispute.open"
    _description = "Open a Dispute"

    case_id = fields.Many2one("collection.case", string="Customer", required=True)
    company_id = fields.Many2one(related="case_id.company_id")
    reason_id = fields.Many2one(
        "collection.dispute.reason",
        required=True,
        domain="[('company_id', 'in', [False, company_id])]",
    )
    description = fields.Text(string="What the Customer Says")
    date_opened = fields.Date(
        string="Received on", required=True, default=fields.Date.context_today
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: as the reason says.",
    )
    message_id = fields.Many2one(
        "mail.message",
        string="Customer's Message",
        domain="[('model', '=', 'collection.case'), ('res_id', '=', case_id), "
        "('message_type', '=', 'email')]",
        help="Repeated in the dispute, for an owner who does not see the case.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")
    line_ids = fields.One2many("collection.dispute.open.line", "wizard_id")

    @api.model
    def default_get(self, fields_list):
        """Offer the items chosen in a list, the lines of an invoice, or the case's debts."""
        values = super().default_get(fields_list)
        case = self.env["collection.case"].browse(values.get("case_id"))
        if case and "line_ids" in fields_list:
            context = self.env.context
            if move := self.env["account.move"].browse(context.get("dispute_move_id")).exists():
                lines = self._prepare_invoice_lines(move)
            else:
                lines = self._prepare_items(case, context.get("dispute_item_ids"))
            values["line_ids"] = [Command.create(line) for line in lines]
            if message := self._get_last_message(case):
                values["message_id"] = message.id
        return values

    @api.model
    def _get_last_message(self, case):
        """Return the customer's message that waits for an answer."""
        if not case.unanswered_since:
            return self.env["mail.message"]
        return self.env["mail.message"].search(
            [
                ("model", "=", "collection.case"),
                ("res_id", "=", case.id),
                ("message_type", "=", "email"),
            ],
            limit=1,
        )

    @api.model
    def _prepare_items(self, case, chosen):
        """Return the values of the lines for the case's open debts, or those chosen."""
        domain = [("case_id", "=", case.id), ("is_credit", "=", False)]
        if chosen:
            domain += [("line_id", "in", chosen)]
        items = self.env["collection.item"].search(domain, limit=None if chosen else OFFERED)
        return [
            {
                "line_id": item.line_id.id,
                "selected": bool(chosen),
                "amount_currency": item.amount_currency - item.disputed_currency,
            }
            for item in items
        ]

    @api.model
    def _prepare_invoice_lines(self, move):
        return [
            {"invoice_line_id": line.id, "amount_currency": line.price_total}
            for line in move.invoice_line_ids
            if line.display_type == "product" and line.price_total > 0
        ]

    def action_open(self):
        """Open the dispute and show it.

        :raises UserError: when nothing is chosen, or what is chosen cannot be disputed
        """
        self.ensure_one()
        chosen = self.line_ids.filtered("selected")
        if not chosen:
            raise UserError(self.env._("Choose what is disputed."))
        if len(chosen.source_id.company_id | self.company_id) > 1:
            raise UserError(self.env._("The items belong to another company than the case."))
        dispute = self.env["collection.dispute"].create(
            {
                "case_id": self.case_id.id,
                "reason_id": self.reason_id.id,
                "description": self.description,
                "date_opened": self.date_opened,
                "user_id": self.user_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "line_id": line.line_id.id,
                            "invoice_line_id": line.invoice_line_id.id,
                            "amount_currency": line.amount_currency,
                        }
                    )
                    for line in chosen
                ],
            }
        )
        if self.message_id:
            dispute._take_over_message(self.message_id)
        if self.attachment_ids:
            dispute.message_post(attachment_ids=self.attachment_ids.ids)
        return dispute._show()


class CollectionDisputeOpenLine(models.TransientModel):
    """An item or invoice line that may be disputed."""

    _name = "collection.dispute.open.line"
    _description = "Item to Dispute"

    wizard_id = fields.Many2one("collection.dispute.open", required=True, ondelete="cascade")
    selected = fields.Boolean(string="Disputed")
    line_id = fields.Many2one("account.move.line", string="Item")
    invoice_line_id = fields.Many2one("account.move.line")
    source_id = fields.Many2one("account.move.line", compute="_compute_source")
    move_name = fields.Char(string="Document", compute="_compute_source")
    description = fields.Char(compute="_compute_source")
    date_due = fields.Date(string="Due Date", compute="_compute_source")
    currency_id = fields.Many2one("res.currency", compute="_compute_source")
    amount_open = fields.Monetary(
        string="Open Amount", compute="_compute_source", currency_field="currency_id"
    )
    amount_currency = fields.Monetary(
        string="Disputed Amount", currency_field="currency_id"
    )

    @api.depends("line_id", "invoice_line_id")
    def _compute_source(self):
        for line in self:
            product, item = line.invoice_line_id, line.line_id
            source = product or item
            line.source_id = source
            line.move_name = source.move_id.name
            text = product.name or item.move_id.ref or item.name
            # Of an item without words of its own the number says enough.
            line.description = text if text != line.move_name else False
            line.date_due = item.date_maturity or source.move_id.invoice_date_due
            line.currency_id = source.currency_id
            line.amount_open = product.price_total or item.amount_residual_currency

    @api.onchange("amount_currency")
    def _onchange_amount(self):
        """Who gives an amount means it."""
        if self._origin.amount_currency != self.amount_currency and self.amount_currency:
            self.selected = True
