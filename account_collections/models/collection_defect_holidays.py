from odoo import api, fields, models
from odoo.tools import SQL


class CollectionDefect(models.Model):
    """A country without a calendar of public holidays: the company's own counts alone."""

    _inherit = "collection.defect"

    kind = fields.Selection(selection_add=[("no_holidays", "Public holidays not known")])

    @api.model
    def _get_conditions(self):
        return {
            **super()._get_conditions(),
            "no_holidays": SQL(
                """EXISTS (SELECT FROM res_country country
                             JOIN res_company company ON company.id = cases.company_id
                            WHERE country.id = partner.country_id
                              AND company.collection_public_holidays
                              AND country.code <> ALL(%s))""",
                self.env["collection.holidays"]._get_known_countries(),
            ),
        }
