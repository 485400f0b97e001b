import base64
import io

import openpyxl
from odoo import Command
from odoo.addons.account_collections.report.offline_html import make_offline
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import TODAY
from .service import SILENCE, expect_failures, serving
from .test_recipients import ADDRESS, ReachCommon
from .test_statement import read

NOON = f"{TODAY} 12:00:00"
LONG = "<p>" + "All of this is owed and has to be paid. " * 300 + "</p>"


class LetterCommon(ReachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.write({**ADDRESS, "city": "Lyon", "country_id": cls.france.id})
        cls.first.write({"channel": "letter"})

    def _to_print(self, *partners):
        """Return the letters of customers that wait to be printed."""
        for partner in partners or (self.customer,):
            self._invoice(partner, 500, 20)
        self._day()
        letters = self.env["collection.reminder"].search([("state", "=", "to_print")])
        self.assertEqual(set(letters.debtor_id), set(partners or [self.customer]))
        return letters

    def _print(self, letters, user=None):
        """Press the button, as the owner does; return the mailing."""
        with self._at(NOON):
            action = letters.with_user(user or self.owner).action_print_letters()
        self.assertEqual(action.get("res_model"), "collection.mailing", action)
        return self.env["collection.mailing"].browse(action["res_id"])

    def _events(self, reminder):
        evidence = self.env["collection.evidence"]
        return evidence.search([("reminder_id", "=", reminder.id)]).mapped("event")


@tagged("post_install", "-at_install")
class TestLetters(LetterCommon):
    """Letters that we print and post ourselves."""

    def test_one_file_and_a_mailing_list_for_many(self):
        letters = self._to_print(self.customer, self.other_customer)
        mailing = self._print(letters)
        pages = read(base64.b64decode(mailing.pdf))
        self.assertEqual(len(pages), 2)
        self.assertEqual(mailing.page_count, 2)
        for page, name, city in zip(pages, ("Dupont", "Martin"), ("Paris", "Lyon")):
            for words in (name, city, "You owe", f"Reminder for {name}"):
                self.assertIn(words, page)
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(mailing.recipients)))
        rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
        self.assertEqual(rows[0][:3], ["Reference", "Channel", "Name"])
        self.assertEqual(
            [(row[2], row[3], row[5], row[6], row[7]) for row in rows[1:]],
            [
                ("Dupont", ADDRESS["street"], "75002", "Paris", "France"),
                ("Martin", ADDRESS["street"], "75002", "Lyon", "France"),
            ],
        )
        self.assertEqual(letters.mapped("state"), ["printed"] * 2)
        self.assertEqual(letters.mailing_id, mailing)

    def test_posted_it_has_reached_its_level(self):
        self.first.copy_manager = True
        self.company.collection_manager_id = self.manager
        letters = self._to_print()
        facts, made = self._decided(self.customer)
        self.assertEqual((facts.items[0].rank, made.reason), (0, "pending"))
        mailing = self._print(letters)
        facts, made = self._decided(self.customer)
        self.assertEqual((facts.items[0].rank, made.reason), (0, "pending"))
        with self._at(NOON):
            mailing.with_user(self.owner).action_posted()
        self.assertEqual((letters.state, letters.posted_on), ("sent", TODAY))
        self.assertEqual(mailing.waiting_count, 0)
        facts, _made = self._decided(self.customer)
        self.assertEqual((facts.items[0].rank, facts.last_contact), (20, TODAY))
        self.assertEqual(self._events(letters)[:2], ["sent", "printed"])
        message = letters.mail_message_id
        self.assertEqual(message.res_id, letters.case_id.id)
        self.assertIn("You owe", message.body)
        self.assertEqual(message.attachment_ids.mimetype, "application/pdf")
        self.assertFalse(message.notification_ids, "nobody gets an e-mail of it")
        # a notification is for its readers
        copy = self.env["mail.message"].sudo().search(
            [("message_type", "=", "user_notification"), ("res_id", "=", letters.case_id.id)]
        )
        self.assertEqual(copy.notified_partner_ids, self.manager.partner_id, "but for a copy")

    def test_my_day_shows_what_is_to_be_printed_and_posted(self):
        letters = self._to_print()
        todo = self.env["collection.todo"].with_user(self.owner)
        waiting = [("kind", "=", "4_letter")]
        self.env.flush_all()
        self.assertEqual(todo.search(waiting).reminder_id, letters)
        self._print(letters)
        self.env.flush_all()
        self.assertEqual(todo.search(waiting).reminder_id, letters)
        with self._at(NOON):
            letters.with_user(self.owner).action_posted()
        self.env.flush_all()
        self.assertFalse(todo.search(waiting))

    def test_the_job_makes_the_pdf_before_anybody_prints(self):
        letters = self._to_print(self.customer, self.other_customer)
        with self.committing() as env, self._at(NOON):
            env["collection.delivery"]._make_letters()
        made = letters.letter_id
        self.assertEqual(len(made), 2)
        self.assertIn("Dupont", read(letters.filtered(
            lambda one: one.debtor_id == self.customer
        ).letter_id.raw)[0])
        self._print(letters)
        self.assertEqual(letters.letter_id, made, "what was made is what is printed")

    def test_letters_of_several_pages_come_back_to_their_own(self):
        letters = self._to_print(self.customer, self.other_customer)
        first = letters.filtered(lambda one: one.debtor_id == self.customer)
        first.sudo().body = LONG
        made = self.env["collection.letter"]._make(letters)
        self.assertGreater(len(read(made[first])), 1)
        self.assertEqual(len(read(made[letters - first])), 1)
        self.assertIn("Martin", read(made[letters - first])[0])

    def test_the_statement_is_enclosed(self):
        self.first.attach_statement = True
        letters = self._to_print()
        mailing = self._print(letters)
        pages = read(base64.b64decode(mailing.pdf))
        self.assertEqual(len(pages), 2)
        self.assertIn("Statement of account", pages[1])

    def test_printed_again_it_is_the_same_letter(self):
        letters = self._to_print()
        first = self._print(letters)
        letters.sudo().body = "<p>Something else</p>"
        again = self._print(letters)
        self.assertNotEqual(first, again)
        self.assertEqual(first.pdf, again.pdf)
        self.assertEqual(self._events(letters).count("printed"), 1)

    def test_paid_before_it_was_printed(self):
        letters = self._to_print(self.customer, self.other_customer)
        paid = letters.filtered(lambda one: one.debtor_id == self.customer)
        self._pay(paid.item_ids.move_id)
        mailing = self._print(letters)
        self.assertEqual(paid.state, "cancelled")
        self.assertEqual(mailing.reminder_ids, letters - paid)
        self.assertEqual(len(read(base64.b64decode(mailing.pdf))), 1)

    def test_all_paid_before_they_were_printed(self):
        letters = self._to_print()
        self._pay(letters.item_ids.move_id)
        with self._at(NOON):
            action = letters.with_user(self.owner).action_print_letters()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(letters.state, "cancelled")

    def test_paid_in_part_before_it_was_printed(self):
        letters = self._to_print()
        with self.committing() as env, self._at(NOON):
            env["collection.delivery"]._make_letters()
        self.assertIn("500.0", read(letters.letter_id.raw)[0])
        self._pay(letters.item_ids.move_id, 200)
        mailing = self._print(letters)
        self.assertIn("300.0", read(base64.b64decode(mailing.pdf))[0])

    def test_edited_and_paid_in_part_it_goes_back_to_be_approved(self):
        self._invoice(self.customer, 500, 20)
        self._morning()
        letters = self._reminder(self.customer)
        letters.with_user(self.owner).body = "<p>You owe 500 in all.</p>"
        self._noon()
        self.assertEqual(letters.state, "to_print")
        self._pay(letters.item_ids.move_id, 200)
        with self._at(NOON):
            letters.with_user(self.owner).action_print_letters()
        self.assertEqual(letters.state, "to_approve")

    def test_an_address_that_became_incomplete(self):
        self._invoice(self.customer, 500, 20)
        self._morning()
        self.customer.city = False
        self._noon()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("incomplete", reminder.failure)

    def test_the_post_brings_it_back(self):
        self.first.other_channel_ids = [Command.create({"joins": "else", "channel": "email"})]
        letters = self._to_print()
        mailing = self._print(letters)
        with self._at(NOON):
            mailing.with_user(self.owner).action_posted()
            letters.with_user(self.owner).action_came_back()
        self.assertEqual(letters.state, "returned")
        self.assertTrue(self.customer.collection_returned)
        facts, made = self._decided(self.customer)
        self.assertEqual((facts.items[0].rank, made.channel), (0, "email"))

    def test_a_registered_letter_and_its_receipt(self):
        self.first.channel = "registered"
        letters = self._to_print()
        mailing = self._print(letters)
        self.assertIn(
            "Registered letter with acknowledgement of receipt",
            read(base64.b64decode(mailing.pdf))[0],
        )
        mine = letters.with_user(self.owner)
        mine.tracking_number = "1A 234 567 8901 2"
        with self._at(NOON):
            mine.action_posted()
        with self.assertRaises(ValidationError):
            mine.received_on = "2026-03-01"
        mine.write({"received_on": "2026-03-20", "receipt": "signed"})
        facts = self.env["collection.evidence"].search(
            [("reminder_id", "=", letters.id), ("event", "=", "receipt")]
        ).mapped("facts")
        self.assertIn({"receipt": "signed", "received_on": "2026-03-20"}, facts)
        self.assertEqual(facts[-1], {"tracking_number": "1A 234 567 8901 2"})
        sent = self.env["collection.evidence"].search(
            [("reminder_id", "=", letters.id), ("event", "=", "sent")]
        ).facts
        self.assertEqual(sent["tracking_number"], "1A 234 567 8901 2")
        self.assertIn("Paris", sent["to"])

    def test_only_registered_letters_have_a_receipt_and_nothing_else_is_changed_with_it(self):
        letters = self._to_print()
        with self.assertRaises(UserError):
            letters.with_user(self.owner).tracking_number = "1"
        with self.assertRaises(UserError):
            letters.with_user(self.owner).write({"tracking_number": "1", "state": "sent"})

    def test_without_the_pdf_program(self):
        letters = self._to_print()
        statements = type(self.env["collection.statement"])
        self.patch(statements, "_can_print", lambda self: False)
        with self.assertRaisesRegex(UserError, "wkhtmltopdf is missing"):
            letters.with_user(self.owner).action_print_letters()
        with self.committing() as env:
            env["collection.delivery"]._make_letters()
        self.assertEqual((letters.state, letters.letter_id.id), ("to_print", False))

    def test_hostile_names_are_text(self):
        self.customer.write({"name": "<script>evil()</script>", "street": "=1+1", "ref": "<b>7"})
        letters = self._to_print()
        mailing = self._print(letters)
        page = read(base64.b64decode(mailing.pdf))[0]
        self.assertIn("<script>evil()</script>", page)
        self.assertIn("<b>7", page)
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(mailing.recipients)))
        cell = book.active["D2"]
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))

    def test_a_text_that_loads_something_fetches_nothing(self):
        letters = self._to_print()
        with serving(self.env, "sms.endpoint", lambda path, params: {}) as service:
            seen = []
            service.server.RequestHandlerClass.do_GET = lambda one: seen.append(one.path)
            letters.sudo().body = (
                f'<p>You owe.<img src="{service.url}/a"/></p>'
                f'<p style="background-image: url({service.url}/b)">Really.</p>'
            )
            [pdf] = self.env["collection.letter"]._make(letters).values()
        self.assertEqual(seen, [])
        self.assertIn("Really", read(pdf)[0])
        kept = make_offline('<p onclick="x()">A <img src="data:image/png;base64,AA"/></p>')
        self.assertEqual(kept, '<div><p>A <img src="data:image/png;base64,AA"></p></div>')

    # === WHO MAY === #

    def test_who_prints_what(self):
        letters = self._to_print()
        mailing = self._print(letters)
        colleague = self._user("colleague", "account_collections.group_collection_user")
        reader = self._user("reader", "account_collections.group_collection_readonly")
        with self.assertRaises(AccessError):
            mailing.with_user(colleague).mapped("pdf")
        with self.assertRaises(AccessError):
            letters.with_user(colleague).action_print_letters()
        with self.assertRaises(AccessError):
            letters.with_user(reader).action_print_letters()
        with self.assertRaises(AccessError):
            mailing.with_user(reader).action_posted()
        self.assertTrue(mailing.with_user(reader).pdf)
        self.assertTrue(mailing.with_user(self.manager).pdf)
        for user in (self.owner, self.manager):
            with self.assertRaises(AccessError):
                mailing.with_user(user).write({"letter_count": 9})
            with self.assertRaises(AccessError):
                self.env["collection.mailing"].with_user(user).create(
                    {"company_id": self.company.id, "date": TODAY, "user_id": user.id}
                )
        other = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = new_test_user(
            self.env,
            "elsewhere",
            "account_collections.group_collection_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            mailing.with_user(elsewhere).mapped("pdf")

    def test_an_email_is_no_letter(self):
        self.first.channel = "email"
        self._invoice(self.customer, 500, 20)
        self._morning()
        with self.assertRaisesRegex(UserError, "None of these is a letter"):
            self._reminder(self.customer).with_user(self.owner).action_print_letters()


def take(path, params):
    """Answer as the postal service does when it accepts."""
    return _answer(params, sent=True, send_id="42")


def _answer(params, **outcome):
    documents = [{"letter_id": one["letter_id"], **outcome} for one in params["documents"]]
    return {"request_code": 200, "request": {"documents": documents}}


@tagged("post_install", "-at_install")
class TestSnailmail(LetterCommon):
    """Letters by Odoo's postal service, on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_letter_service = "snailmail"

    def _sent(self, answer):
        self._invoice(self.customer, 500, 20)
        self._morning()
        return self._leave(answer)

    def _leave(self, answer, now=NOON):
        with (
            self.committing() as env,
            self._at(now),
            serving(env, "snailmail.endpoint", answer) as service,
        ):
            env["collection.delivery"]._depart(env["res.company"].browse(self.company.id))
        return self._reminder(self.customer), service

    def test_a_letter_by_the_service(self):
        reminder, service = self._sent(take)
        [(path, params)] = service.calls
        self.assertEqual(path, "/iap/snailmail/1/print")
        [document] = params["documents"]
        self.assertEqual(document["address"]["city"], "Paris")
        self.assertIn("You owe", read(base64.b64decode(document["pdf_bin"]))[0])
        self.assertEqual((reminder.state, reminder.posted_on), ("sent", TODAY))
        letter = self.env["snailmail.letter"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(letter.state, "sent")
        self.assertEqual(self._events(reminder)[0], "sent")

    def test_no_credit_is_a_failure_and_nothing_waits_to_be_sent_behind_our_back(self):
        reminder, _service = self._sent(
            lambda path, params: _answer(params, sent=False, error="CREDIT_ERROR")
        )
        self.assertEqual(reminder.state, "failed")
        self.assertIn("credits", reminder.failure)
        self.assertFalse(self.env["snailmail.letter"].search([]))

    @expect_failures
    def test_the_service_is_down(self):
        self._invoice(self.customer, 500, 20)
        self._morning()
        for now, state in (("12:00", "scheduled"), ("12:30", "scheduled"), ("13:00", "failed")):
            reminder, _service = self._leave(lambda path, params: 500, f"{TODAY} {now}:00")
            self.assertEqual(reminder.state, state)
        self.assertIn("Postal service", reminder.failure)
        self.assertFalse(self.env["snailmail.letter"].search([]))

    @expect_failures
    def test_the_connection_breaks(self):
        reminder, _service = self._sent(lambda path, params: SILENCE)
        self.assertEqual(reminder.state, "unconfirmed")

    def test_a_registered_letter_is_ours_to_print(self):
        self.first.channel = "registered"
        reminder, service = self._sent(take)
        self.assertEqual((reminder.state, service.calls), ("to_print", []))
