from functools import partial

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
                            WHERE %s AND contact.active
                              AND (contact.email_normalized = contact.collection_bad_email
                                   OR contact.collection_mobile = contact.collection_bad_mobile
                                   OR %s = contact.collection_bad_address))""",
                self._is_contact_sql(),
                self.env["collection.gather"]._address_sql(),
            ),
        }

    @api.depends("kind", "partner_id")
    def _compute_contact_names(self):
        """Name the contacts to correct: one query for the page."""
        bad = self.filtered(lambda one: one.kind == "address_bad")
        customers = bad.partner_id.commercial_partner_id
        families = self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", customers.ids),
                "|",
                "|",
                ("collection_bad_email", "!=", False),
                ("collection_bad_mobile", "!=", False),
                ("collection_bad_address", "!=", False),
            ]
        )
        contacts = families.filtered(
            lambda one: one.collection_bounced or one.collection_refused or one.collection_returned
        )
        for defect in self:
            partner = defect.partner_id if defect in bad else self.env["res.partner"]
            found = contacts.filtered(partial(self._is_contact, partner))
            defect.contact_names = ", ".join(found.mapped("display_name"))

    @api.model
    def _is_contact(self, partner, contact):
        """Return what :meth:`_is_contact_sql` does."""
        entity = partner.commercial_partner_id
        return (
            partner in (contact, contact.parent_id, contact.commercial_partner_id)
            or contact == entity
            or contact.parent_id == entity
            and (contact.type == "invoice" or bool(contact.collection_role))
        )
