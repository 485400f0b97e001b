from odoo import fields, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = "res.users"

    collection_substitution_ids = fields.One2many(
        "collection.substitution", "user_id", string="Substitutes in Collections"
    )

    def _get_collection_substitute(self, day):
        """Return who does the work of this user on ``day`` instead; nobody when they are there."""
        self.ensure_one()
        # Whoever gives the work needs to know who does it, not the absences of others.
        return (
            self.env["collection.substitution"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.id),
                    ("date_from", "<=", day),
                    ("date_to", ">=", day),
                    ("substitute_id.active", "=", True),
                ],
                limit=1,
            )
            .substitute_id
        )

    def _check_colleague(self):
        """Work is given to people of ours.

        :raises UserError: when one of the users is a customer on the portal
        """
        for user in self.filtered("share"):
            raise UserError(
                self.env._("%(user)s is no colleague: choose another owner.", user=user.name)
            )

    def _check_at_work(self):
        """What has to be followed is given to a colleague who is still here.

        :raises UserError: when one of the users is no colleague, or has left
        """
        self._check_colleague()
        for user in self.filtered(lambda one: not one.active):
            raise UserError(
                self.env._(
                    "%(user)s is no longer with us: choose another owner.", user=user.name
                )
            )

    def _can_handle_disputes(self):
        """Return whether the user holds a role that sees disputes."""
        self.ensure_one()
        return self.has_group("account_collections.group_dispute_handler")

    def _is_here(self, company):
        """Return whether the user still works in ``company`` and may own disputes there."""
        self.ensure_one()
        return self.active and company in self.company_ids and self._can_handle_disputes()
