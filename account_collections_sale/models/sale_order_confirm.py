from odoo import SUPERUSER_ID, api, models
from odoo.addons.account_collections.models.res_partner_holds import get_release_amount
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .sale_order import QUOTATION


class SaleOrder(models.Model):
    """A held quotation is not confirmed, by whatever way.

    Here, because every way comes by: the button, several at once, code, automation, a state that
    is written or given to a new order. Nothing in the context is asked. Where the customer signs
    or pays, the order waits instead, and the salesperson hears of it.
    """

    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # By the values, or by a default in the context.
        orders.filtered(lambda order: order.state == "sale")._check_collection_holds()
        return orders

    def write(self, vals):
        if vals.get("state") == "sale":
            self.filtered(lambda order: order.state != "sale")._check_collection_holds()
        return super().write(vals)

    def _check_collection_holds(self):
        """Use the releases of held orders.

        :raises UserError: when one of them is held, and was not released
        """
        refused = []
        # Who confirms uses what a credit manager granted, and may do nothing else with it.
        releases = self.env["collection.order.release"].sudo()
        usable = releases.browse()
        for company, orders in self.grouped("company_id").items():
            for order, holds in orders._get_held_orders(company, fresh=True).items():
                if release := releases._find_usable(order):
                    usable |= release
                else:
                    refused.append(order._say_held(holds))
        if refused:
            raise UserError("\n\n".join(refused))  # pylint: disable=translation-required
        for release in usable:
            release._use()

    def _say_held(self, holds):
        """Return why an order is held, what releases it, and who else may."""
        self.ensure_one()
        _ = self.env._
        amount = get_release_amount(holds)
        debtor = self._get_collection_debtor()
        return "\n".join(
            [
                _("%(order)s of %(customer)s is held.", order=self.name, customer=debtor.name),
                *(hold.sentence for hold in holds),
                _(
                    "A payment of %(amount)s releases it: send the customer the payment link.",
                    amount=formatLang(
                        self.env, amount, currency_obj=self.company_id.currency_id
                    ),
                )
                if amount
                else _("No payment releases it."),
                _("A credit manager may release this order: ask for it on the quotation."),
            ]
        )

    # === THE CUSTOMER SIGNS OR PAYS === #

    def _filter_confirmable(self):
        """Return the orders that may be confirmed now; the others wait, and their salesperson
        is told."""
        held = self.browse()
        releases = self.env["collection.order.release"].sudo()
        waiting = self.filtered(lambda order: order.state in QUOTATION)
        for company, orders in waiting.grouped("company_id").items():
            held |= self.browse().union(
                *(
                    order
                    for order in orders._get_held_orders(company, fresh=True)
                    if not releases._find_usable(order)
                )
            )
        held._ask_release()
        for order in held:
            words = self.with_context(lang=order.user_id.lang).env
            # As Odoo does for the customer: a visitor writes no messages.
            order.with_user(SUPERUSER_ID).message_post(
                body=words._(
                    "The customer accepted the quotation. It is held, so that it is not an order "
                    "yet: credit management was asked."
                ),
                partner_ids=order.user_id.partner_id.ids,
            )
        return self - held

    # EXTENDS 'sale'
    def _validate_order(self):
        """A customer who signs is not shown an error: what was signed is kept."""
        confirmable = self._filter_confirmable()
        return super(SaleOrder, confirmable)._validate_order() if confirmable else None
