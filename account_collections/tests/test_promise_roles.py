from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .promise_common import DAY, FRIDAY, PromiseCommon

MODELS = (
    "collection.promise",
    "collection.promise.item",
    "collection.plan",
    "collection.plan.line",
    "collection.plan.item",
)


@tagged("post_install", "-at_install")
class TestPromiseRoles(PromiseCommon):
    """Who sees promises and plans, and who makes them, tried as the user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._user("reader", "account_collections.group_collection_readonly")
        cls.colleague = cls._user("colleague", "account_collections.group_collection_user")
        cls.books = cls._user("books", "account.group_account_invoice")
        cls.promise = cls._promise(400)
        newer = cls._invoice(cls.customer, 300, overdue=5)
        with cls._at(f"{TODAY} 08:00:00"):
            cls.plan = cls.env["collection.plan"]._make(
                cls.case, cls._items(newer), {"count": 2, "first": FRIDAY}
            )
        cls.case.user_id = cls.owner
        cls.env.flush_all()

    def _seen(self, user):
        return {model: len(self.env[model].with_user(user).search([])) for model in MODELS}

    def test_who_sees_them(self):
        everything = self._seen(self.manager)
        self.assertTrue(all(everything.values()), everything)
        self.assertEqual(self._seen(self.owner), everything)
        self.assertEqual(self._seen(self.reader), everything)
        self.assertFalse(any(self._seen(self.colleague).values()))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._user("stranger", "account_collections.group_collection_manager", elsewhere)
        self.assertFalse(any(self._seen(stranger).values()))
        for user in (self.books, self.env.ref("base.public_user")):
            for model in MODELS:
                with self.subTest(user=user.id, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def _all_refused(self, attempts):
        with self._at(f"{TODAY} 08:00:00"):
            super()._all_refused(attempts)

    def test_read_only_and_other_collectors_change_nothing(self):
        for user in (self.reader, self.colleague):
            case, promise = self.case.with_user(user), self.promise.with_user(user)
            plan = self.plan.with_user(user)
            self._all_refused(
                [
                    lambda case=case: case._promise_quick(100, FRIDAY),
                    lambda case=case: (
                        self.env["collection.plan"].with_user(case.env.user)._make(case)
                    ),
                    lambda promise=promise: promise.action_cancel(),
                    lambda promise=promise: promise.write({"note": "x"}),
                    lambda plan=plan: plan.action_propose(),
                    lambda plan=plan: plan.action_accept(),
                    lambda plan=plan: plan.action_approve(),
                    lambda plan=plan: plan.action_cancel(),
                    lambda plan=plan: plan.action_rework(),
                    lambda plan=plan: plan.action_renegotiate(),
                    lambda plan=plan: plan.line_ids.write({"amount": 1}),
                    lambda plan=plan: plan.line_ids.unlink(),
                    lambda plan=plan: plan.write({"note": "x"}),
                ]
            )
        self.assertEqual((self.promise.state, self.plan.state), ("open", "draft"))

    def test_nobody_makes_or_deletes_them_by_hand(self):
        values = {
            "case_id": self.case.id,
            "currency_id": self.promise.currency_id.id,
            "amount": 10,
        }
        for user in (self.owner, self.manager):
            self._all_refused(
                [
                    lambda user=user: self.env["collection.promise"].with_user(user).create(values),
                    lambda user=user: self.env["collection.plan"].with_user(user).create(values),
                    lambda user=user: self.promise.with_user(user).unlink(),
                    lambda user=user: self.plan.with_user(user).unlink(),
                    lambda user=user: self.promise.item_ids.with_user(user).write({"amount": 1}),
                    lambda user=user: self.promise.with_user(user).write({"plan_id": self.plan.id}),
                    lambda user=user: self.plan.with_user(user).write({"approved_by_id": user.id}),
                    lambda user=user: self.plan.with_user(user).write({"case_id": self.case.id}),
                ]
            )

    def test_no_attachment_of_others_becomes_readable(self):
        secret = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"secret",
                "res_model": "res.company",
                "res_id": self.env["res.company"].create({"name": "Elsewhere"}).id,
            }
        )
        newer = self._invoice(self.customer, 50, overdue=5)
        with (
            mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"),
            self.assertRaises(AccessError),
        ):
            self._promise(items=self._items(newer), attachment_ids=secret.with_user(self.owner))

    def test_a_limit_is_the_manager_s_to_exceed(self):
        newer = self._invoice(self.customer, 50, overdue=5)
        far = TODAY + 40 * DAY
        values = {"items": self._items(newer), "date": far, "exception_reason": "They move"}
        with self.assertRaisesRegex(UserError, "credit manager may"):
            self._promise(**values)
        promise = self._promise(user=self.manager, **values)
        self.assertEqual((promise.date, promise.allowed_by_id), (far, self.manager))

    def test_a_customer_promises_on_line_within_the_limits(self):
        """By code that runs with all rights: they are the customer's limits all the same."""
        guest = new_test_user(self.env, "guest", "base.group_portal")
        case = self.case.with_user(guest).sudo()
        newer = self._invoice(self.customer, 50, overdue=5)
        items = self._items(newer).with_env(case.env)
        values = {"items": items, "channel": "portal", "exception_reason": "I want to"}
        with self._at(f"{TODAY} 08:00:00"):
            with self.assertRaisesRegex(UserError, "21 days ahead at most.*contact us"):
                case._promise_quick(50, TODAY + 22 * DAY, **values)
            with self.assertRaisesRegex(UserError, "50.01 cannot be promised"):
                case._promise_quick(50.01, FRIDAY, **values)
            promise = case._promise_quick(50, FRIDAY, **values)
        self.assertEqual((promise.channel, promise.date), ("portal", FRIDAY))
        self.assertEqual(promise.user_id, self.owner, "whoever works on the case follows it")
        self.assertFalse(promise.allowed_by_id)
