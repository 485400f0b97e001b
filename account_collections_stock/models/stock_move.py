from odoo import api, models
from odoo.addons.account_collections.models.res_partner_holds import get_release_amount
from odoo.exceptions import UserError
from odoo.tools import formatLang


class StockMove(models.Model):
    """What leaves for a customer asks first whether the customer may have more on credit.

    Here, because every way to validate a delivery comes by: the button, several deliveries or a
    batch at once, code, automation. Nothing in the context is asked.
    """

    _inherit = "stock.move"

    # EXTENDS 'stock'
    def _action_done(self, cancel_backorder=False):
        self.filtered(
            lambda move: (
                move.state not in ("done", "cancel") and move.picked and move.quantity > 0
            )
        )._check_collection_holds()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _is_collection_delivery(self):
        """Return whether it brings goods to a customer, from us or from a supplier of ours."""
        self.ensure_one()
        return self.location_dest_id.usage == "customer" and self.location_id.usage != "customer"

    def _get_collection_debtor(self):
        """Return who will be billed: whoever the order says, else whom it is delivered to."""
        self.ensure_one()
        # Of the order nothing but the address is read, for whoever delivers it.
        order = self.sudo().sale_line_id.order_id
        partner = order.partner_invoice_id or self.picking_id.partner_id or self.partner_id
        return partner.commercial_partner_id

    def _check_collection_holds(self):
        """Use the releases of held deliveries.

        :raises UserError: when one of them is held, and was not released
        """
        refused = []
        leaving = self.filtered(lambda move: move._is_collection_delivery())
        for company, moves in leaving.grouped("company_id").items():
            by_debtor = moves.grouped(lambda move: move._get_collection_debtor())
            debtors = self.env["res.partner"].union(*by_debtor)
            holds = debtors._get_collection_holds(company, fresh=True)
            for debtor, theirs in by_debtor.items():
                strict = [hold for hold in holds[debtor] if hold.is_strict]
                if strict:
                    refused += theirs._use_collection_releases(debtor, strict)
        if refused:
            raise UserError("\n\n".join(refused))  # pylint: disable=translation-required

    def _use_collection_releases(self, debtor, holds):
        """Return a text for each delivery of ``debtor`` that was not released."""
        # Whoever delivers uses what a credit manager granted, and may do nothing else with it.
        releases = self.env["collection.delivery.release"].sudo()
        texts = []
        for picking, moves in self.grouped("picking_id").items():
            release = picking and releases._find_usable(picking)
            if release:
                release._use()
            else:
                name = picking.name or ", ".join(moves.product_id.mapped("display_name"))
                texts.append(self._say_held(name, debtor, holds))
        return texts

    @api.model
    def _say_held(self, name, debtor, holds):
        """Return why a delivery is held, what releases it, and who else may."""
        _ = self.env._
        amount = get_release_amount(holds)
        return "\n".join(
            [
                _("%(delivery)s to %(customer)s is held.", delivery=name, customer=debtor.name),
                *(hold.sentence for hold in holds),
                _("A payment of %(amount)s releases it.", amount=formatLang(
                    self.env, amount, currency_obj=self.company_id[:1].currency_id
                ))
                if amount
                else _("No payment releases it."),
                _("A credit manager may release this delivery: ask for it on the delivery."),
            ]
        )  # fmt: skip


class StockMoveLine(models.Model):
    """A delivery that left does not grow afterwards while the customer is held."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "done").move_id._check_collection_holds()
        return lines

    def write(self, vals):
        if "quantity" in vals:
            grown = self.filtered(
                lambda line: line.state == "done" and line.quantity < vals["quantity"]
            )
            grown.move_id._check_collection_holds()
        return super().write(vals)
