import logging
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import NOON, TODAY, OrderCommon

_logger = logging.getLogger(__name__)

#: What a caller may put into the context.
KEYS = {
    "skip_collection_hold": True, "collection_hold": False, "fresh": False, "install_mode": True,
    "skip_sanity_check": True, "tracking_disable": True, "default_state": "sale",
    "import_file": True, "bypass_credit_limit": True, "force_confirm": True, "active_test": False,
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestHeldOrders(OrderCommon, HttpCase):
    """A held quotation is confirmed by nobody, until it is paid or released."""

    def _release(self, order, **values):
        """Let the seller ask for the release of an order, and the credit manager grant it."""
        order.with_user(self.seller).action_ask_release()
        release = order.env["collection.order.release"].search(
            [("order_id", "=", order.id)], limit=1
        )
        release = release.with_user(self.manager)
        release.write({"reason": "Paid by card", "date_end": TODAY, **values})
        release.action_grant()
        return release

    # === ATTACKS === #

    def test_held_by_whatever_way(self):
        order, second = self._quotation(), self._quotation()
        free = self._quotation(self.other_customer)
        sold = order.with_user(self.seller)
        keyed = sold.with_context(**KEYS)
        every = (order | second | free).with_user(self.seller)
        line = Command.create({"product_id": self.product.id, "price_unit": 9, "tax_ids": []})
        new = {
            "partner_id": self.customer.id, "company_id": self.company.id, "order_line": [line],
        }  # fmt: skip
        orders = self.env["sale.order"].with_user(self.seller)
        automation = self.env["ir.actions.server"].create(
            {
                "name": "Confirm", "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code", "code": "records.action_confirm()",
            }
        ).with_context(active_model="sale.order", active_ids=order.ids)  # fmt: skip
        update = self.env["ir.actions.server"].create(
            {
                "name": "Write", "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "object_write", "update_path": "state", "evaluation_type": "value",
                "selection_value": self.env["ir.model.fields.selection"].search(
                    [("field_id.model", "=", "sale.order"), ("field_id.name", "=", "state"),
                     ("value", "=", "sale")]
                ).id,
            }
        ).with_context(active_model="sale.order", active_ids=order.ids)  # fmt: skip
        ways = {
            "button": sold.action_confirm,
            "several at once": every.action_confirm,
            "all rights": order.sudo().action_confirm,
            "keys in the context": keyed.action_confirm,
            "keys and all rights": keyed.sudo().action_confirm,
            "state written": lambda: sold.write({"state": "sale"}),
            "state written with keys": lambda: keyed.write({"state": "sale"}),
            "state assigned by all rights": lambda: setattr(order.sudo(), "state", "sale"),
            "web client": lambda: sold.web_save({"state": "sale"}, {"state": {}}),
            "created confirmed": lambda: orders.create({**new, "state": "sale"}),
            "created with a default": lambda: orders.with_context(default_state="sale").create(new),
            "copied confirmed": lambda: sold.copy({"state": "sale"}),
            "imported": lambda: self._import(orders),
            "server action": automation.run,
            "server action that writes": update.run,
            "with other values": lambda: sold.write({"state": "sale", "client_order_ref": "X"}),
            "cancelled, then confirmed": lambda: (
                sold.action_cancel(), sold.action_draft(), sold.action_confirm(),
            ),
            "split to nothing": lambda: (
                sold.order_line.write({"product_uom_qty": 0.0001}), sold.action_confirm(),
            ),
            "billed to a contact": lambda: (
                sold.write({"partner_invoice_id": self._contact().id}), sold.action_confirm(),
            ),
        }  # fmt: skip
        held = 0
        for way, attack in ways.items():
            with (
                self.subTest(way), self._at(NOON),
                mute_logger("odoo.addons.base.models.ir_actions"),
                self.env.cr.savepoint(flush=True),
                self.assertRaisesRegex(UserError, "is held"),
            ):  # fmt: skip
                attack()
                self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(order.state, "draft", way)
            held += 1
        calls = self._call_from_outside(order)
        _logger.info("%s attacks on a held order: held every time", held + calls)
        with self._at(NOON):
            free.with_user(self.seller).action_confirm()
        self.assertEqual(free.state, "sale")

    def _contact(self):
        return self.env["res.partner"].create({"name": "Kim", "parent_id": self.customer.id})

    def _import(self, orders):
        result = orders.load(
            ["partner_id/.id", "company_id/.id", "state", "order_line/product_id/.id",
             "order_line/price_unit"],
            [[str(self.customer.id), str(self.company.id), "sale", str(self.product.id), "9"]],
        )  # fmt: skip
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    def _call_from_outside(self, order):
        """Call by JSON-RPC with keys of the caller's; return how many calls were refused."""
        self.authenticate("seller", "seller")
        calls = [("action_confirm", [order.ids]), ("write", [order.ids, {"state": "sale"}]),
                 ("_action_confirm", [order.ids]), ("_validate_order", [order.ids])]  # fmt: skip
        for method, args in calls:
            with mute_logger("odoo.http"):
                answer = self._json(method, args)
            self.assertIn("error", answer, method)
            self.env.invalidate_all()
            self.assertEqual(order.state, "draft", method)
        return len(calls)

    def _json(self, method, args):
        return self.url_open(
            f"/web/dataset/call_kw/sale.order/{method}",
            json={
                "params": {
                    "model": "sale.order", "method": method, "args": args,
                    "kwargs": {"context": KEYS},
                }
            },
        ).json()  # fmt: skip

    def test_what_was_confirmed_does_not_grow(self):
        with self._at(NOON):
            order = self._quotation(self.other_customer)
            order.with_user(self.seller).action_confirm()
            self._invoice(self.other_customer, 400, overdue=40)
            line = order.order_line.with_user(self.seller)
            with self.assertRaisesRegex(UserError, "is held"), self.env.cr.savepoint():
                line.product_uom_qty = 5
            with self.assertRaisesRegex(UserError, "is held"), self.env.cr.savepoint():
                line.copy({"order_id": order.id})
            with self.assertRaisesRegex(UserError, "is held"), self.env.cr.savepoint():
                line.price_unit = 301
            with self.assertRaisesRegex(UserError, "is held"), self.env.cr.savepoint():
                order.with_user(self.seller).write(
                    {"order_line": [Command.update(line.id, {"product_uom_qty": 2})]}
                )
            line.product_uom_qty = 0.5

    # === THE CUSTOMER === #

    def test_signed_by_the_customer(self):
        """What is signed is kept; the order waits, credit management and the seller are told."""
        order = self._quotation(require_signature=True, require_payment=False)
        token = order._portal_ensure_token()
        order.state = "sent"
        self.authenticate(None, None)
        pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # noqa: E501
        answer = self.url_open(
            f"/my/orders/{order.id}/accept?access_token={token}",
            json={"params": {"name": "Kim", "signature": pixel}},
        ).json()
        self.assertNotIn("error", answer)
        self.env.invalidate_all()
        self.assertEqual((order.state, order.signed_by), ("sent", "Kim"))
        release = self.env["collection.order.release"].search([("order_id", "=", order.id)])
        self.assertEqual((release.state, release.release_amount), ("asked", 500))
        self.assertIn("not an order yet", order.message_ids[0].body + order.message_ids[1].body)
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("This order cannot be confirmed yet", page)
        self.assertIn("500.00", page)
        self.assertNotIn(self.rule.name, page, "why is nobody's business but ours")

    def test_paid_by_the_customer(self):
        """A payment of the order itself is kept; the order waits all the same."""
        order = self._quotation(require_payment=True)
        order.state = "sent"
        provider = self.env["payment.provider"].sudo().create(
            {"name": "Test", "code": "none", "company_id": self.company.id, "state": "test"}
        )
        transaction = self.env["payment.transaction"].sudo().create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.link(order.id)],
                "state": "done",
            }
        )
        self.assertFalse(transaction._check_amount_and_confirm_order())
        self.assertEqual(order.state, "sent")
        release = self.env["collection.order.release"].search([("order_id", "=", order.id)])
        self.assertEqual(release.state, "asked")
        self.rule.active = False
        self.assertEqual(transaction._check_amount_and_confirm_order(), order)

    # === PAID === #

    def test_paid_it_is_released_and_the_seller_told(self):
        with self._at(NOON):
            order, other = self._quotation(), self._quotation()
            order.with_user(self.seller).action_ask_release()
            release = self.env["collection.order.release"].search([("order_id", "=", order.id)])
            self.assertIn(order.name, self._case(self.customer).activity_ids.summary)
            self._pay(self.late, 200)
            self.assertEqual(release.state, "asked", "paid in part")
            self.assertEqual(self._hold(order), ("hold", 300))
            self._pay(self.late)
            self.assertEqual(release.state, "paid")
            task = order.activity_ids
            self.assertEqual(task.user_id, self.seller)
            self.assertIn("confirm the order", task.summary)
            self.assertFalse(other.activity_ids, "nobody asked for the other one")
            order.with_user(self.seller).action_confirm()
            self.assertEqual(order.state, "sale")
        events = self.env["collection.evidence"].search([("event", "=", "order_paid")])
        self.assertEqual(events.case_id, self._case(self.customer))
        self.assertEqual(events.facts["order"], order.name)

    def test_an_error_while_releasing_stops_no_payment(self):
        """Not even one that the database raises: it is undone, logged, and somebody is told."""
        releases = type(self.env["collection.order.release"])

        def fail(release):
            release.env.cr.execute("SELECT 1 / 0")

        with self._at(NOON):
            order = self._quotation()
            order.with_user(self.seller).action_ask_release()
            release = self.env["collection.order.release"].search([("order_id", "=", order.id)])
            logs = self.assertLogs(
                "odoo.addons.account_collections_sale.models.collection_order_release", "ERROR"
            )
            broken = patch.object(releases, "_tell_salesperson", fail)
            with broken, logs, mute_logger("odoo.sql_db"):
                self._pay(self.late)
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(self.late.amount_residual, 0, "the payment is booked")
            self.assertEqual((release.state, order.state), ("asked", "draft"))
            told = self._case(self.customer).activity_ids.mapped("summary")
            self.assertIn(f"Paid, but not released by itself: {order.name}", told)
            self.env["collection.order.release"]._follow_payments(self.company)
            self.assertEqual(release.state, "paid", "the next run does it")

    def test_the_payment_link(self):
        order = self._quotation()
        with self._at(NOON):
            sold = order.with_user(self.seller)
            partners = type(self.env["res.partner"])
            if partners._get_collection_pay_url.__module__.startswith(
                "odoo.addons.account_collections."
            ):
                with self.assertRaisesRegex(UserError, "not installed"):
                    sold.action_send_payment_link()
                return
            context = sold.action_send_payment_link()["context"]
            self.assertIn("/my/account-statement/letter/", context["default_body"])
            self.assertIn("500.00", context["default_body"])
            with self.assertRaisesRegex(UserError, "No payment is needed"):
                self._quotation(self.other_customer).with_user(
                    self.seller
                ).action_send_payment_link()

    # === RELEASED === #

    def test_released_for_one_order_of_that_amount(self):
        with self._at(NOON):
            order, other = self._quotation(), self._quotation()
            release = self._release(order)
            self.env.invalidate_all()
            self.assertEqual(order.with_user(self.seller).collection_release_state, "granted")
            with self.assertRaisesRegex(UserError, f"{other.name} of Dupont is held"):
                (order | other).with_user(self.seller).action_confirm()
            self.env.invalidate_all()
            order.with_user(self.seller).order_line.product_uom_qty = 2
            with self.assertRaisesRegex(UserError, "is held"):
                order.with_user(self.seller).action_confirm()
            order.with_user(self.seller).order_line.product_uom_qty = 1
            order.with_user(self.seller).action_confirm()
            self.assertEqual((order.state, release.state), ("sale", "used"))
            # two at once: the second sees what the first decided
            second = self._release(other)
            with self.assertRaisesRegex(UserError, "cannot become"):
                second.action_grant()
            with self.assertRaisesRegex(UserError, "not changed"):
                second.date_end = TODAY.replace(day=30)
        with self._at("2026-03-19 12:00:00"), self.assertRaisesRegex(UserError, "is held"):
            other.with_user(self.seller).action_confirm()

    def test_who_may_ask_decide_and_see(self):
        order = self._quotation()
        with self._at(NOON):
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                order.with_user(self.owner).action_ask_release()
            order.with_user(self.seller).action_ask_release()
            release = self.env["collection.order.release"].search([("order_id", "=", order.id)])
            release.with_user(self.seller).read(["state", "hold_reason"])
            for user in (self.seller, self.owner):
                for refused in (
                    release.with_user(user).action_grant,
                    lambda user=user: release.with_user(user).write({"reason": "Please"}),
                ):
                    with (
                        mute_logger("odoo.addons.base.models.ir_model"),
                        self.assertRaises(AccessError),
                    ):
                        refused()
                with self.assertRaises(UserError):
                    release.with_user(user).write({"state": "granted"})
            for model in ("collection.case", "collection.item", "collection.credit.rule"):
                with (
                    mute_logger("odoo.addons.base.models.ir_model"),
                    self.assertRaises(AccessError),
                ):
                    self.env[model].with_user(self.seller).search([])
            # the manager, who has no rights in sales, decides all the same, on facts
            managed = release.with_user(self.manager)
            values = managed.web_read(
                {name: {} for name in ("order_name", "amount", "facts_html", "salesperson_id")}
            )
            self.assertIn("Stage", values[0]["facts_html"])
            with self.assertRaises(UserError):
                managed.write({"state": "granted"})
            with self.assertRaisesRegex(UserError, "Write down why"):
                managed.action_grant()
            managed.reason = "Known for years"
            managed.action_grant()
            self.assertIn("Known for years", order.message_ids[0].body)
