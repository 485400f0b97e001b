from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_credit_release import ASKED, GRANTED
from odoo.addons.account_collections.models.res_partner_holds import get_release_amount
from odoo.exceptions import UserError

#: Not confirmed yet.
QUOTATION = ("draft", "sent")


class SaleOrder(models.Model):
    """Quotations say that they are held, why, and what would release them.

    Nothing of it is stored: a database with many orders is as it was.
    """

    _inherit = "sale.order"

    collection_hold = fields.Selection(
        [("warn", "Warning"), ("hold", "Held")],
        string="Credit",
        compute="_compute_collection_hold",
        search="_search_collection_hold",
        # Customers read their own orders: why is no business of theirs.
        groups="base.group_user",
    )
    collection_hold_reason = fields.Text(
        compute="_compute_collection_hold", groups="base.group_user"
    )
    collection_release_amount = fields.Monetary(
        string="Payment That Releases It",
        compute="_compute_collection_hold",
        currency_field="collection_currency_id",
        groups="base.group_user",
    )
    collection_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    collection_release_state = fields.Selection(
        [(ASKED, "Asked for"), (GRANTED, "Released")],
        compute="_compute_collection_hold",
        groups="base.group_user",
    )

    @api.depends("state", "partner_invoice_id", "amount_total", "company_id")
    @api.depends_context("lang")
    def _compute_collection_hold(self):
        """As of the last time that figures were brought up to date; confirming asks anew."""
        self.update(
            {
                "collection_hold": False,
                "collection_hold_reason": False,
                "collection_release_amount": 0,
                "collection_release_state": False,
            }
        )
        waiting = self.filtered(lambda order: order.state in QUOTATION)
        for company, orders in waiting.grouped("company_id").items():
            for order, holds in orders._get_collection_holds(company).items():
                strict = [hold for hold in holds if hold.holds_orders]
                order.collection_hold = "hold" if strict else "warn"
                order.collection_hold_reason = "\n".join(hold.sentence for hold in holds)
                order.collection_release_amount = get_release_amount(strict or holds)
        self.filtered(lambda order: order.collection_hold == "hold")._read_release_states()

    def _read_release_states(self):
        if not self:
            return
        # Whether it may be confirmed is for everybody to see who sees the order.
        standing = (
            self.env["collection.order.release"]
            .sudo()
            .search([("order_id", "in", self.ids), ("state", "in", (ASKED, GRANTED))])
        )
        states = {release.order_id.id: release.state for release in standing}
        for order in self:
            order.collection_release_state = states.get(order._origin.id, False)

    @api.model
    def _search_collection_hold(self, operator, value):
        """Ask once for all customers with quotations."""
        if operator != "in":
            return NotImplemented
        waiting = self.search([("state", "in", QUOTATION)])
        found = waiting.filtered(lambda order: order.collection_hold in value)
        if False in value:
            return [("id", "not in", (waiting - found).ids)]
        return [("id", "in", found.ids)]

    # === HOLDS === #

    def _get_collection_debtor(self):
        """Return who will be billed for it."""
        self.ensure_one()
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id

    def _get_collection_amount(self):
        """Return the total with tax in company currency, by the rate of the order's day."""
        self.ensure_one()
        currency = self.currency_id or self.company_id.currency_id
        return currency._convert(
            self.amount_total,
            self.company_id.currency_id,
            self.company_id,
            self.date_order or fields.Datetime.now(),
        )

    def _get_collection_holds(self, company, fresh=False):
        """Return {order: holds} of those orders of ``company`` that have any.

        What the order itself adds counts against limits.
        """
        by_debtor = {order: order._get_collection_debtor() for order in self}
        debtors = self.env["res.partner"].union(*by_debtor.values())
        holds = debtors._get_collection_holds(company, fresh=fresh) if debtors else {}
        limits = debtors._get_limit_holds(company, by_debtor)
        found = {}
        for order, debtor in by_debtor.items():
            own = {hold.code: hold for hold in holds.get(debtor, ())}
            # Of one rule the one that counts the order asks for more.
            own.update((hold.code, hold) for hold in limits.get(order, ()))
            if own:
                found[order] = list(own.values())
        return found

    def _get_held_orders(self, company, fresh=False):
        """Return {order: strict holds} of those that may not be confirmed as they are."""
        strict = {
            order: [hold for hold in holds if hold.holds_orders]
            for order, holds in self._get_collection_holds(company, fresh).items()
        }
        return {order: holds for order, holds in strict.items() if holds}

    # === RELEASE === #

    def action_ask_release(self):
        """Ask credit management to let this order be confirmed."""
        self.ensure_one()
        self.check_access("write")
        if self.collection_hold != "hold":
            raise UserError(self.env._("This order is not held."))
        self._ask_release()
        return True

    def _ask_release(self):
        """Let credit management, or a payment, decide on held orders that nobody asked for yet."""
        releases = self.env["collection.order.release"].sudo()
        asked = releases.search([("order_id", "in", self.ids), ("state", "in", (ASKED, GRANTED))])
        for order in self - asked.order_id:
            # Who sells, or the customer, may ask, and write nothing else.
            release = releases.create(
                {
                    "order_id": order.id,
                    "partner_id": order._get_collection_debtor().id,
                    "hold_reason": order.collection_hold_reason,
                    "release_amount": order.collection_release_amount,
                    "amount": order._get_collection_amount(),
                    "user_id": self.env.uid,
                }
            )
            release._announce()

    def action_send_payment_link(self):
        """Write to the customer how to pay what is overdue: the order is released by it."""
        self.ensure_one()
        self.check_access("write")
        if self.collection_hold != "hold" or not self.collection_release_amount:
            raise UserError(self.env._("No payment is needed to confirm this order."))
        debtor = self._get_collection_debtor()
        # Who sells may have no rights on the customer's account, and gets none by the address.
        url = debtor.sudo()._get_collection_pay_url(self.company_id)
        if not url:
            raise UserError(
                self.env._("Customers cannot pay on line: the add-on for it is not installed.")
            )
        self._ask_release()
        lang = self.partner_id.lang or self.env.lang
        body = self.with_context(lang=lang).env["ir.qweb"]._render(
            "account_collections_sale.payment_link_mail", {"order": self, "url": url}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Link"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.partner_id.ids,
                "default_subject": self.name,
                "default_body": body,
                "default_email_layout_xmlid": "mail.mail_notification_light",
            },
        }
