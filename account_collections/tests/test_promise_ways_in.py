from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY
from .promise_common import DAY, FRIDAY, PromiseCommon

#: What may have happened, in the order in which the form offers it.
PAUSES = ["promise", "dispute", "plan", "paid", "other"]


@tagged("post_install", "-at_install")
class TestPromiseWaysIn(PromiseCommon):
    """Where people write a promise down, and where they see it."""

    # === THE FORM === #

    def test_what_may_have_happened_in_the_order_of_the_form(self):
        codes = [code for code, _label in self.env["collection.pause"]._get_kinds()]
        ours = [code for code in codes if code in PAUSES]
        self.assertEqual(ours, PAUSES)

    def _form(self, user=None, **context):
        model = self.env["collection.pause"].with_user(user or self.owner)
        context.setdefault("active_model", "collection.case")
        context.setdefault("active_ids", self.case.ids)
        return Form(model.with_context(**context))

    def test_a_promise_by_call_takes_one_key_to_open_and_one_to_save(self):
        with self._at(f"{TODAY} 08:00:00"):
            action = self.mine.action_promise()
            form = self._form(**action["context"])
            self.assertEqual((form.kind, form.amount), ("promise", 1000))
            # on a Wednesday the next Friday is too near
            self.assertEqual(form.date_promised, FRIDAY + 7 * DAY)
            form.save().action_pause()
        self.env.invalidate_all()
        promise = self.case.promise_ids
        self.assertEqual((promise.amount, promise.channel), (1000, "call"))
        self.assertEqual(promise.user_id, self.owner)
        self.assertEqual(self.case.decision_id.reason, "promised")

    def test_the_day_that_is_offered(self):
        for weekday, friday in ((0, 4), (1, 3), (2, 9), (3, 8), (4, 7), (5, 6), (6, 5)):
            day = TODAY + (weekday - 2) * DAY
            with self._at(f"{day} 12:00:00"):
                expected = day + friday * DAY
                self.assertEqual(self.case._get_promise_day(), expected, day)

    def test_from_items_of_the_list(self):
        newer = self._invoice(self.customer, 300, overdue=5)
        items = self._items(newer)
        with self._at(f"{TODAY} 08:00:00"):
            form = self._form(
                active_model="collection.item", active_ids=items.ids, default_kind="promise"
            )
            self.assertEqual(form.amount, 300)
            form.save().action_pause()
        self.assertEqual(self.case.promise_ids.item_ids.move_id, newer)

    def test_from_a_reply_with_its_words(self):
        with self._at(f"{TODAY} 08:00:00"):
            self.case.message_post(
                body="We will pay on Friday.",
                message_type="email",
                author_id=self.customer.id,
                subtype_xmlid="mail.mt_comment",
            )
            self.case.unanswered_since = fields.Datetime.now()
            form = self._form(default_kind="promise")
            self.assertEqual((form.channel, form.sentence), ("mail", "We will pay on Friday."))
            form.save().action_pause()
        self.assertEqual(self.case.promise_ids.sentence, "We will pay on Friday.")

    def test_from_a_reminder_with_its_items(self):
        self._day()
        newer = self._invoice(self.customer, 300, overdue=5)
        self.assertTrue(self._items(newer))
        with self._at(f"{TODAY} 18:00:00"):
            action = self.case.reminder_ids.with_user(self.owner).action_promise()
            form = self._form(**action["context"])
            self.assertEqual(form.amount, 1000)
            form.save().action_pause()
        self.assertEqual(self.case.promise_ids.item_ids.move_id, self.invoice)

    # === A CALL'S RESULT === #

    def _call(self, user=None, **values):
        with self._at(f"{TODAY} 14:00:00"):
            model = self.env["collection.call.note"].with_user(user or self.owner)
            form = Form(model.with_context(default_case_id=self.case.id))
            form.result = "will_pay"
            for name, value in values.items():
                form[name] = value
            form.save().action_note()
        self.env.invalidate_all()

    def test_a_promise_by_call_in_two_keys(self):
        """Result and save: all that is overdue, for the Friday that is offered."""
        self._morning()
        self._call()
        promise = self.case.promise_ids
        self.assertEqual((promise.amount, promise.date), (1000, FRIDAY + 7 * DAY))
        self.assertEqual((promise.channel, promise.user_id), ("call", self.owner))
        self._noon()
        self.assertEqual(self.case.reminder_ids.end_reason, "promised")

    def test_a_part_promised_by_call_and_the_last_word_counts(self):
        self._morning()
        self._call(promised_amount=400, note="They wait for money themselves")
        first = self.case.promise_ids
        self.assertEqual((first.amount, first.sentence), (400, "They wait for money themselves"))
        self._call(promised_date=FRIDAY)
        self.assertEqual(first.state, "replaced")
        self.assertEqual(self.case.promised_until, FRIDAY)

    def test_a_call_exceeds_no_limit(self):
        self._morning()
        with self.assertRaisesRegex(UserError, "credit manager may allow more"):
            self._call(promised_date=TODAY + 30 * DAY)
        self.assertFalse(self.case.promise_ids)

    def test_without_a_day_nothing_is_promised(self):
        with self._at(f"{TODAY} 14:00:00"):
            calls = self.env["collection.call"].with_user(self.owner)
            call = calls._note(self.mine, result="will_pay", note="Soon")
        self.assertEqual((call.result, call.note), ("will_pay", "Soon"))
        self.assertFalse(self.case.promise_ids)

    def test_one_form_for_several_customers_promises_nothing(self):
        self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        cases = self.case | self._case(self.other_customer)
        with self._at(f"{TODAY} 08:00:00"):
            form = self._form(active_ids=cases.ids, default_kind="promise")
            form.amount = 10
            form.date_promised = FRIDAY
            with self.assertRaisesRegex(UserError, "one customer"):
                form.save().action_pause()

    def test_the_form_says_what_is_promised_already_and_replaces_it(self):
        first = self._promise()
        with self._at(f"{TODAY} 08:00:00"):
            action = first.with_user(self.owner).action_renew()
            form = self._form(**action["context"])
            self.assertIn("1,000.00", form.promised_already)
            self.assertTrue(form.renew)
            form.date_promised = FRIDAY + 3 * DAY
            form.save().action_pause()
        self.assertEqual(first.state, "replaced")

    def test_paid_already_says_the_customer(self):
        with self._at(f"{TODAY} 08:00:00"):
            form = self._form()
            form.kind = "paid"
            form.note = "By transfer, on Monday"
            form.save().action_pause()
        self.assertEqual(self.case.current_hold_id.reason or self.case.hold_ids.reason, "paid")
        self.assertEqual(self.case.hold_ids.date_end, TODAY + 7 * DAY)

    def test_an_owner_who_left_is_chosen_by_nobody(self):
        leaver = new_test_user(self.env, "leaver", "account_collections.group_collection_user")
        leaver.active = False
        with self._at(f"{TODAY} 08:00:00"):
            wizard = self._form(default_kind="promise").save()
            wizard.user_id = leaver
            with self.assertRaisesRegex(UserError, "no longer with us"):
                wizard.action_pause()

    # === SCREENS === #

    def test_invoice_customer_and_items_show_it(self):
        self._promise(600)
        books = new_test_user(
            self.env,
            "books",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for record in (self.invoice, self.customer):
            mine = record.with_user(books)
            self.assertEqual(mine.collection_promised_until, FRIDAY)
            model = mine.browse()
            for domain, found in (
                ([("collection_promised_until", "!=", False)], True),
                ([("collection_promised_until", "=", False)], False),
                ([("collection_promised_until", "<=", FRIDAY)], True),
                ([("collection_promised_until", ">", FRIDAY)], False),
            ):
                with self.subTest(record=record, domain=domain):
                    there = model.search([("id", "=", record.id), *domain])
                    self.assertEqual(bool(there), found)
        self.assertEqual(self._items(self.invoice).promised_until, FRIDAY)
        self.assertFalse(self.other_customer.collection_promised_until)

    def test_my_day(self):
        """Promises whose day has come; the day of the list is the database's."""
        promise = self._promise()
        promise.date = fields.Date.today()
        rows = (
            self.env["collection.todo"].with_user(self.owner).search([("kind", "=", "7_promise")])
        )
        self.assertEqual(
            (rows.case_id, rows.text),
            (self.case, "1000.00 EUR".replace("EUR", promise.currency_id.name)),
        )
        self._speak_french()
        # blanks of every kind are one
        self.assertIn("$ 1,000.00", " ".join(rows.label.split()))
        self.assertIn("1 000,00", " ".join(rows.with_context(lang="fr_FR").label.split()))
        activity = self.case.activity_schedule("mail.mail_activity_data_todo", fields.Date.today())
        promise.activity_id = activity
        self.env.flush_all()
        kinds = self.env["collection.todo"].search([("case_id", "=", self.case.id)]).mapped("kind")
        self.assertNotIn("5_activity", kinds, "it is there once")
        rows.action_open()

    def test_rows_of_my_day_have_slots_of_their_own(self):
        for source in self.env["collection.todo"]._get_sources():
            self.assertIn("* 32::bigint", source.code)
