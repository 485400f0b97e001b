from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_open_behaviour(self):
        """Show how the customer pays, in each company."""
        return self.env["collection.behaviour"].search([("partner_id", "in", self.ids)])._open()
