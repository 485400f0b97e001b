from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_credit_release import ASKED, GRANTED
from odoo.addons.account_collections.models.res_partner_holds import get_release_amount
from odoo.exceptions import UserError

OVER = ("done", "cancel")


class StockPicking(models.Model):
    """Deliveries say that they are held, why, and what would release them."""

    _inherit = "stock.picking"

    collection_hold = fields.Selection(
        [("warn", "Warning"), ("hold", "Held")],
        string="Credit",
        compute="_compute_collection_hold",
        search="_search_collection_hold",
    )
    collection_hold_reason = fields.Text(compute="_compute_collection_hold")
    collection_release_amount = fields.Monetary(
        string="Payment That Releases It",
        compute="_compute_collection_hold",
        currency_field="collection_currency_id",
    )
    collection_currency_id = fields.Many2one(related="company_id.currency_id")
    collection_release_ids = fields.One2many(
        "collection.delivery.release", "picking_id", string="Releases", readonly=True
    )
    collection_release_state = fields.Selection(
        [(ASKED, "Asked for"), (GRANTED, "Released")],
        compute="_compute_collection_release_state",
    )

    @api.depends("state", "partner_id", "sale_id.partner_invoice_id", "location_dest_id")
    @api.depends_context("lang")
    def _compute_collection_hold(self):
        """As of the last time that figures were brought up to date; validating asks anew."""
        self.update(
            {
                "collection_hold": False,
                "collection_hold_reason": False,
                "collection_release_amount": 0,
            }
        )
        waiting = self.filtered(
            lambda one: one.state not in OVER and one.location_dest_id.usage == "customer"
        )
        for company, pickings in waiting.grouped("company_id").items():
            debtors = {one: one._get_collection_debtor() for one in pickings}
            asked = self.env["res.partner"].union(*debtors.values())
            holds = asked._get_collection_holds(company)
            for picking, debtor in debtors.items():
                found = holds.get(debtor)
                if not found:
                    continue
                strict = [hold for hold in found if hold.is_strict]
                picking.collection_hold = "hold" if strict else "warn"
                picking.collection_hold_reason = "\n".join(hold.sentence for hold in found)
                picking.collection_release_amount = get_release_amount(strict or found)

    def _get_collection_debtor(self):
        """Return who will be billed for it."""
        self.ensure_one()
        # Of the order nothing but the address is read, for whoever delivers it.
        partner = self.sudo().sale_id.partner_invoice_id or self.partner_id
        return partner.with_env(self.env).commercial_partner_id

    @api.model
    def _search_collection_hold(self, operator, value):
        """Ask once for all customers to whom something is to be delivered."""
        if operator != "in":
            return NotImplemented
        waiting = self.search(
            [("state", "not in", OVER), ("location_dest_id.usage", "=", "customer")]
        )
        found = waiting.filtered(lambda one: one.collection_hold in value)
        if False in value:
            return [("id", "not in", (waiting - found).ids)]
        return [("id", "in", found.ids)]

    @api.depends("collection_release_ids.state")
    def _compute_collection_release_state(self):
        # Whether it may leave is for everybody to see who sees the delivery.
        standing = (
            self.env["collection.delivery.release"]
            .sudo()
            .search([("picking_id", "in", self.ids), ("state", "in", (ASKED, GRANTED))])
        )
        states = {release.picking_id.id: release.state for release in standing}
        for picking in self:
            picking.collection_release_state = states.get(picking.id, False)

    # EXTENDS 'stock'
    def _pre_action_done_hook(self):
        """Say it before anything is asked about backorders; the moves ask again."""
        self._check_held_before()
        return super()._pre_action_done_hook()

    def _check_held_before(self):
        # Only to see whether there is one.
        releases = self.env["collection.delivery.release"].sudo()
        held = self.filtered(lambda one: one.collection_hold == "hold")
        for picking in held:
            if not releases._find_usable(picking):
                # Figures may be older than the payment: these moves bring them up to date.
                picking.move_ids.filtered(
                    lambda move: move.state not in OVER
                )._check_collection_holds()

    # === RELEASE === #

    def action_ask_release(self):
        """Ask credit management to let this delivery leave."""
        self.ensure_one()
        self.check_access("write")
        if self.collection_hold != "hold":
            raise UserError(self.env._("This delivery is not held."))
        release = (
            self.env["collection.delivery.release"]
            # Whoever delivers may ask, and write nothing else.
            .sudo()
            .create(
                {
                    "picking_id": self.id,
                    "partner_id": self._get_collection_debtor().id,
                    "hold_reason": self.collection_hold_reason,
                    "release_amount": self.collection_release_amount,
                    "user_id": self.env.uid,
                }
            )
        )
        release._announce()
        return True

    def action_open_releases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_stock.collection_delivery_release_action"
        )
        return {**action, "domain": [("picking_id", "=", self.id)], "context": {}}
