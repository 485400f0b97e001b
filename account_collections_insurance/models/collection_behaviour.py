from odoo import api, models


class CollectionBehaviour(models.Model):
    _inherit = "collection.behaviour"

    # EXTENDS 'account_collections'
    @api.model
    def _get_grades(self, company, partners):
        """The grades of insurers; of several, the worst."""
        grades = super()._get_grades(company, partners)
        buyers = self.env["collection.insurance.buyer"].search([("company_id", "=", company.id)])
        for buyer in buyers:
            grade = buyer._normalise_grade()
            if grade is not None:
                for partner in buyer.partner_ids.ids:
                    grades[partner] = min(float(grade) / 100, grades.get(partner, 1.0))
        return grades
