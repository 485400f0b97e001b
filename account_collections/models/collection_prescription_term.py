from odoo import api, fields, models

from ..engine import prescription
from .res_partner_interest import BUSINESS, CONSUMER


class CollectionPrescriptionTerm(models.Model):
    """How long the law of a country lets a debt be claimed in court; people keep this table."""

    _name = "collection.prescription.term"
    _description = "Term of Prescription"
    _order = "country_id, legal_form, date_from desc"

    country_id = fields.Many2one("res.country", required=True)
    legal_form = fields.Selection(
        [(BUSINESS, "Business"), (CONSUMER, "Consumer")],
        string="Customer",
        help="Empty: both. A customer of whom nobody knows has the shorter term.",
    )
    date_from = fields.Date(
        string="In Force from", required=True, help="For debts that arose on or after this day."
    )
    years = fields.Integer(required=True)
    start = fields.Selection(
        [
            (prescription.COMPLETION, "Delivery, else invoice"),
            (prescription.DUE, "Due date"),
            (prescription.YEAR_END, "End of the year of the due date"),
        ],
        string="Runs from",
        default=prescription.DUE,
        required=True,
    )
    title_years = fields.Integer(
        string="Years after a Judgment", help="0: the same as without a judgment."
    )
    by_payment = fields.Boolean(
        string="Part-Payment Interrupts", default=True, help="It acknowledges the debt."
    )
    by_notice = fields.Boolean(string="Formal Notice Interrupts")
    source = fields.Char(string="Legal Source")

    _positive = models.Constraint(
        "CHECK (years > 0 AND title_years >= 0)", "A term of prescription is a year at least."
    )
    _country_unique = models.UniqueIndex(
        "(country_id, COALESCE(legal_form, ''), date_from)", "A country has one law at a time."
    )

    @api.depends("country_id", "legal_form", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        forms = dict(self._fields["legal_form"]._description_selection(self.env))
        for term in self:
            words = (term.country_id.name, forms.get(term.legal_form), term.date_from)
            term.display_name = ", ".join(str(word) for word in words if word)

    @api.model
    def _get_finder(self, country):
        """Return a function of (legal form, day a debt arose): its term, None without one."""
        terms = self.search([("country_id", "=", country.id)], order="date_from desc, years, id")
        facts = [
            (
                term.date_from,
                term.legal_form,
                prescription.Term(
                    term.years, term.start, term.title_years, term.by_payment, term.by_notice
                ),
            )
            for term in terms
        ]

        def find(form, day):
            found = [
                (own == form, term)
                for start, own, term in facts
                if start <= day and (not own or not form or own == form)
            ]
            if form:
                # The law on this very kind of customer goes before the one on both.
                own = [term for is_own, term in found if is_own]
                return (own or [term for _own, term in found] or [None])[0]
            return min((term for _own, term in found), key=lambda one: one.years, default=None)

        return find
