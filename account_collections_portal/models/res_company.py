from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_link_days = fields.Integer(
        string="Days a Link Is Valid",
        default=45,
        help="After them the link in a reminder opens nothing; the next reminder brings a new one.",
    )
    collection_link_confirmation = fields.Boolean(
        string="Confirm before Showing Items",
        default=True,
        help="Who comes by the link of a reminder names one of their documents, or their "
        "registration number, before they see the account: a forwarded mail shows nothing.",
    )
    collection_link_seen = fields.Boolean(
        string="Note When an Account Is Opened",
        default=True,
        help="First and last opening by a link, to the hour, are shown on the case. Without it "
        "nothing is kept, and what was kept is deleted.",
    )
    collection_portal_group = fields.Boolean(
        string="Groups See Their Members' Accounts",
        help="Who logs in for the head of a group sees the accounts of its members too, and who "
        "logs in for a member the account of the group that it is dunned through.",
    )

    _collection_link_days_positive = models.Constraint(
        "CHECK (collection_link_days > 0)", "A link is valid for a day at least."
    )

    def write(self, vals):
        result = super().write(vals)
        if "collection_link_seen" in vals and not vals["collection_link_seen"]:
            # Whoever may change the setting ends the keeping, on whatever case.
            seen = self.env["collection.case"].sudo().with_context(active_test=False).search(
                [("company_id", "in", self.ids), ("portal_first_seen", "!=", False)]
            )
            seen.write({"portal_first_seen": False, "portal_last_seen": False})
        return result
