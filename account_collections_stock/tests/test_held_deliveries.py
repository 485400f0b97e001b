from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOON, TODAY, HeldCommon


@tagged("post_install", "-at_install")
class TestHeldDeliveries(HeldCommon):
    """What leaves for a customer who should have nothing more on credit is held."""

    def _release(self, picking, **values):
        """Let the clerk ask for the release of a delivery, and the credit manager grant it."""
        picking.with_user(self.clerk).action_ask_release()
        release = picking.collection_release_ids.sorted("id")[-1:].with_user(self.manager)
        release.write({"reason": "Paid by card", "date_end": TODAY, **values})
        release.action_grant()
        return release

    def test_held_by_whatever_way_and_nothing_in_the_context_helps(self):
        pickings = self._delivery(self.customer) | self._delivery(self.customer)
        free = self._delivery(self.other_customer)
        first, keys = pickings[0], {
            "skip_sanity_check": True, "skip_backorder": True, "cancel_backorder": True,
            "pickings_to_detach": [], "batches_to_validate": [1], "skip_uom_conversion": True,
            "skip_collection_hold": True, "collection_hold": False, "fresh": False,
            "button_validate_picking_ids": pickings.ids, "install_mode": True,
        }  # fmt: skip
        pickings.move_ids.picked = True
        clerks = first.with_user(self.clerk)
        line = first.move_ids.move_line_ids[:1]
        ways = {
            "button": clerks.button_validate,
            "several": (pickings | free).with_user(self.clerk).button_validate,
            "all rights": first.sudo().button_validate,
            "done": clerks._action_done,
            "moves": clerks.move_ids._action_done,
            "context": clerks.with_context(**keys).button_validate,
            "context, done": clerks.with_context(**keys)._action_done,
            "context, moves": clerks.move_ids.with_context(**keys)._action_done,
            "state": lambda: clerks.move_ids.write({"state": "done"}),
            "no backorder": lambda: clerks.move_ids._action_done(cancel_backorder=True),
        }
        for way, press in ways.items():
            with (
                self.subTest(way), self._at(NOON), self.env.cr.savepoint(flush=True),
                self.assertRaisesRegex(
                    UserError,
                    r"to Dupont is held.\nLate since January.\nA payment of \$.500.00 releases it",
                ),
            ):  # fmt: skip
                press()
            self.assertEqual(first.state, "assigned", way)
        self.assertEqual(line.state, "assigned")
        self._deliver(free)
        self.assertEqual(free.state, "done")
        hold, self.hold = self.hold, None
        self._deliver(first)
        self.assertEqual(first.state, "done")
        self._stays_as_it_left(first, hold)

    def _move(self, place, **values):
        """Return a move of two pieces to a place, ready to be done."""
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 2,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": place.id,
                **values,
            }
        )
        move._action_confirm()
        move._action_assign()
        move.picked = True
        return move

    def _stays_as_it_left(self, delivery, hold):
        """What left does not grow afterwards: not by more, a larger unit or another place."""
        customers = self.env.ref("stock.stock_location_customers")
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.warehouse.lot_stock_id.id}
        )
        inside, ready = (self._move(shelf, partner_id=self.customer.id) for _move in range(2))
        inside._action_done()
        line = inside.move_line_ids
        left = delivery.move_ids.move_line_ids
        self.hold = hold
        changes = {
            "more": lambda: left.write({"quantity": 30}),
            "a larger unit": lambda: left.write(
                {"product_uom_id": self.env.ref("uom.product_uom_dozen").id}
            ),
            "a line goes on": lambda: line.write({"location_dest_id": customers.id}),
            "a move goes on": lambda: inside.write({"location_dest_id": customers.id}),
            "a line goes elsewhere than its move": lambda: (
                ready.move_line_ids.write({"location_dest_id": customers.id}),
                ready._action_done(),
            ),
        }
        for name, change in changes.items():
            with (
                self.subTest(name), self.assertRaisesRegex(UserError, "is held"),
                self.env.cr.savepoint(),
            ):  # fmt: skip
                change()
        left.write({"quantity": 1})
        self.assertEqual(left.quantity, 1, "less is not more")

    def test_a_delivery_to_nobody_and_a_name_with_markup(self):
        self.customer.name = "<b>Dupont</b> & Fils"
        picking = self._delivery(self.customer)
        with self._at(NOON):
            with self.assertRaisesRegex(UserError, "to <b>Dupont</b> & Fils is held"):
                self._deliver(picking)
            self._release(picking, reason="<img src=x onerror=alert(1)>")
        self.assertIn("&lt;img", picking.message_ids[0].body)
        self.assertNotIn("<img", picking.message_ids[0].body)
        nobody = self._move(self.env.ref("stock.stock_location_customers"))
        nobody._action_done()
        self.assertEqual(nobody.state, "done")

    def test_the_banner_the_filter_and_whoever_is_billed(self):
        held, free = self._delivery(self.customer), self._delivery(self.other_customer)
        seen = held.with_user(self.clerk)
        self.assertEqual(
            (seen.collection_hold, seen.collection_hold_reason, seen.collection_release_amount),
            ("hold", "Late since January.", 500),
        )
        self.assertFalse(free.with_user(self.clerk).collection_hold)
        pickings = self.env["stock.picking"].with_user(self.clerk)
        ours = [("id", "in", (held | free).ids)]
        self.assertEqual(pickings.search([*ours, ("collection_hold", "=", "hold")]), held)
        self.assertEqual(pickings.search([*ours, ("collection_hold", "=", False)]), free)
        self.assertEqual(pickings.search([*ours, ("collection_hold", "!=", "hold")]), free)
        # delivered to another company, billed to the one that is held; and the other way round
        shipped = self._delivery(self.other_customer, partner_invoice_id=self.customer.id)
        billed = self._delivery(
            self.other_customer, partner_shipping_id=self.customer.id,
            partner_invoice_id=self.other_customer.id,
        )  # fmt: skip
        self.assertEqual(shipped.collection_hold, "hold")
        self.assertFalse(billed.collection_hold)
        self.hold = self.hold._replace(is_strict=False)
        held.invalidate_recordset()
        self.assertEqual(held.collection_hold, "warn")
        for states, found in (("warn", held), ("hold", free.browse()), (False, free)):
            self.assertEqual(pickings.search([*ours, ("collection_hold", "=", states)]), found)
        self._deliver(held)
        self.assertEqual(held.state, "done", "a warning holds nothing")

    def test_a_receipt_and_another_company_are_not_asked(self):
        incoming = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.customer.id,
                "location_id": self.env.ref("stock.stock_location_customers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "location_id": self.env.ref("stock.stock_location_customers").id,
                            "location_dest_id": self.warehouse.lot_stock_id.id,
                        }
                    )
                ],
            }
        )
        incoming.action_confirm()
        self.assertFalse(incoming.collection_hold)
        incoming.move_ids.write({"quantity": 1, "picked": True})
        incoming.button_validate()
        self.assertEqual(incoming.state, "done")

    # === RELEASE === #

    def test_released_for_one_delivery_and_split_in_three(self):
        """1 of 3 leaves with a release; what stays behind is held again; the rest with one
        release for all backorders."""
        with self._at(NOON):
            first = self._delivery(self.customer)
            release = self._release(first)
            self.assertEqual(first.with_user(self.clerk).collection_release_state, "granted")
            self._deliver(first, 1)
            self.assertEqual((first.state, release.state), ("done", "used"))
            second = first.backorder_ids
            with self.assertRaisesRegex(UserError, "is held"):
                self._deliver(second, 1)
            release = self._release(second, with_backorders=True)
            self._deliver(second, 1)
            third = second.backorder_ids
            self._deliver(third)
            self.assertEqual((third.state, release.state), ("done", "granted"))
        case_events = self.env["collection.evidence"].search(
            [("event", "=", "delivery_released"), ("company_id", "=", self.company.id)]
        )
        self.assertFalse(case_events, "the customer has no case")

    def test_a_release_has_a_reason_an_author_and_a_last_day(self):
        self._invoice(self.customer, 500, overdue=10)
        self._sync_cases()
        with self._at(NOON):
            picking = self._delivery(self.customer)
            picking.with_user(self.clerk).action_ask_release()
            release = picking.collection_release_ids
            self.assertIn(picking.name, self._case(self.customer).activity_ids.summary)
            managed = release.with_user(self.manager)
            with self.assertRaisesRegex(UserError, "why it may leave"):
                managed.action_grant()
            managed.reason = "Paid by card"
            managed.date_end = TODAY.replace(day=17)
            with self.assertRaisesRegex(UserError, "last day"):
                managed.action_grant()
            managed.date_end = TODAY
            managed.action_grant()
            self.assertEqual((release.state, release.decided_by_id), ("granted", self.manager))
            # two at once: the second sees what the first decided
            with self.assertRaisesRegex(UserError, "cannot become"):
                managed.action_grant()
            with self.assertRaisesRegex(UserError, "not changed"):
                managed.date_end = TODAY.replace(day=30)
            self.assertIn("Paid by card", picking.message_ids[0].body)
        with self._at("2026-03-19 12:00:00"), self.assertRaisesRegex(UserError, "is held"):
            self._deliver(picking)
        with self._at(NOON):
            managed.action_refuse()
            with self.assertRaisesRegex(UserError, "is held"):
                self._deliver(picking)
            self._release(picking)
            self._deliver(picking)
        self.assertEqual(picking.state, "done")
        events = self.env["collection.evidence"].search(
            [("case_id", "=", self._case(self.customer).id)]
        ).filtered(lambda one: one.event.startswith("delivery"))
        self.assertEqual(
            events.mapped("event"), ["delivery_released", "delivery_refused", "delivery_released"]
        )
        self.assertEqual(events[0].facts["delivery"], picking.name)

    def test_who_may_ask_and_decide(self):
        picking = self._delivery(self.customer)
        for user in (self.owner, self.manager):
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                picking.with_user(user).action_ask_release()
        picking.with_user(self.clerk).action_ask_release()
        release = picking.collection_release_ids
        release.with_user(self.clerk).read(["state", "hold_reason"])
        for user in (self.clerk, self.owner):
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                release.with_user(user).action_grant()
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                release.with_user(user).write({"reason": "Please"})
        stranger = self._user(
            "stranger",
            "account_collections.group_collection_manager",
            self._create_company(name="Elsewhere"),
        )
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            release.with_user(stranger).action_grant()
        # the clerk sees the reason and no ledger
        for model in ("account.move.line", "collection.case", "collection.item"):
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.env[model].with_user(self.clerk).search([])
        # the manager, who has no rights in the warehouse, decides all the same
        managed = release.with_user(self.manager)
        managed.web_read({name: {} for name in ("picking_name", "origin", "scheduled_date")})
        managed.reason = "Known for years"
        managed.action_grant()
        with self.assertRaisesRegex(UserError, "not held"):
            self._delivery(self.other_customer).with_user(self.clerk).action_ask_release()
