from odoo import api, fields, models

from ..models.collection_call import INBOUND, OUTBOUND


class CollectionCallNote(models.TransientModel):
    """The form of a call's result: from a case, a reminder, an activity or My Day."""

    _name = "collection.call.note"
    _description = "Result of a Call"

    case_id = fields.Many2one("collection.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="case_id.currency_id")
    reminder_id = fields.Many2one(
        "collection.reminder", compute="_compute_reminder_id", store=True, readonly=False
    )
    activity_id = fields.Many2one("mail.activity")
    direction = fields.Selection(
        [(OUTBOUND, "We called"), (INBOUND, "The customer called")],
        default=OUTBOUND,
        required=True,
    )
    result = fields.Selection(
        selection=lambda self: self.env["collection.call"]._get_results(), required=True
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Spoken To",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', debtor_id)]",
    )
    debtor_id = fields.Many2one(related="case_id.partner_id")
    called_at = fields.Datetime(
        string="When", required=True, default=lambda self: fields.Datetime.now()
    )
    duration = fields.Float(string="Minutes")
    note = fields.Text()
    call_back_at = fields.Datetime()
    promised_amount = fields.Monetary(
        string="Amount", compute="_compute_promised_amount", store=True, readonly=False
    )
    promised_date = fields.Date(string="Pays On")
    call_sheet = fields.Html(compute="_compute_call_sheet", sanitize=False)
    script = fields.Html(related="reminder_id.body")
    item_ids = fields.One2many(related="case_id.item_ids")

    @api.depends("case_id")
    def _compute_reminder_id(self):
        """A call that the scenario asks for is made by whichever way its result is noted."""
        for note in self:
            note.reminder_id = note.reminder_id or note.case_id._get_open_call()

    @api.depends("case_id", "reminder_id")
    def _compute_contact_id(self):
        for note in self:
            numbers = note.case_id._get_call_numbers(note._get_role())
            note.contact_id = next(
                (contact for contact, number in numbers if number.link), note.case_id.partner_id
            )

    @api.depends("result")
    def _compute_promised_amount(self):
        """All that is overdue, unless the customer says otherwise."""
        for note in self:
            promised = note.result == "will_pay" and (note.promised_amount or note.case_id.overdue)
            note.promised_amount = promised or 0.0

    @api.depends_context("lang", "tz")
    @api.depends("case_id", "reminder_id")
    def _compute_call_sheet(self):
        for note in self:
            sheet = note.case_id._get_call_sheet(note._get_role(), note.reminder_id.call_after)
            note.call_sheet = self.env["ir.qweb"]._render("account_collections.call_sheet", sheet)

    def _get_role(self):
        return self.reminder_id.level_id.recipient_role or "invoice"

    def action_note(self):
        """Note the call; what follows from its result is the call's own matter."""
        self.ensure_one()
        self.env["collection.call"]._note(
            self.case_id,
            self.activity_id or None,
            **self._prepare_call_vals(),
        )
        return {"type": "ir.actions.act_window_close"}

    def _prepare_call_vals(self):
        """Return the values of the call; of amounts and dates those that its result asks for."""
        self.ensure_one()
        phones = self.env["collection.phone"]
        number = self.contact_id.phone and phones._get_number(self.contact_id)
        will_pay = self.result == "will_pay"
        return {
            "reminder_id": self.reminder_id.id,
            "direction": self.direction,
            "result": self.result,
            "called_at": self.called_at,
            "duration": self.duration,
            "contact_id": self.contact_id.id,
            "number": number.shown if number else False,
            "note": self.note,
            "call_back_at": self.result == "call_back" and self.call_back_at,
            "promised_amount": will_pay and self.promised_amount,
            "promised_date": will_pay and self.promised_date,
        }
