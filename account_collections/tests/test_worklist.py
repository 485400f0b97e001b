from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..engine.stake import Stake, unpaid_by_age
from ..models import collection_todo
from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestWorklist(CollectionCommon):
    """The day's work in the order of what is at stake, done line by line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._user("colleague", "account_collections.group_collection_user")
        cls.reader = cls._user("reader", "account_collections.group_collection_readonly")
        cls.invoice = cls._invoice(cls.customer, 1000, overdue=40)
        cls._invoice(cls.other_customer, 400, overdue=10)
        cls._sync_cases()
        # figures are the product's
        cls.case = cls._case(cls.customer).sudo()
        cls.other = cls._case(cls.other_customer).sudo()
        for case, overdue, days in ((cls.case, 1000, 40), (cls.other, 400, 10)):
            # what a run would have found
            case.write(
                {
                    "overdue": overdue,
                    "outstanding": overdue,
                    "oldest_due": TODAY - days * DAY,
                    "user_id": cls.owner.id,
                }
            )

    def setUp(self):
        super().setUp()
        clock = self._at(NOON)
        clock.start()
        self.addCleanup(clock.stop)

    def _task(self, case, summary="Look at it"):
        return case.activity_schedule(
            "mail.mail_activity_data_todo", TODAY, summary=summary, user_id=self.owner.id
        )

    def _waiting(self, case, state="to_approve", channel="email", **values):
        return self.env["collection.reminder"].sudo().create(
            {
                "case_id": case.id,
                "company_id": self.company.id,
                "kind": "dunning",
                "channel": channel,
                "state": state,
                "subject": "Reminder",
                "decision_date": TODAY,
                "depart_at": NOON,
                "amount": case.overdue,
                **values,
            }
        )

    def _rows(self, user=None, domain=()):
        self.env.flush_all()
        todo = self.env["collection.todo"].with_user(user or self.owner)
        todo.invalidate_model()
        return todo.search(list(domain))

    def _open_rows(self, user=None):
        return self._rows(user, [("is_put_off", "=", False)])

    def _row(self, kind, user=None):
        row = self._rows(user, [("kind", "=", kind)])
        self.assertEqual(len(row), 1, kind)
        return row

    # === THE SCREEN === #

    def test_groups_open_until_the_screen_is_full(self):
        """Those below tell what they hold, and open when somebody gets there."""
        self._task(self.case)
        self.case.unanswered_since = NOON
        self.env.flush_all()
        todo = self.env["collection.todo"].with_user(self.owner)

        def read(**options):
            groups = todo.web_read_group([], ["kind"], ["amount:sum"], **options)["groups"]
            return [(one["kind"], one["__count"], len(one.get("__records", ()))) for one in groups]

        self.assertEqual(
            read(auto_unfold=True), [("1_reply", 1, 1), ("5_activity", 1, 1)]
        )
        self.patch(collection_todo, "SCREEN", 1)
        self.assertEqual(
            read(auto_unfold=True), [("1_reply", 1, 1), ("5_activity", 1, 0)]
        )
        opened = [
            {"value": "1_reply", "folded": True},
            {"value": "5_activity", "folded": False, "offset": 0, "limit": 80},
        ]
        self.assertEqual(
            read(auto_unfold=True, opening_info=opened),
            [("1_reply", 1, 0), ("5_activity", 1, 1)],
            "what a person opened stays open",
        )

    # === THE ORDER === #

    def test_the_database_says_what_the_engine_says(self):
        """…of every row; and what is most at stake in a minute comes first."""
        self._task(self.case)
        self._task(self.other)
        self._waiting(self.other)
        self.other.unpaid_share = 0.9
        self.case.unanswered_since = NOON
        rows = self._rows()
        self.assertEqual(len(rows), 4)
        for row in rows:
            unpaid = 0.9 if row.case_id == self.other else unpaid_by_age(40)
            stake = Stake(row.amount, unpaid, row.lift, row.minutes)
            self.assertAlmostEqual(row.unpaid, unpaid)
            self.assertAlmostEqual(row.gain, stake.gain)
            self.assertAlmostEqual(row.stake, stake.per_minute)
        self.assertEqual(rows, rows.sorted("stake", reverse=True))
        self.assertEqual(rows[0].kind, "3_approve", "400 at the press of a button")
        self.assertIn("$ 400.00, 90 %", " ".join(rows[0].stake_text.split()))
        self.assertEqual(rows[0].action_why_stake()["res_id"], rows[0].id)

    def test_predictions_come_before_age(self):
        """By amount: of 1,000 a half is paid within two weeks, of 3,000 nothing."""
        more = self._invoice(self.customer, 3000, overdue=5)
        self._invoice(self.customer, 9000, overdue=-5)
        behaviour = self.env["collection.behaviour"].sudo().create(
            {"company_id": self.company.id, "partner_id": self.customer.id}
        )
        for invoice, weeks in ((self.invoice, [0.3, 0.2, 0.5]), (more, [])):
            line = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
            self.env["collection.prediction"].sudo().create(
                {
                    "company_id": self.company.id,
                    "line_id": line.id,
                    "behaviour_id": behaviour.id,
                    "weeks": weeks,
                }
            )
        cases = self.env["collection.case"]
        cases._refresh_unpaid(self.company, TODAY)
        self.assertAlmostEqual(self.case.unpaid_share, 0.875)
        self.assertFalse(self.other.unpaid_share)
        self.env["collection.prediction"].sudo().search([]).unlink()
        cases._refresh_unpaid(self.company, TODAY)
        self._task(self.case)
        self.assertAlmostEqual(self._rows().unpaid, unpaid_by_age(40))
        with self.assertRaises(UserError):
            self.case.with_user(self.owner).unpaid_share = 1

    def test_a_manager_says_what_work_brings_in_and_takes(self):
        self._task(self.case)
        self._waiting(self.other)
        self.other.unpaid_share = 0.9
        kinds = self.env["collection.work.kind"]
        known = kinds.search([]).mapped("kind")
        self.assertEqual(known, sorted(set(known)))
        self.assertEqual(
            set(known), set(self.env["collection.todo"]._fields["kind"].get_values(self.env))
        )
        task = kinds.with_user(self.manager).search([("kind", "=", "5_activity")])
        self.assertEqual(self._rows()[0].kind, "3_approve")
        task.write({"lift": 0.9, "minutes": 0.5})
        self.assertEqual(self._rows()[0].kind, "5_activity")
        with self.assertRaises(AccessError):
            task.with_user(self.owner).minutes = 1
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
        ):
            task.minutes = 0
            task.flush_recordset()

    def test_amounts_are_what_the_work_is_about(self):
        """What was promised; what is contested, once its deadline has passed."""
        promise = self.case._promise_quick(250, TODAY + DAY)
        dispute = self.other._dispute_quick(amount=150)
        dispute.sudo().deadline = TODAY
        with self._at(f"{TODAY + DAY} 12:00:00"):
            self.assertEqual(self._row("7_promise").amount, 250)
            late = self._row("9_dispute")
            self.assertEqual((late.amount, late.case_id), (150, self.other))
            self.assertIn(dispute.name, late.label)
            late.action_done()
            self.assertEqual(self._row("9_dispute").put_off_until, TODAY + 8 * DAY)
            self._row("7_promise").action_done()
            # looked at today; the day after, it is looked at again or judged
            self.assertFalse(self._open_rows().filtered(lambda row: row.kind == "7_promise"))
        self.assertEqual(promise.state, "open")

    # === LINE BY LINE === #

    def _work_on(self, row, action, **values):
        told = row.work_on(action, around=row.ids, **values)
        self.env.invalidate_all()
        return told

    def test_done_and_taken_back(self):
        task = self._task(self.case)
        told = self._work_on(self._row("5_activity"), "done")
        self.assertEqual((told["alive"], told["achieved"]["count"]), ([], 1))
        self.assertFalse(task.active)
        work = self.env["collection.work"].with_user(self.owner).browse(told["undo"])
        with self.assertRaises(AccessError):
            work.with_user(self.colleague).take_back()
        work.take_back()
        self.assertTrue(self._row("5_activity"))
        self.assertFalse(self.env["collection.todo"].with_user(self.owner).get_achieved()["count"])

    def test_put_off_until_a_working_day(self):
        self._task(self.case)
        friday = TODAY + 2 * DAY
        with self._at(f"{friday} 12:00:00"):
            told = self._work_on(
                self._row("5_activity"), "later", domain=[("is_put_off", "=", False)]
            )
            self.assertEqual(told["alive"], [])
            self.assertEqual(told["achieved"]["count"], 0, "nothing was achieved by that")
            self.assertEqual(self._row("5_activity").put_off_until, friday + 3 * DAY)
        with self._at(f"{friday + 3 * DAY} 12:00:00"):
            self.assertTrue(self._open_rows())
        with self._at(f"{friday} 13:00:00"):
            self.env["collection.work"].with_user(self.owner).browse(told["undo"]).take_back()
            self.assertTrue(self._open_rows())

    def test_an_approval_is_taken_back_until_it_leaves(self):
        reminder = self._waiting(self.case)
        self.assertNotIn("approve", self._row("3_approve").actions.split(","))
        row = self._row("3_approve", self.manager)
        self.assertIn("approve", row.actions.split(","))
        work = self.env["collection.work"].with_user(self.manager)
        told = self._work_on(row, "approve")
        self.assertEqual((reminder.state, told["alive"]), ("scheduled", []))
        work.browse(told["undo"]).take_back()
        self.assertEqual(reminder.state, "to_approve")
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertEqual(events.mapped("event"), ["unapproved", "approved"])
        told = self._work_on(self._row("3_approve", self.manager), "approve")
        reminder.state = "sent"
        with self.assertRaises(UserError):
            work.browse(told["undo"]).take_back()

    def test_what_done_means(self):
        """An answer ends the wait, what arrived was sent, a notice of a pause was read."""
        self.case.unanswered_since = NOON
        self._work_on(self._row("1_reply"), "done")
        self.assertFalse(self.case.unanswered_since)
        lost = self._waiting(self.other, state="unconfirmed")
        self._work_on(self._row("2_unconfirmed"), "done")
        self.assertEqual(lost.state, "sent")
        self.env["collection.hold"].create(
            {"case_id": self.case.id, "reason": "other", "date_end": TODAY + 2 * DAY}
        )
        self._work_on(self._row("6_pause"), "done")
        self.assertEqual(self._row("6_pause").put_off_until, TODAY + 3 * DAY)
        self._waiting(self.case, state="failed")
        with self.assertRaises(UserError):
            self._row("2_repair").action_done()

    def test_forms_know_where_they_come_from(self):
        self._task(self.case)
        row = self._row("5_activity")
        models = {
            "call": "collection.call.note",
            "promise": "collection.pause",
            "dispute": "collection.dispute.open",
            "pause": "collection.pause",
            "statement": "collection.statement.print",
        }
        for action, model in models.items():
            form = row.open_form(action)
            self.assertEqual((form["res_model"], form["target"]), (model, "new"))
            self.assertTrue(form["context"]["collection_stay"])
        shown = self.env["collection.dispute"].with_context(collection_stay=True)._show()
        self.assertEqual(shown["type"], "ir.actions.act_window_close")
        told = row.form_saved(row.id, self.case.id, "call", around=row.ids)
        self.assertEqual((told["alive"], told["achieved"]["count"]), (row.ids, 1))
        self.assertIn("Customers: 1", told["achieved"]["lines"][0])

    def test_sixty_in_a_row(self):
        """…and what each costs the database does not depend on how many are left."""
        for number in range(58):
            self._task(self.case if number % 2 else self.other, f"Task {number}")
        self._waiting(self.case)
        self.other.unanswered_since = NOON
        queries = []
        for _turn in range(60):
            row = self._open_rows(self.manager)[0]
            before = self.cr.sql_log_count
            told = self._work_on(row, "approve" if row.kind == "3_approve" else "done")
            queries.append(self.cr.sql_log_count - before)
            self.assertEqual(told["alive"], [])
        self.assertFalse(self._open_rows(self.manager))
        self.assertEqual(told["achieved"]["count"], 60)
        # the first of a kind fills caches
        self.assertLessEqual(queries[50], queries[10] + 2)

    def test_a_list_takes_as_many_queries_as_a_line(self):
        for case in (self.case, self.other):
            self._waiting(case, state="to_do", channel="call", call_zones="Europe/Paris")
        for number in range(20):
            self._task(self.case, f"Task {number}")
        names = ["label", "stake", "actions", "done_label", "call_number", "call_window"]

        def count(domain, limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            todo = self.env["collection.todo"].with_user(self.manager)
            found = todo.search_read(domain, names, limit=limit)
            self.assertEqual(len(found), limit)
            return self.cr.sql_log_count - before

        for kind, limit in (("5_activity", 20), ("4_call", 2)):
            domain = [("kind", "=", kind)]
            count(domain, 1)  # fills caches
            self.assertEqual(count(domain, limit), count(domain, 1), kind)

    # === WHO MAY === #

    def test_everybody_works_on_their_own(self):
        self._task(self.case)
        self.other.user_id = self.colleague
        theirs = self._task(self.other)
        row = self._row("5_activity")
        self.assertEqual(row.case_id, self.case)
        with self.assertRaises(AccessError):
            self._rows(self.colleague).with_user(self.owner).work_on("done")
        with self.assertRaises(AccessError):
            row.form_saved(row.id, self.other.id, "call")
        self.assertTrue(theirs.active)
        read = self._rows(self.reader)
        self.assertEqual(set(read.mapped("actions")), {"statement"})
        for action in ("done", "later", "withdraw"):
            with self.assertRaises(UserError):
                read[0].work_on(action)
        for wrong in ("approve_all", "_log", "unlink"):
            with self.assertRaises(UserError):
                row.work_on(wrong)
            with self.assertRaises(UserError):
                row.open_form(wrong)
        self._work_on(row, "later")
        self.assertEqual(len(self.env["collection.work"].with_user(self.owner).search([])), 1)
        for user in (self.colleague, self.manager, self.reader):
            self.assertFalse(self.env["collection.work"].with_user(user).search([]))
        with self.assertRaises(AccessError):
            self.env["collection.work"].with_user(self.owner).create(
                {"user_id": self.owner.id, "case_id": self.case.id, "day": TODAY, "action": "call"}
            )

    def test_another_company_sees_nothing_of_it(self):
        self._task(self.case)
        elsewhere = self.setup_other_company()["company"]
        stranger = self._user("stranger", "account_collections.group_collection_manager", elsewhere)
        self.assertFalse(self._rows(stranger))
        with self.assertRaises(AccessError):
            self._rows().with_user(stranger).work_on("later")
        self._work_on(self._row("5_activity"), "later")
        self.assertFalse(self.env["collection.work"].with_user(stranger).search([]))

    def test_work_is_forgotten(self):
        self._task(self.case)
        self._work_on(self._row("5_activity"), "later")
        work = self.env["collection.work"].sudo().search([])
        with self._at(f"{fields.Date.add(TODAY, days=20)} 12:00:00"):
            work._gc_work()
            self.assertTrue(work.exists())
        with self._at(f"{fields.Date.add(TODAY, days=60)} 12:00:00"):
            work._gc_work()
            self.assertFalse(work.exists())
