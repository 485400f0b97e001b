from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_credit_manager_id = fields.Many2one(
        "res.users",
        string="Credit Manager",
        domain="[('share', '=', False)]",
        help="Is told of disputes past their deadline; without one, the fallback owner is.",
    )
    collection_dispute_accountant_id = fields.Many2one(
        "res.users",
        string="Credit Notes Drafted by",
        domain="[('share', '=', False)]",
        help="Gets the accepted disputes; without one, the owner of the case does.",
    )
    collection_dispute_escalation_days = fields.Integer(
        string="Escalation",
        default=5,
        help="Working days between two steps of escalation, after the first on the deadline; "
        "0: one step only.",
    )
    collection_dispute_report_partner_ids = fields.Many2many(
        "res.partner",
        "collection_dispute_report_partner_rel",
        string="Review Sent to",
        help="Get the monthly review of disputes by e-mail.",
    )
    collection_dispute_report_day = fields.Integer(
        string="Review Sent on Day",
        default=1,
        help="Day of the month, 1 to 28, from which the review of the past month is sent.",
    )
    collection_dispute_reported = fields.Date(
        readonly=True, help="First day of the last month whose review was sent."
    )

    @api.constrains("collection_dispute_report_day", "collection_dispute_escalation_days")
    def _check_dispute_days(self):
        for company in self:
            if not 1 <= company.collection_dispute_report_day <= 28:
                raise ValidationError(
                    self.env._("The review of disputes is sent on a day from 1 to 28.")
                )
            if company.collection_dispute_escalation_days < 0:
                raise ValidationError(self.env._("Days of escalation cannot be negative."))

    def _collection_credit_manager(self):
        """Return who is told of what goes wrong with disputes; there is always somebody."""
        self.ensure_one()
        chosen = self.collection_credit_manager_id + self.collection_user_id
        # Everybody's roles are read, to find one who holds this one.
        managers = self.env.ref("account_collections.group_collection_manager").sudo()
        people = chosen | managers.all_user_ids.sorted("id")
        return people.filtered(lambda user: not user.share and user._is_here(self))[:1] or (
            self.env.user
        )
