from odoo import api, fields, models

from ..engine.calendar import Closing


class CollectionQuietDay(models.Model):
    """Days on which nothing reaches the customers: a company's own, or one customer's."""

    _name = "collection.quiet.day"
    _description = "Quiet Days"
    _order = "date_from, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self._default_company(),
        help="Leave empty for the closing days of a customer that count for all companies.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="cascade",
        help="Leave empty for days on which nobody is written to.",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    yearly = fields.Boolean(string="Every Year", help="The same days, every year again.")

    _dates_ordered = models.Constraint(
        "CHECK (date_to >= date_from)", "Quiet days end on or after the day they begin."
    )
    _yearly_short = models.Constraint(
        "CHECK (NOT yearly OR date_to - date_from < 366)",
        "Days of every year are less than a year.",
    )
    _belongs = models.Constraint(
        "CHECK (company_id IS NOT NULL OR partner_id IS NOT NULL)",
        "Quiet days are those of a company or of a customer.",
    )

    @api.model
    def _default_company(self):
        """A customer is closed for all companies, our own days are those of one."""
        if self.env.context.get("default_partner_id"):
            return False
        return self.env.company

    @api.onchange("date_from")
    def _onchange_date_from(self):
        if self.date_from and (not self.date_to or self.date_to < self.date_from):
            self.date_to = self.date_from

    @api.model
    def _get_closings(self, company, partner_ids):
        """Return {partner id, or None for all: its closings} that count for ``company``."""
        # A collector may decide a case without rights on these days.
        days = self.sudo().search(
            [
                ("company_id", "in", (False, company.id)),
                ("partner_id", "in", [False, *partner_ids]),
            ]
        )
        found = {}
        for day in days:
            closing = Closing(day.date_from, day.date_to, day.yearly)
            found.setdefault(day.partner_id.id or None, []).append(closing)
        return found
