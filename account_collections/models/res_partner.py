from odoo import api, fields, models
from odoo.fields import Domain

from .collection_level import CONTACT_ROLES


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_role = fields.Selection(
        CONTACT_ROLES,
        string="Role in Collections",
        help="Which reminders this contact receives.",
    )
    collection_case_ids = fields.One2many(
        "collection.case", "partner_id", groups="account_collections.group_collection_readonly"
    )
    collection_situation = fields.Html(
        compute="_compute_collection_situation",
        sanitize=False,
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    @api.depends_context("allowed_company_ids", "lang")
    def _compute_collection_situation(self):
        """Tell an accountant, who may have no role in collections, where a customer stands."""
        for partner in self:
            # Read-only, of the user's own companies, through a template that shows figures,
            # scenario and sentence: no message, no evidence.
            case = self.env["collection.case"].sudo().search(partner._get_collection_domain())
            partner.collection_situation = bool(case) and self.env["ir.qweb"]._render(
                "account_collections.situation",
                {"cases": case, "partner": partner.commercial_partner_id},
            )

    def _get_collection_domain(self):
        """Return the cases in which a customer, or one of its branches, is dunned."""
        self.ensure_one()
        customer = self.commercial_partner_id._origin
        return [
            "|",
            ("partner_id", "=", customer.id),
            ("debtor_ids.partner_id", "=", customer.id),
            ("company_id", "in", self.env.companies.ids),
        ]

    @api.model
    def _search_by_cases(self, name, operator, value):
        """Search customers by a figure of their cases.

        :param str name: field of ``collection.case``; that it is empty, or zero, may be asked
        """
        # Customers that the user sees, whoever sees their cases.
        cases = self.env["collection.case"].sudo()
        ours = Domain("company_id", "in", self.env.companies.ids)
        if operator == "in" and not any(value):
            found = cases._search(ours & Domain(name, "!=", False))
            return [("id", "not in", found.subselect("partner_id"))]
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        found = cases._search(ours & Domain(name, operator, value))
        return [("id", "in", found.subselect("partner_id"))]

    def action_open_collection_cases(self):
        """Open the customer's case, or all where several companies or branches dun it."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_case_action"
        )
        cases = self.env["collection.case"].search(self._get_collection_domain())
        if len(cases) == 1:
            action.update({"views": [(False, "form")], "res_id": cases.id})
        return {**action, "domain": [("id", "in", cases.ids)], "context": {}}
