from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_promise import CHANNELS


class CollectionPause(models.TransientModel):
    """A promise to pay: amount and day are there already, saving it is all that is left."""

    _inherit = "collection.pause"

    currency_id = fields.Many2one("res.currency", compute="_compute_amount", store=True)
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    date_promised = fields.Date(
        string="Promised for", default=lambda self: self._default_date_promised()
    )
    contact_id = fields.Many2one("res.partner", string="Promised by")
    channel = fields.Selection(
        [channel for channel in CHANNELS if channel[0] != "plan"],
        string="How",
        default=lambda self: self._default_channel(),
    )
    sentence = fields.Text(string="What Was Said", default=lambda self: self._default_sentence())
    attachment_ids = fields.Many2many("ir.attachment", string="Proof")
    renew = fields.Boolean(string="Replace Earlier Promises")
    promised_already = fields.Char(compute="_compute_promised_already")
    bound_sentence = fields.Char(compute="_compute_is_exceptional")
    is_exceptional = fields.Boolean(compute="_compute_is_exceptional")
    exception_reason = fields.Char(string="Why beyond the Limits")

    @api.model
    def _get_kinds(self):
        return [("promise", self.env._("Promise to pay")), *super()._get_kinds()]

    def _default_date_promised(self):
        case = self._default_cases()[:1]
        return case._get_promise_day() if case else False

    def _default_channel(self):
        return "mail" if self._default_cases()[:1].unanswered_since else "call"

    def _default_sentence(self):
        """What the customer wrote, when the promise answers our letter."""
        case = self._default_cases()
        return self.env["collection.promise"]._get_last_words(case) if len(case) == 1 else False

    def _get_promised(self):
        """Return the items that are promised: what is overdue and free, when none is chosen."""
        self.ensure_one()
        case = self.case_id._origin
        items = self.item_ids._origin
        if items or not case:
            return items
        today = case.company_id._collection_today()
        return self.env["collection.promise"]._get_overdue(case, today)

    @api.depends("item_ids", "case_ids")
    def _compute_amount(self):
        """All that is open on the items."""
        promise = self.env["collection.promise"]
        for pause in self:
            case, items = pause.case_id._origin, pause._get_promised()
            currency = promise._get_currency(items) or case.currency_id
            pause.currency_id = currency
            pause.amount = sum(promise._get_open_amount(item, currency) for item in items)

    @api.depends("item_ids", "case_ids", "kind")
    def _compute_promised_already(self):
        """Name the promises that a new one would replace."""
        for pause in self:
            lines = pause._get_promised().line_id
            found = self.env["collection.promise"]._get_open(lines).sudo()
            pause.promised_already = ", ".join(found.mapped("display_name"))

    @api.depends("date_promised", "case_ids", "item_ids", "kind")
    def _compute_is_exceptional(self):
        """Whether the day is beyond what the company allows, or crosses one that binds us."""
        promise = self.env["collection.promise"]
        for pause in self:
            day, company = pause.date_promised, pause.case_ids[:1].company_id
            limit = fields.Date.add(
                fields.Date.context_today(self), days=company.collection_promise_days
            )
            bound = None
            if day and pause.kind == "promise":
                bound = promise._get_bound(pause._get_promised().line_id, day)
            pause.bound_sentence = bound and bound.sentence
            pause.is_exceptional = bool(bound or day and day > limit)

    def _apply_promise(self):
        if len(self.case_ids) != 1:
            raise UserError(
                self.env._("A promise is of one customer: these items belong to several.")
            )
        self.env["collection.promise"]._make(
            self.case_ids,
            self.amount,
            self.date_promised,
            self.item_ids or None,
            renew=self.renew,
            contact_id=self.contact_id.id,
            channel=self.channel,
            sentence=self.sentence,
            attachment_ids=self.attachment_ids,
            note=self.note,
            user_id=self.user_id.id,
            exception_reason=self.exception_reason,
        )
