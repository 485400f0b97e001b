from odoo import api, fields, models
from odoo.tools import SQL


class CollectionDefect(models.Model):
    """To repair: contacts whose address turned out to be unusable."""

    _inherit = "collection.defect"

    kind = fields.Selection(
        selection_add=[("address_bad", "Address that came back")]
    )
    contact_names = fields.Char(compute="_compute_contact_names", string="Contacts")

    @api.model
    def _get_conditions(self):
        return {
            **super()._get_conditions(),
            "address_bad": SQL(
                """EXISTS (SELECT FROM res_partner contact
                        LEFT JOIN res_country country ON country.id = contact.country_id
                            WHERE contact.commercial_partner_id = partner.id
                              AND contact.active
                              AND (contact.email_normalized = contact.collection_bad_email
                                   OR contact.collection_mobile = contact.collection_bad_mobile
                                   OR %s = contact.collection_bad_address))""",
                self.env["collection.gather"]._address_sql(),
            ),
        }

    @api.depends("kind", "partner_id")
    def _compute_contact_names(self):
        """Name the contacts to correct: one query for the page."""
        bad = self.filtered(lambda one: one.kind == "address_bad")
        families = self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", bad.partner_id.ids),
                "|",
                "|",
                ("collection_bad_email", "!=", False),
                ("collection_bad_mobile", "!=", False),
                ("collection_bad_address", "!=", False),
            ]
        )
        contacts = families.filtered(
            lambda one: one.collection_bounced or one.collection_refused or one.collection_returned
        ).grouped("commercial_partner_id")
        for defect in self:
            found = contacts.get(defect.partner_id) if defect in bad else None
            defect.contact_names = ", ".join(found.mapped("display_name")) if found else False
