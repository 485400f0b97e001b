from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user

from .common import TODAY, CollectionCommon

MY_DAY = "/odoo/collections-my-day"
LETTERS = "/odoo/collections-letters"
DISPUTES = "/odoo/collections-disputes"


class TestTours(HttpCase, CollectionCommon):
    """What people do, in a real browser. Its clock is the real one, so is the day of the run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._collection_today()
        # The day of the list is its reader's, and that of the run the company's.
        (cls.owner | cls.manager).tz = str(cls.company._collection_timezone())
        cls.invoice = cls._invoice_late(cls.customer, 900, days=45)
        cls._invoice_late(cls.other_customer, 300, days=5)

    @classmethod
    def _invoice_late(cls, partner, amount, days):
        """Post an invoice that is ``days`` days overdue on the day of the browser."""
        return cls._invoice(partner, amount, overdue=(TODAY - cls.today).days + days)

    @classmethod
    def _new_user(cls, login, group, **values):
        return new_test_user(
            cls.env,
            login,
            f"account_collections.{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            email=f"{login}@company.example",
            **values,
        )

    def test_credit_manager(self):
        """Edit and approve a formal notice, withdraw another reminder."""
        self.scenario.mode = "by_age"
        self._run(self.today)
        self.start_tour("/odoo", "account_collections_credit_manager", login="boss")
        notice, other = self._reminder(self.customer), self._reminder(self.other_customer)
        self.assertEqual(notice.state, "scheduled")
        self.assertEqual(notice.subject, "Formal notice, as agreed by telephone")
        self.assertTrue(notice.is_edited)
        self.assertEqual(other.state, "withdrawn")

    def test_dashboards(self):
        """The three dashboards and the simulator: a formula, the records behind, a slider."""
        self._run(self.today)
        self.start_tour("/odoo/collections-my-day", "account_collections_dashboards", login="boss")

    def test_collector(self):
        """See why a case is held, pause it and let it go on."""
        self._run_and_decide_again()
        self.start_tour(MY_DAY, "account_collections_collector", login="owner")
        self._assert_paused_and_resumed(self.owner)

    def test_collector_in_french(self):
        """The same in French, for a collector who sees unassigned cases too."""
        self._speak_french()
        collector = self._new_user("recouvreur", "group_collection_user", lang="fr_FR")
        self._run_and_decide_again()
        self._case(self.customer).user_id = collector
        self.start_tour(MY_DAY, "account_collections_collector_fr", login="recouvreur")
        self._assert_paused_and_resumed(collector)

    def test_caller(self):
        """From My Day: approve, withdraw, note what came of a call."""
        petit = self._customer("Petit")
        self._invoice_late(petit, 200, days=5)
        self.customer.write({"phone": "01 40 00 00 12", "country_id": self.env.ref("base.fr").id})
        first = self.scenario.level_ids.sorted("rank")[0]
        nobody = "[('id', '=', 0)]"
        calling = self.scenario.copy(
            {"name": "Calls", "is_fallback": False, "partner_domain": nobody}
        )
        calling.level_ids.sorted("rank")[0].channel = "call"
        first.approval = True
        self._sync_cases()
        self._case(self.customer).forced_scenario_id = calling
        self._run(self.today)
        call = self._reminder(self.customer)
        call.sudo().depart_at = fields.Datetime.now()
        with self.committing() as env:
            env["collection.delivery"]._depart(env["res.company"].browse(self.company.id))
        self.start_tour(MY_DAY, "account_collections_caller", login="boss")
        self.assertEqual(self._reminder(self.other_customer).state, "scheduled")
        self.assertEqual(self._reminder(petit).state, "withdrawn")
        self.assertEqual(call.state, "sent")
        noted = call.call_ids
        self.assertEqual((noted.result, noted.user_id), ("will_pay", self.manager))
        # eight days from the browser's day, which is the server's, not the company's
        self.assertEqual(noted.promised_date, fields.Date.today() + timedelta(days=8))
        self.assertEqual(noted.promised_amount, 900)

    def test_a_morning_by_keyboard(self):
        """An answer, an approval taken back and given, a call, a promise, and all of the rest."""
        petit = self._customer("Petit")
        self._invoice_late(petit, 200, days=5)
        cases = self._sync_cases()
        first = self._case(self.customer).sudo()
        second = self._case(self.other_customer).sudo()
        for case, overdue in ((first, 900), (second, 300), (self._case(petit).sudo(), 9000)):
            case.write({"overdue": overdue, "outstanding": overdue, "user_id": self.owner.id})
        first.unanswered_since = fields.Datetime.now()
        approved = self.env["collection.reminder"].sudo().create(
            {
                "case_id": second.id,
                "company_id": self.company.id,
                "kind": "dunning",
                "channel": "email",
                "state": "to_approve",
                "subject": "Reminder",
                "body": "<p>Please pay</p>",
                "decision_date": self.today,
                "depart_at": fields.Datetime.now(),
            }
        )
        self._case(petit).activity_schedule("mail.mail_activity_data_call", self.today)
        for number in range(11):
            first.activity_schedule(
                "mail.mail_activity_data_todo", self.today, summary=f"Task {number}"
            )
        self.start_tour(MY_DAY, "account_collections_morning", login="boss", timeout=150)
        self.assertFalse(first.unanswered_since)
        self.assertEqual(approved.state, "scheduled")
        self.assertEqual(cases.call_ids.user_id, self.manager)
        self.assertEqual(first.promise_ids.state, "open")
        self.assertEqual(len(first.activity_ids), 1, "one was put off")

    def test_letters(self):
        """A registered letter is printed and posted, then its receipt is noted."""
        if not self.env["collection.statement"]._can_print():
            self.skipTest("There is no PDF program")
        self.customer.write(
            {
                "street": "1 rue de la Paix",
                "zip": "75002",
                "city": "Paris",
                "country_id": self.env.ref("base.fr").id,
            }
        )
        self.scenario.level_ids.channel = "registered"
        self._run(self.today)
        letter = self._reminder(self.customer)
        letter.sudo().depart_at = fields.Datetime.now()
        with self.committing() as env:
            env["collection.delivery"]._depart(env["res.company"].browse(self.company.id))
        self.start_tour(LETTERS, "account_collections_letters", login="owner")
        self.assertEqual((letter.state, letter.posted_on), ("sent", self.today))
        self.assertEqual(letter.mailing_id.user_id, self.owner)
        self.start_tour(f"{LETTERS}/{letter.id}", "account_collections_receipt", login="owner")
        self.assertEqual(letter.receipt, "unclaimed")
        self.assertEqual(letter.tracking_number, "1A 000 000 0000 1")

    def test_go_live(self):
        """Look, say where items stand, activate: the run is asked for, nothing has left."""
        self.portfolio.action_simulate()
        self._sync_cases()
        self._new_user("chief", "group_collection_admin")
        self.start_tour(MY_DAY, "account_collections_go_live", login="chief")
        self.assertTrue(self.portfolio.is_live)
        opening = self._reminder(self.customer)
        self.assertEqual((opening.kind, opening.rank), ("opening", 30))
        self.assertEqual(opening.decision_date, self.today)
        self.assertFalse(self._reminder(self.other_customer))
        run = self.env["collection.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual((run.date, run.state), (self.today, "waiting"))

    def test_a_promise_by_call_is_broken(self):
        """A call comes to a promise; its day passes, and somebody is to call again."""
        self.scenario.broken_promise_level_id = self.scenario.level_ids[1]
        self._run(self.today - timedelta(days=1))
        case = self._case(self.customer)
        case.reminder_ids.action_withdraw()
        address = f"/odoo/collections-cases/{case.id}"
        self.start_tour(address, "account_collections_promise", login="owner")
        promise = case.promise_ids.sudo()
        self.assertEqual((promise.state, promise.amount), ("open", 900))
        promise.date = self.today - timedelta(days=9)
        promise.check_date = self.today - timedelta(days=3)
        self._run(self.today + timedelta(days=1))
        self.assertEqual(promise.state, "broken")
        self.start_tour(address, "account_collections_promise_broken", login="owner")

    def test_dispute(self):
        """Opened, routed, accepted by somebody without accounting rights, credited, closed."""
        handler = self._new_user("solver", "group_dispute_handler")
        accountant = self._new_user("books", "group_dispute_handler")
        accountant.group_ids = self.env.ref("account.group_account_invoice")
        self.company.collection_dispute_accountant_id = accountant
        self.env["collection.dispute.reason"].search([]).active = False
        self.env["collection.dispute.reason"].create({"name": "Quantity", "user_id": handler.id})
        self._run(self.today)
        self.start_tour(MY_DAY, "account_collections_dispute_open", login="owner")
        dispute = self._case(self.customer).dispute_ids
        self.assertEqual((dispute.state, dispute.amount), ("new", 300))
        self.assertEqual(dispute.user_id, handler)
        self.assertEqual(dispute.description, "Ten bags are missing")
        self.assertEqual(self._case(self.customer).overdue, 600)
        self.start_tour(DISPUTES, "account_collections_dispute_solve", login="solver")
        self.assertEqual((dispute.state, dispute.accepted_amount), ("accepted", 300))
        self.assertEqual(dispute.activity_ids.user_id, accountant)
        self.start_tour(DISPUTES, "account_collections_dispute_credit", login="books")
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))
        self.assertEqual(self.invoice.amount_residual, 600)

    def _run_and_decide_again(self):
        """Remind yesterday, decide again today: the reminder that waits holds the case."""
        self._run(self.today - timedelta(days=1))
        self._run(self.today)

    def _assert_paused_and_resumed(self, user):
        case = self._case(self.customer)
        hold = case.hold_ids
        self.assertEqual((hold.reason, hold.user_id), ("waiting_payment", user))
        self.assertEqual(hold.date_end, self.today + timedelta(days=8))
        self.assertEqual(hold.lifted_on, self.today)
        self.assertFalse(case.current_hold_id)
