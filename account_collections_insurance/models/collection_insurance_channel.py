import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

_logger = logging.getLogger(__name__)


class CollectionInsuranceChannel(models.AbstractModel):
    """Where limits come from by themselves: in whose name they are imported, and who is told when
    they do not come."""

    _name = "collection.insurance.channel"
    _description = "Channel of Limits"

    active = fields.Boolean(default=True)
    policy_id = fields.Many2one(
        "collection.insurance.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Reports to",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Limits are imported in this credit manager's name, who is told what came of it.",
    )
    problem = fields.Char(
        readonly=True, copy=False, help="Why nothing came the last time; empty: something did."
    )

    @api.constrains("user_id", "policy_id")
    def _check_user(self):
        for channel in self:
            user = channel.user_id
            is_manager = user.has_group("account_collections.group_collection_manager")
            if not is_manager or channel.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._("Files are imported in the name of a credit manager of the company.")
                )

    @api.model
    def _ask_each(self, channels, ask):
        """Have each of ``channels`` asked, and what it brought committed; one that fails keeps no
        other from it, and says why."""
        for channel in channels:
            try:
                ask(channel)
            except UserError as error:  # such as a user who lost a right
                self.env.cr.rollback()
                channel._note(str(error))
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s could not be asked for limits", channel)
                channel._note(self.env._("It failed: the server's log says why."))
            self.env["ir.cron"]._commit_progress(1)

    def _note(self, problem):
        """Keep whether something came, and tell of a new problem."""
        self.ensure_one()
        is_news = problem and problem != self.problem
        # What comes of it is the product's to write, whoever has it asked.
        self.sudo().problem = problem
        if is_news:
            self._tell(problem)

    def _tell(self, sentence):
        channel = self.with_context(lang=self.user_id.lang)
        self.policy_id.message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=channel.env._("Limits of %(policy)s", policy=self.policy_id.display_name),
            body=sentence,
        )
