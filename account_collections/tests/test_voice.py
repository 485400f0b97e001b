from datetime import date, timedelta

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import TODAY
from .gateway import GatewayCommon

DAY = timedelta(days=1)
#: Three working days after TODAY, a Wednesday.
MONDAY = date(2026, 3, 23)


@tagged("post_install", "-at_install")
class TestVoice(GatewayCommon):
    """The salesperson hears of a firm level three working days before; silence sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        # No rights in collections or accounting, and notifications are read in Odoo.
        cls.seller = new_test_user(
            cls.env,
            "seller",
            "base.group_user",
            name="Sylvie Vente",
            email="seller@company.example",
            notification_type="inbox",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer.user_id = cls.seller
        cls.firm = cls.scenario.level_ids.sorted("rank")[1]
        cls.firm.write({"tone": "firm", "name": "Firm reminder", "voice_days": 3})
        # The first level went out a week ago; the firm one is ripe today.
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)
        item = cls.env["collection.item"].search([("move_id", "=", cls.invoice.id)])
        cls.env["collection.reminder"]._carry_over(
            cls.company, [(item.line_id.id, 20, TODAY - 9 * DAY)]
        )

    def _told(self):
        """Return what the salesperson was told, the last first."""
        return self.case.reminder_ids.filtered(lambda one: one.kind == "voice").sorted("id")[::-1]

    def _sent(self):
        return self.case.reminder_ids.filtered(
            lambda one: one.kind == "dunning" and one.state == "sent"
        )

    def _tell(self):
        """A day on which the salesperson is told; return the mail as it left."""
        with self.mock_mail_gateway():
            self._day()
        [mail] = self._mails
        return mail

    def _answer(self, text, when=TODAY, sender=None, **headers):
        """The salesperson answers what they were told; return the mails that leave of it."""
        self.env.cr.postcommit.clear()  # of others, which the test has not committed
        with self._at(f"{when} 16:00:00"), self.mock_mail_gateway():
            self._receive(
                sender or self.seller.email,
                references=self._told()[0].message_id,
                text=text,
                **headers,
            )
            self.env.cr.postcommit.run()
        # Who wrote the mail before is notified of the answer, as Odoo does.
        return [mail for mail in self._mails if self.seller.email in mail["email_to"][0]]

    # === TOLD === #

    def test_the_default_is_three_days_for_what_is_firm_and_leaves_by_itself(self):
        base = {"name": "L", "scenario_id": self.scenario.id, "template_id": self.template.id}
        for rank, (values, days) in enumerate(
            (
                ({"tone": "courteous"}, 0),
                ({"tone": "firm"}, 3),
                ({"tone": "formal"}, 3),
                ({"tone": "formal", "voice_days": 0}, 0),
                ({"tone": "firm", "voice_days": 5}, 5),
                ({"tone": "formal", "channel": "task"}, 0),
                ({"tone": "firm", "channel": "call"}, 0),
                ({"tone": "firm", "recipient_role": "salesperson"}, 0),
            ),
            start=61,
        ):
            with self.subTest(values=values):
                level = self.env["collection.level"].create(
                    {**base, "rank": rank, "delay": rank, **values}
                )
                self.assertEqual(level.voice_days, days)
                self.assertEqual(level._get_facts().voice_days, days)
        # what somebody chose stays when the level changes
        level.write({"tone": "formal", "recipient_role": "director"})
        self.assertEqual(level.voice_days, 0)

    def test_one_mail_with_amounts_and_invoices_and_nothing_to_log_in_for(self):
        mail = self._tell()
        told = self._told()
        self.assertEqual((told.state, told.announced_on), ("sent", MONDAY))
        self.assertEqual(told.recipient_id, self.seller.partner_id)
        self.assertEqual(mail["email_to"], ['"Sylvie Vente" <seller@company.example>'])
        for word in ("Dupont", "Firm reminder", self.invoice.name, "100.00", "03/23/2026"):
            self.assertIn(word, mail["body"])
        self.assertIn("Dupont: Firm reminder leaves on", mail["subject"])
        self.assertNotIn("/mail/view", mail["body"])
        self.assertNotIn("access_token", mail["body"])
        self.assertEqual(mail["message_id"], told.message_id)
        self.assertIn(self.address, mail["reply_to"])
        self.assertTrue(told.mail_message_id.subtype_id.internal, "the customer does not see it")
        self.assertFalse(told.attachment_ids)

    def test_silence_sends_on_the_day_that_was_named(self):
        self._tell()
        self.assertEqual(self.case.decision_id.reason, "salesperson_told")
        for day in (TODAY + DAY, date(2026, 3, 20)):
            self._day(day)
            self.assertFalse(self._sent())
            self.assertIn("03/23/2026", self.case.decision_sentence)
        self._day(MONDAY)
        self.assertEqual(self._sent().level_id, self.firm)
        self.assertEqual(len(self._told()), 1)

    def test_what_told_them_is_no_reminder_of_the_customer(self):
        self._tell()
        item = self.env["collection.item"].search([("move_id", "=", self.invoice.id)])
        self.assertEqual((item.rank, item.last_reminder), (20, TODAY - 9 * DAY))
        facts, _made = self._decided(self.customer, TODAY + DAY)
        self.assertEqual(facts.last_contact, TODAY - 9 * DAY)
        self.assertEqual(facts.items[0].rank, 20)
        run = self.env["collection.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(run.summary["reminders"], 0)

    def test_without_a_salesperson_it_leaves_at_once(self):
        self.customer.user_id = False
        self._day()
        self.assertEqual(self._sent().level_id, self.firm)
        self.assertFalse(self._told())

    def test_twice_the_same_morning_tells_once(self):
        self._morning()
        self._morning()
        with self._at(f"{TODAY} 08:00:00"):
            self.case._decide_again()
        self.assertEqual(len(self._told()), 1)

    def test_paid_before_the_mail_left(self):
        self._morning()
        self._pay(self.invoice)
        self._noon()
        self.assertEqual((self._told().state, self._told().end_reason), ("cancelled", "paid"))

    def test_another_amount_and_a_later_day_are_told_as_they_are(self):
        self._morning()
        self._pay(self.invoice, 30)
        self._noon(TODAY + DAY)
        told = self._told()
        self.assertEqual((told.state, told.announced_on), ("sent", MONDAY + DAY))
        self.assertEqual(told.amount, 70)
        self.assertIn("70.00", told.mail_message_id.body)

    def test_nothing_is_told_in_simulation(self):
        self.portfolio.action_simulate()
        self._morning()
        self.assertFalse(self._told())

    def test_who_could_not_be_told_holds_up_the_level(self):
        self._morning()
        told = self._told()
        told.sudo().write({"state": "failed"})
        self._day(MONDAY)
        self.assertFalse(self._sent())
        self.assertEqual(self.case.decision_id.reason, "stuck")
        with self._at(f"{MONDAY} 15:00:00"):
            told.with_user(self.owner).action_mark_sent()
        self._day(MONDAY + DAY)
        self.assertEqual(self._sent().level_id, self.firm)

    # === ANSWERED === #

    def test_an_answer_asks_for_five_days_once(self):
        self._tell()
        [mail] = self._answer("They promised me to pay.\n\n> Hello Sylvie Vente,\n> quoted")
        [hold] = self.case.hold_ids
        self.assertEqual((hold.reason, hold.user_id), ("salesperson", self.owner))
        self.assertEqual((hold.date_start, hold.date_end), (TODAY, MONDAY + 4 * DAY))
        self.assertIn("Sylvie Vente: They promised me to pay.", hold.note)
        self.assertNotIn("quoted", hold.note)
        self.assertFalse(self.case.unanswered_since)
        self.assertFalse(self.case.activity_ids)
        self.assertEqual(mail["email_to"], ['"Sylvie Vente" <seller@company.example>'])
        self.assertIn("It is noted", mail["body"])
        self.assertEqual(mail["headers"]["Auto-Submitted"], "auto-replied")
        self.assertIn("voice_heard", self._events(self.case))
        for day in (MONDAY, MONDAY + 4 * DAY):
            self._day(day)
            self.assertFalse(self._sent())
        # the pause ended on a Friday
        self._day(MONDAY + 7 * DAY)
        self.assertEqual(self._sent().level_id, self.firm)

    def test_a_second_request_is_answered_with_no(self):
        self._tell()
        self._answer("They promised me to pay.")
        [mail] = self._answer("A little longer, please.", when=TODAY + DAY)
        self.assertEqual(len(self.case.hold_ids), 1)
        self.assertIn("there is one only", mail["body"])
        self.assertIn("voice_refused", self._events(self.case))

    def test_the_days_are_a_setting_and_zero_grants_nothing(self):
        self.company.collection_voice_pause_days = 0
        mail = self._tell()
        self.assertNotIn("answer this mail", mail["body"])
        [mail] = self._answer("Please wait.")
        self.assertFalse(self.case.hold_ids)
        self.assertIn("cannot be put off", mail["body"])
        self.company.collection_voice_pause_days = 10
        self._answer("Please wait.")
        self.assertEqual(self.case.hold_ids.date_end, MONDAY + 9 * DAY)

    def test_a_pause_is_never_longer_than_the_longest(self):
        self.company.collection_max_pause_days = 6
        self._tell()
        self._answer("Please wait.")
        self.assertEqual(self.case.hold_ids.date_end, TODAY + 6 * DAY)

    def test_once_it_left_it_is_too_late(self):
        self._tell()
        self._day(MONDAY)
        [mail] = self._answer("Please wait.", when=MONDAY + DAY)
        self.assertFalse(self.case.hold_ids)
        self.assertIn("no longer ahead", mail["body"])

    def test_what_waits_to_leave_the_same_morning_is_held(self):
        self._tell()
        self._morning(MONDAY)
        waiting = self._reminder(self.customer)
        self.assertEqual((waiting.level_id, waiting.state), (self.firm, "scheduled"))
        with self._at(f"{MONDAY} 08:00:00"), self.mock_mail_gateway():
            self._receive(
                self.seller.email, references=self._told().message_id, text="Please wait."
            )
        self._noon(MONDAY)
        self.assertEqual((waiting.state, waiting.end_reason), ("cancelled", "hold"))
        self.assertEqual(self.case.hold_ids.date_end, MONDAY + 4 * DAY)

    def test_somebody_else_asks_in_vain(self):
        """By the mail's references alone nobody asks, nor by the sender alone."""
        self._tell()
        for sender in (self.owner.email, self.manager.email):
            with self.subTest(sender=sender):
                self.assertFalse(self._answer("Please wait.", sender=sender))
                self.assertFalse(self.case.hold_ids)
        note = self.case.message_post(body="Another exchange")
        with self._at(f"{TODAY} 16:00:00"), self.mock_mail_gateway():
            self._receive(self.seller.email, references=note.message_id)
        self.assertFalse(self.case.hold_ids)
        # a customer who got hold of it writes as a customer
        self._answer("Please wait.", sender=self.customer.email)
        self.assertEqual(self.case.hold_ids.reason, "reply")

    def test_an_absence_of_the_salesperson_is_silence(self):
        self._tell()
        self.assertFalse(self._answer("I am away.", Auto_Submitted="auto-replied"))
        self.assertFalse(self.case.hold_ids)
        self._day(MONDAY)
        self.assertEqual(self._sent().level_id, self.firm)

    def test_a_salesperson_who_is_a_contact_too_is_heard(self):
        """Their address may stand on another partner, whom the gateway finds first."""
        self.env["res.partner"].create({"name": "Another", "email": self.seller.email})
        self._tell()
        self._answer("Please wait.")
        self.assertEqual(self.case.hold_ids.mapped("reason"), ["salesperson"])

    def test_the_next_time_the_level_comes_they_may_ask_again(self):
        self._tell()
        self._answer("Please wait.")
        self._day(MONDAY + 7 * DAY)
        self._pay(self.invoice)
        later = TODAY + 63 * DAY
        invoice = self._invoice(self.customer, 200, overdue=-45)
        self._day(later - 8 * DAY)
        self.assertEqual(self._reminder(self.customer).rank, 20)
        self._day(later)
        told = self._told()[0]
        self.assertEqual(told.item_ids.move_id, invoice)
        self._answer("Again, please.", when=later)
        self.assertEqual(len(self.case.hold_ids), 2)

    def test_hostile_words_stay_words(self):
        self._tell()
        self._answer("<script>alert(1)</script> Please wait.")
        self.assertNotIn("<script>", "".join(self.case.message_ids.mapped("body")))

    def test_they_are_told_in_their_language(self):
        self._speak_french()
        self.seller.lang = "fr_FR"
        self.firm.with_context(lang="fr_FR").name = "Relance ferme"
        mail = self._tell()
        self.assertIn("Relance ferme", mail["body"])
        self.assertIn("23/03/2026", mail["body"])
        self.assertIn("Bonjour", mail["body"])
        self.assertIn("Relance ferme part le 23/03/2026", mail["subject"])
