from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class Bound(NamedTuple):
    """A day that an undertaking would cross.

    :ivar latest: last day that crosses nothing
    :ivar sentence: what would be crossed, by which item, and the latest day: for colleagues only
    """

    latest: date
    sentence: str


class CollectionUndertaking(models.AbstractModel):
    """What a customer undertook to pay: a promise, or a plan of several. Somebody follows it."""

    _name = "collection.undertaking"
    _description = "Undertaking of a Customer"
    _inherit = "collection.stateful"

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Customer", store=True, index=True
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    amount_company = fields.Monetary(
        string="Amount (Company)", currency_field="company_currency_id", readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    def write(self, vals):
        """:raises UserError: when it is given to somebody who cannot follow it"""
        result = super().write(vals)
        if vals.get("user_id"):
            self.user_id._check_at_work()
        return result

    # === BEYOND WHAT IS ALLOWED === #

    @api.model
    def _get_bound(self, lines, day):
        """Return the first :class:`Bound` that a payment of ``lines`` on ``day`` would cross.

        None when nothing speaks against it. Add-ons that know of deadlines add theirs.

        :param lines: receivable lines that somebody undertakes to pay
        """
        return None

    @api.model
    def _is_bound_exceeded(self, bound, reason):
        """Return whether a credit manager goes beyond ``bound`` and says why.

        :param bound: see :meth:`_get_bound`
        :raises UserError: when anybody else does, or nobody says why
        """
        if not bound:
            return False
        excess = bound.sentence
        if self.env.user.share:
            # What binds us is no business of the customer's.
            excess = self.env._(
                "This is too late for us: %(date)s is the latest day that can be agreed here.",
                date=format_date(self.env, bound.latest),
            )
        self._check_exception(excess, reason)
        return True

    @api.model
    def _check_exception(self, excess, reason):
        """Let a credit manager who says why exceed what is allowed.

        The limits are those of whoever undertakes something or writes it down, whatever rights
        the code runs with: a customer promises on line within them.

        :param str excess: what is exceeded, a sentence
        :raises UserError: for anybody else, or without a reason
        """
        user = self.env.user
        if user.share:
            hint = self.env._("Please contact us.")
        elif not user.has_group("account_collections.group_collection_manager"):
            hint = self.env._("A credit manager may allow more.")
        elif not reason:
            hint = self.env._("You may allow more: write down why.")
        else:
            return
        raise UserError(f"{excess} {hint}")  # pylint: disable=translation-required

    # === ACTIONS === #

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()
