from odoo import fields, models


class CollectionInsurancePolicy(models.Model):
    """When a policy's limits are worth an alert."""

    _name = "collection.insurance.policy"
    _inherit = ["collection.insurance.policy", "mail.activity.mixin"]

    alert_news_days = fields.Integer(
        string="News for",
        default=30,
        help="Days on which a cut, an announced withdrawal or a fallen grade is news; 0: never.",
    )
    alert_expiry_days = fields.Integer(
        string="Expiry within", default=30, help="Days before a limit ends; 0: never."
    )
    alert_above_percent = fields.Float(
        string="Above the Limit by (%)",
        help="Of the limit, by which the exposure exceeds it; 0: by any amount.",
    )
    alert_unused_percent = fields.Float(
        string="Used Less than (%)", default=20, help="Of the limit, by the largest exposure."
    )
    alert_unused_days = fields.Integer(
        string="Unused for", default=180, help="Days without such an exposure; 0: no alert."
    )
    alert_grade_points = fields.Float(
        string="Grade Falls by",
        default=10,
        help="Points on the scale from 0 to 100, at once; 0: no alert.",
    )
    alert_uninsured = fields.Float(
        string="Uncovered from",
        default=10000,
        help="Uncovered debt, in the company's currency, of a customer without a limit of its "
        "own; 0: no alert.",
    )
    alert_holds = fields.Boolean(
        string="Reminders Wait",
        help="After a cut or an announced withdrawal nobody is reminded before a person has seen "
        "the alert.",
    )
    alert_ids = fields.One2many("collection.insurance.alert", "policy_id", readonly=True)

    _alerts_not_negative = models.Constraint(
        """CHECK (alert_news_days >= 0 AND alert_expiry_days >= 0 AND alert_above_percent >= 0
                  AND alert_unused_percent BETWEEN 0 AND 100 AND alert_unused_days >= 0
                  AND alert_grade_points BETWEEN 0 AND 100 AND alert_uninsured >= 0)""",
        "Days, percents and amounts of alerts are not negative, percents no more than 100.",
    )
