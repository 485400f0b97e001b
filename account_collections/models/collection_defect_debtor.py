from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner_debtor import SIREN_COUNTRIES


class CollectionDefect(models.Model):
    """What is wrong with who is dunned: the next rule applied instead."""

    _inherit = "collection.defect"

    kind = fields.Selection(
        selection_add=[
            ("wrong_siren", "SIREN or SIRET with a wrong check digit"),
            ("head_unusable", "Group head archived or of another company"),
            ("payer_unusable", "Payer archived or of another company"),
        ]
    )

    # EXTENDS 'account_collections'
    @api.model
    def _get_conditions(self):
        countries = [code for code in SIREN_COUNTRIES if code]
        return {
            **super()._get_conditions(),
            "wrong_siren": SQL(
                r"""partner.collection_siren IS NULL
                    AND REGEXP_REPLACE(partner.company_registry, '[\s.]', '', 'g')
                        ~ '^(\d{9}|\d{14})$'
                    AND EXISTS (SELECT FROM res_country country
                                 WHERE country.id = partner.country_id
                                   AND country.code = ANY(%s))""",
                countries,
            ),
            "head_unusable": SQL(
                """EXISTS (SELECT FROM collection_debtor debtor
                             JOIN res_company company ON company.id = debtor.company_id
                                                     AND company.collection_group
                             JOIN res_partner member ON member.id = debtor.partner_id
                             JOIN res_partner head ON head.id = member.collection_head_id
                            WHERE debtor.case_id = cases.id AND NOT (%s))""",
                self.env["collection.route"]._usable_sql("head"),
            ),
            "payer_unusable": SQL(
                """EXISTS (SELECT FROM collection_debtor debtor
                             JOIN res_company company ON company.id = debtor.company_id
                             JOIN res_partner member ON member.id = debtor.partner_id
                             JOIN res_partner payer
                               ON payer.id IN (debtor.payer_id, member.collection_payer_id)
                            WHERE debtor.case_id = cases.id AND NOT (%s))""",
                self.env["collection.route"]._usable_sql("payer"),
            ),
        }
