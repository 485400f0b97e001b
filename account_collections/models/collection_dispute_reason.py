from odoo import api, fields, models
from odoo.exceptions import ValidationError

PRIORITIES = [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Urgent")]


class CollectionDisputeReason(models.Model):
    """What customers contest, and who answers for it, by when."""

    _name = "collection.dispute.reason"
    _description = "Reason of Disputes"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        help="Gets the disputes with this reason; without one, the leader of the team does.",
    )
    team_id = fields.Many2one("collection.dispute.team", check_company=True)
    priority = fields.Selection(PRIORITIES, default="1", required=True)
    deadline_days = fields.Integer(
        string="Deadline", default=10, help="Working days in which it should be resolved."
    )
    resume_level_id = fields.Many2one(
        "collection.level",
        string="Dunning Resumes at",
        ondelete="set null",
        groups="account_collections.group_collection_readonly,"
        "account_collections.group_collection_user",
        help="Level of the first reminder after a rejected dispute, in any scenario the first "
        "level at least as firm. Empty: dunning goes on where it stood.",
    )

    _days_positive = models.Constraint(
        "CHECK (deadline_days > 0)", "A dispute has one working day at least to be resolved."
    )

    @api.constrains("user_id")
    def _check_owner(self):
        for reason in self.filtered("user_id"):
            if not reason.user_id._can_handle_disputes():
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot see disputes: give the role 'Dispute Handler' first.",
                        user=reason.user_id.name,
                    )
                )
