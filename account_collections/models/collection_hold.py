from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .collection_defaults import without_defaults

HOLD_REASONS = [
    ("waiting_document", "Waiting for a document"),
    ("waiting_payment", "Payment announced"),
    ("paid", "Paid already, says the customer"),
    ("internal", "Internal check"),
    ("commercial", "Commercial discussion"),
    ("other", "Other"),
]

#: Written by the product: whether it was ended early, and whether its owner was told.
PROTECTED = {"lifted_on", "announced"}


class CollectionHold(models.Model):
    """A pause of a case with a reason, an owner and an end: never for ever."""

    _name = "collection.hold"
    _description = "Collection Hold"
    _order = "date_end desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "collection.case", required=True, ondelete="cascade", index=True, check_company=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    reason = fields.Selection(HOLD_REASONS, required=True)
    note = fields.Char()
    user_id = fields.Many2one(
        "res.users", string="Owner", required=True, default=lambda self: self.env.user
    )
    date_start = fields.Date(required=True, default=fields.Date.context_today)
    date_end = fields.Date(string="Until", required=True)
    lifted_on = fields.Date(readonly=True, help="Day on which a person ended it early.")
    announced = fields.Boolean(readonly=True, help="Its end was announced to the owner.")

    _dates_ordered = models.Constraint(
        "CHECK (date_end >= date_start)", "A pause ends on or after the day it starts."
    )

    @api.constrains("date_start", "date_end", "case_id")
    def _check_length(self):
        for hold in self:
            longest = hold.company_id.collection_max_pause_days
            if longest and (hold.date_end - hold.date_start).days > longest:
                raise ValidationError(
                    self.env._("A pause lasts %(days)s days at most.", days=longest)
                )

    @api.depends_context("lang")
    @api.depends("reason", "date_end")
    def _compute_display_name(self):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for hold in self:
            hold.display_name = self.env._(
                "%(reason)s until %(date)s",
                reason=labels.get(hold.reason, ""),
                date=format_date(self.env, hold.date_end),
            )

    @api.model_create_multi
    def create(self, vals_list):
        model = self
        if not self.env.su:
            self._check_writable({name for vals in vals_list for name in vals})
            model = without_defaults(self, PROTECTED)
        holds = super(CollectionHold, model).create(vals_list)
        holds.user_id._check_colleague()
        return holds

    def write(self, vals):
        """A pause stays within the cases of its user, and its end is announced to a colleague.

        :raises AccessError: when it would move to a case that the user may not see
        """
        if not self.env.su:
            self._check_writable(set(vals))
        result = super().write(vals)
        self.check_access("write")
        if "user_id" in vals:
            self.user_id._check_colleague()
        return result

    @api.model
    def _check_writable(self, names):
        if PROTECTED & names:
            raise UserError(self.env._("This is not changed by hand: use the buttons."))

    def _lift(self, today):
        """End pauses early; they hold no more from ``today`` on."""
        self.check_access("write")
        # Protected fields: only this and the run write them.
        self.sudo().filtered(lambda hold: not hold.lifted_on).write(
            {"lifted_on": today, "announced": True}
        )

    @api.model
    def _announce_ended(self, company, today):
        """Give the owner of each pause that ended a task to look at the case."""
        done = self.search(
            [
                ("company_id", "=", company.id),
                ("date_end", "<", today),
                ("announced", "=", False),
            ]
        )
        for hold in done:
            hold.case_id.activity_schedule(
                "mail.mail_activity_data_todo",
                today,
                summary=self.env._("A pause ended: what next?"),
                note=hold.note or "",
                user_id=(hold.user_id._get_collection_substitute(today) or hold.user_id).id,
            )
        done.sudo().announced = True
