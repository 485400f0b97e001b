from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.monthly import DAY_OF_NEXT, END_OF_MONTH, StatementTerm


class ResCompany(models.Model):
    """How a company groups its debtors; a change takes effect with the next run."""

    _inherit = "res.company"

    collection_split = fields.Selection(
        [("central", "Centrally"), ("branch", "Each branch by itself")],
        string="Customers with Branches",
        default="central",
        required=True,
        help="By itself: the contact of an invoice is dunned for it, where it is not the "
        "customer itself. Payments without a branch cover the oldest items of all branches.",
    )
    collection_group = fields.Boolean(
        string="Dun Groups Together",
        help="Customers with the same SIREN, or with the same group head, receive one reminder; "
        "a formal notice still goes to each legal entity.",
    )
    collection_grouping = fields.Selection(
        [("invoice", "By invoice"), ("statement", "By monthly statement")],
        string="Due Dates Counted",
        default="invoice",
        required=True,
        help="By monthly statement: the items of a month fall due together, none before its "
        "own due date.",
    )
    collection_statement_kind = fields.Selection(
        [
            (END_OF_MONTH, "Days after the end of the month"),
            (DAY_OF_NEXT, "On a day of the following month"),
        ],
        string="Statements Fall Due",
        default=END_OF_MONTH,
        required=True,
    )
    collection_statement_days = fields.Integer(
        string="Days or Day", default=30, help="Days after the end of the month, or that day."
    )
    collection_lead_id = fields.Many2one(
        "res.company",
        string="Lead Company",
        help="Duns, for all, the customers who owe this company and another with the same lead. "
        "Who works there sees these items. Empty: each company duns by itself, on different "
        "days.",
    )

    _collection_statement_days = models.Constraint(
        "CHECK (collection_statement_days BETWEEN 0 AND 180)",
        "A monthly statement falls due 0 to 180 days after its month.",
    )

    @api.constrains("collection_lead_id")
    def _check_collection_lead(self):
        for company in self.filtered("collection_lead_id"):
            lead = company.collection_lead_id
            led = self.sudo().search([("collection_lead_id", "=", company.id)], limit=1)
            if lead == company or lead.collection_lead_id or led:
                raise ValidationError(
                    self.env._(
                        "%(lead)s cannot lead %(company)s: a lead is another company, and has no "
                        "lead itself.",
                        lead=lead.name,
                        company=company.name,
                    )
                )

    def _collection_cluster(self):
        """Return the companies that are dunned for together with this one, itself included."""
        self.ensure_one()
        # Which companies share a lead is no secret of theirs.
        company = self.sudo()
        lead = company.collection_lead_id or company
        return lead | self.sudo().search([("collection_lead_id", "=", lead.id)])

    def _collection_statement_term(self):
        """Return the engine's view of when monthly statements fall due."""
        return StatementTerm(self.collection_statement_kind, self.collection_statement_days)
