from odoo import api, fields, models


class CollectionCorrect(models.TransientModel):
    """The form that takes a wrong reminder back: which documents, why, and in which words."""

    _name = "collection.correct"
    _description = "Correct a Reminder"

    reminder_id = fields.Many2one("collection.reminder", required=True, readonly=True)
    company_id = fields.Many2one(related="reminder_id.company_id")
    reason = fields.Char(
        required=True, help="What went wrong, for ourselves: the customer does not read it."
    )
    item_ids = fields.Many2many(
        "collection.reminder.item",
        string="Wrong Documents",
        compute="_compute_item_ids",
        store=True,
        readonly=False,
        domain="[('reminder_id', '=', reminder_id), ('correction_id', '=', False)]",
    )
    debtor_id = fields.Many2one(related="reminder_id.debtor_id")
    recipient_id = fields.Many2one(
        "res.partner",
        compute="_compute_recipient_id",
        store=True,
        readonly=False,
        required=True,
        domain="[('commercial_partner_id', '=', debtor_id)]",
    )
    is_by_hand = fields.Boolean(compute="_compute_is_by_hand")
    subject = fields.Char(compute="_compute_text", store=True, readonly=False, required=True)
    body = fields.Html(
        compute="_compute_text", store=True, readonly=False, sanitize="email_outgoing"
    )

    @api.depends("reminder_id")
    def _compute_item_ids(self):
        for form in self:
            form.item_ids = form.reminder_id._get_correctable() if form.reminder_id else False

    @api.depends("reminder_id")
    def _compute_recipient_id(self):
        for form in self:
            form.recipient_id = form.reminder_id.recipient_id or form.debtor_id

    @api.depends("recipient_id")
    def _compute_is_by_hand(self):
        for form in self:
            recipient = form.recipient_id
            form.is_by_hand = not recipient.email_normalized or recipient.collection_bounced

    @api.depends("reminder_id", "item_ids", "recipient_id")
    def _compute_text(self):
        """Written in the recipient's language, for the documents that are chosen."""
        for form in self.filtered("reminder_id"):
            lang = form.recipient_id.lang or form.reminder_id.lang
            reminder = form.reminder_id.with_context(lang=lang)
            form.subject = reminder.env._(
                "Correction: please disregard “%(subject)s”", subject=reminder.subject
            )
            form.body = reminder.env["ir.qweb"]._render(
                "account_collections.correction_body",
                {
                    "object": reminder,
                    "recipient": form.recipient_id,
                    "wrong": form.item_ids._origin,
                    "standing": reminder._get_standing(form.item_ids._origin),
                },
            )

    def action_correct(self):
        """Take it back; the message leaves within minutes, or once it is approved."""
        self.ensure_one()
        correction = self.reminder_id._correct(
            self.item_ids, self.recipient_id, self.subject, self.body, self.reason
        )
        return correction.get_formview_action()
