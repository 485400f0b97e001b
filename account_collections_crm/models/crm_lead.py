from odoo import fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    collection_standing = fields.Html(
        related="partner_id.collection_standing",
        groups="account_collections.group_customer_standing",
    )
