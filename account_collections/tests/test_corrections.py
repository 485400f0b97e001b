from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY
from .gateway import GatewayCommon

DAY = timedelta(days=1)
TOMORROW = TODAY + DAY


@tagged("post_install", "-at_install")
class TestCorrections(GatewayCommon):
    """A reminder that went out wrongly: an apology, and the level it gave is taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wrong = cls._invoice(cls.customer, 100, overdue=10)
        cls.right = cls._invoice(cls.customer, 200, overdue=9)
        cls._day()
        cls.reminder = cls._reminder(cls.customer)
        cls.case = cls.reminder.case_id

    def _form(self, user=None):
        user = user or self.owner
        action = self.reminder.with_user(user).action_correct()
        return Form(
            self.env["collection.correct"].with_user(user).with_context(**action["context"])
        )

    def _correct(self, *moves, user=None, when=TOMORROW, **values):
        """Correct the reminder about these documents, or all; return the correction."""
        with self._at(f"{when} 08:00:00"):
            form = self._form(user)
            form.reason = "Paid by cheque"
            for item in self.reminder.item_ids:
                if moves and item.move_id not in moves:
                    form.item_ids.remove(id=item.id)
            for name, value in values.items():
                setattr(form, name, value)
            action = form.save().action_correct()
        return self.env["collection.reminder"].browse(action["res_id"])

    def _ranks(self):
        self.env.flush_all()
        items = self.env["collection.item"].search([("case_id", "=", self.case.id)])
        items.invalidate_recordset()
        return {item.move_id: item.rank for item in items}

    def test_it_apologises_names_what_was_wrong_and_what_stands(self):
        correction = self._correct(self.wrong)
        self.assertEqual(
            (correction.kind, correction.channel, correction.state),
            ("correction", "email", "scheduled"),
        )
        self.assertIn("apologise", correction.body)
        for name in (self.wrong.name, self.right.name, self.reminder.subject):
            self.assertIn(name, correction.body)
        head, standing = correction.body.split("What stands")
        self.assertIn(self.wrong.name, head)
        self.assertNotIn(self.right.name, head)
        self.assertIn("200.00", standing)
        self.assertNotIn("cheque", correction.body, "why is for ourselves")
        self.assertEqual(correction.corrects_id, self.reminder)

    def test_it_leaves_as_any_reminder_does(self):
        correction = self._correct(self.wrong)
        with self.mock_mail_gateway():
            self._depart(f"{TOMORROW} 08:05:00")
        [mail] = self._mails
        self.assertEqual(correction.state, "sent")
        self.assertEqual(mail["email_to"], [f'"Dupont" <{self.customer.email}>'])
        self.assertIn("apologise", mail["body"])
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertEqual(
            events.filtered(lambda one: one.reminder_id == correction).sorted("id").mapped("event"),
            ["prepared", "claimed", "sent"],
        )
        corrected = events.filtered(lambda one: one.event == "corrected")
        self.assertEqual(corrected.reminder_id, self.reminder)
        self.assertEqual(corrected.facts["documents"], self.wrong.name)
        self.assertEqual(corrected.facts["why"], "Paid by cheque")

    def test_chosen_documents_lose_the_level_and_nothing_is_deleted(self):
        self.assertEqual(self._ranks(), {self.wrong: 20, self.right: 20})
        before = self.reminder.item_ids
        self._correct(self.wrong)
        self.assertEqual(self._ranks(), {self.wrong: 0, self.right: 20})
        facts, _made = self._decided(self.customer, TOMORROW)
        self.assertEqual(
            {item.move: item.rank for item in facts.items},
            {self.wrong.id: 0, self.right.id: 20},
        )
        self.assertEqual(self.reminder.item_ids, before)
        self.assertEqual(set(before.mapped("rank")), {20})

    def test_the_level_before_is_what_is_left(self):
        later = TODAY + 7 * DAY
        self._day(later)
        self.reminder = self._reminder(self.customer)
        self.assertEqual(self._ranks(), {self.wrong: 30, self.right: 30})
        self._correct(when=later + DAY)
        self.assertEqual(self._ranks(), {self.wrong: 20, self.right: 20})

    def test_a_document_posted_anew_does_not_inherit_what_was_taken_back(self):
        self._correct(self.wrong)
        self.wrong.button_draft()
        self.wrong.action_post()
        self.assertEqual(self._ranks()[self.wrong], 0)
        facts, _made = self._decided(self.customer, TOMORROW)
        self.assertEqual({item.move: item.rank for item in facts.items}[self.wrong.id], 0)

    def test_it_may_be_withdrawn_and_then_takes_nothing_back(self):
        correction = self._correct()
        self.assertEqual(self._ranks(), {self.wrong: 0, self.right: 0})
        correction.with_user(self.owner).action_withdraw()
        self.assertEqual(self._ranks(), {self.wrong: 20, self.right: 20})

    def test_the_rest_can_be_corrected_later_but_nothing_twice(self):
        self._correct(self.wrong)
        self._depart(f"{TOMORROW} 08:05:00")
        self.reminder.invalidate_recordset()
        self.assertTrue(self.reminder.with_user(self.owner).may_correct)
        with self.assertRaises(UserError):
            self._correct(when=TOMORROW)  # one a day
        self._correct(when=TODAY + 2 * DAY)
        self.assertEqual(self._ranks(), {self.wrong: 0, self.right: 0})
        self.reminder.invalidate_recordset()
        self.assertFalse(self.reminder.with_user(self.owner).may_correct)
        with self.assertRaises(UserError):
            self.reminder._correct(
                self.reminder.item_ids, self.customer, "Again", "<p>Again</p>", "Again"
            )

    def test_an_apology_is_owed_though_nothing_else_is(self):
        self._pay(self.wrong)
        self._pay(self.right)
        correction = self._correct()
        self.assertNotIn("What stands", correction.body)
        self._morning(TOMORROW)
        self.assertEqual(self.case.decision_id.outcome, "clear")
        self._noon(TOMORROW)
        self.assertEqual(correction.state, "sent")

    def test_what_still_stands_has_to_be_true_when_it_leaves(self):
        correction = self._correct(self.wrong)
        self._pay(self.right, 50)
        self._depart(f"{TOMORROW} 08:05:00")
        self.assertEqual(correction.state, "to_approve")
        self.assertIn("changed since", correction.failure)

    def test_no_reminder_leaves_before_it(self):
        self._invoice(self.customer, 300, overdue=20)
        self._correct(self.wrong)
        facts, made = self._decided(self.customer, TOMORROW)
        self.assertEqual((facts.pending, made.reason), ("scheduled", "pending"))

    def test_without_an_address_a_person_delivers_it(self):
        self.customer.email = False
        correction = self._correct(self.wrong)
        self._depart(f"{TOMORROW} 08:05:00")
        self.assertEqual((correction.channel, correction.state), ("task", "to_do"))
        self.assertEqual(correction.activity_id.user_id, self.owner)
        self.assertIn("apologise", correction.activity_id.note)

    def test_of_a_level_to_approve_the_owner_s_correction_is_approved_too(self):
        self.scenario.level_ids.approval = True
        correction = self._correct(self.wrong)
        self.assertEqual(correction.state, "to_approve")
        with self._at(f"{TOMORROW} 08:01:00"):
            correction.with_user(self.manager).action_approve()
        self._depart(f"{TOMORROW} 08:05:00")
        self.assertEqual(correction.state, "sent")

    def test_the_credit_manager_s_needs_no_approval(self):
        self.scenario.level_ids.approval = True
        self.assertEqual(self._correct(self.wrong, user=self.manager).state, "scheduled")

    def test_a_person_may_write_it_in_their_words(self):
        correction = self._correct(self.wrong, subject="Sorry", body="<p>My <i>words</i></p>")
        self.assertEqual((correction.subject, correction.body), ("Sorry", "<p>My <i>words</i></p>"))

    def test_in_the_language_of_the_recipient(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        body = self._correct(self.right).body
        for words in ("09/03/2026", "excuser"):
            self.assertIn(words, body)
        self.assertNotIn("apologise", body)

    def test_who_may(self):
        company = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        colleague = new_test_user(
            self.env, "colleague", "account_collections.group_collection_user", **company
        )
        reader = new_test_user(
            self.env, "reader", "account_collections.group_collection_readonly", **company
        )
        self.case.user_id = False
        # a collector sees an unassigned case, and corrects nothing on it
        for user in (colleague, reader):
            reminder = self.reminder.with_user(user)
            self.assertFalse(reminder.may_correct)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                reminder._correct(
                    reminder.item_ids, self.customer, "Sorry", "<p>Sorry</p>", "Because"
                )
        self.case.user_id = self.owner
        self.env["collection.substitution"].create(
            {
                "user_id": self.owner.id,
                "substitute_id": colleague.id,
                "date_from": TOMORROW,
                "date_to": TOMORROW,
            }
        )
        with self._at(f"{TOMORROW} 08:00:00"):
            self.assertTrue(self.case.with_user(colleague)._is_acted_for())
        with self._at(f"{TODAY} 08:00:00"):
            self.assertFalse(self.case.with_user(colleague)._is_acted_for())

    def test_what_cannot_be_corrected(self):
        opening = self.reminder.sudo().copy({"kind": "opening", "state": "sent"})
        for reminder in (opening, self._correct(self.wrong)):
            self.assertFalse(reminder.may_correct)
            with self.subTest(kind=reminder.kind), self.assertRaises(UserError):
                reminder._correct(
                    reminder.item_ids, self.customer, "Sorry", "<p>Sorry</p>", "Because"
                )
