from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DAY, TODAY, InsuranceCommon


@tagged("post_install", "-at_install")
class TestAlerts(InsuranceCommon):
    """What people are told of at once, once, and until it is over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.company_registry = False
        cls.buyer = cls._buyer(cls.customer, grade="3")
        cls._decide(cls.buyer, "full", 50000)
        cls.invoice = cls._invoice(cls.customer, 30000, 20)
        cls._sync_cases()
        cls.company.collection_credit_manager_id = cls.manager
        cls.alerts = cls.env["collection.insurance.alert"]
        cls._refresh()

    @classmethod
    def _refresh(cls, day=TODAY):
        with cls._at(f"{day} 12:00:00"):
            cls.env["collection.insurance.exposure"]._refresh(cls.company)

    def _open(self, *kinds):
        found = self.alerts.search(
            [("company_id", "=", self.company.id), ("state", "=", "open")]
        )
        return found.filtered(lambda alert: alert.kind in kinds) if kinds else found

    def _told(self, user):
        """Return the messages that told a user of alerts."""
        return self.env["mail.notification"].search(
            [
                ("res_partner_id", "=", user.partner_id.id),
                ("mail_message_id.model", "=", "collection.insurance.policy"),
            ]
        ).mail_message_id

    def test_a_cut_is_told_at_once_and_once(self):
        """The owner and the manager each get one task and one message for all of it."""
        self.assertFalse(self._open())
        second = self._buyer(self.other_customer)
        self._invoice(self.other_customer, 7000, 5)
        self._decide(second, "full", 9000)
        self._sync_cases()
        cut = self._decide(self.buyer, "reduced", 20000, effective=0)
        self._decide(second, "pre_notice", effective=0)
        self._refresh()
        self.assertEqual(set(self._open().mapped("kind")), {"cut", "pre_notice", "above"})
        alert = self._open("cut")
        self.assertEqual((alert.decision_id, alert.amount, alert.user_id),
                         (cut, 30000, self.owner))  # fmt: skip
        self.assertEqual(alert.case_id, self._case(self.customer))
        for person in (self.owner, self.manager):
            [message] = self._told(person)
            self.assertIn("3 alerts", message.subject)
            self.assertIn("Martin", message.body)
        self.assertEqual(len(alert.activity_ids), 2)
        self._refresh()
        self._refresh(TODAY + DAY)
        self.assertEqual(len(self._told(self.owner)), 1)
        self.assertEqual(
            self.env["collection.todo"].search([("kind", "=", "2_insurance")]).mapped("case_id"),
            self._open().case_id,
        )

        # granted again: over by itself, and the tasks with the last of them
        tasks = alert.activity_ids
        self._decide(self.buyer, "revised", 40000, effective=1)
        self._decide(second, "revised", 9000, effective=1)
        self._refresh(TODAY + DAY)
        self.assertFalse(self._open())
        self.assertEqual(alert.state, "over")
        self.assertFalse(tasks.exists())
        # true again is news again
        self._decide(self.buyer, "withdrawn", effective=2)
        self._refresh(TODAY + 2 * DAY)
        self.assertEqual(len(self._open("cut")), 1)
        self.assertEqual(len(self._told(self.owner)), 2)

    def test_of_a_customer_who_has_no_case_yet(self):
        """The case that comes later is the alert's, and waits for somebody to see it."""
        buyer = self._buyer(self.other_customer)
        self._decide(buyer, "full", 9000)
        self._decide(buyer, "pre_notice", effective=0)
        self._invoice(self.other_customer, 7000, 5)
        self._refresh()
        alert = self._open("pre_notice")
        self.assertFalse(alert.case_id)
        self._sync_cases()
        self._refresh()
        self.assertEqual(alert.case_id, self._case(self.other_customer))

    def test_seen_by_a_person(self):
        self._decide(self.buyer, "reduced", 10000, effective=0)
        self._refresh()
        cut, above = self._open("cut"), self._open("above")
        self.assertRegex(above.sentence, "30,000.00.* open for a limit of .*10,000.00")
        task = cut.activity_ids
        with self.assertRaises(AccessError):
            cut.with_user(self.reader).action_seen()
        cut.case_id.user_id = self.owner
        colleague = self._user("colleague", "account_collections.group_collection_user")
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            cut.with_user(colleague).action_seen()
        cut.with_user(self.owner).action_seen()
        self.assertTrue(task.exists())
        above.with_user(self.owner).action_seen()
        self.assertEqual((above.state, above.seen_by_id), ("seen", self.owner))
        self.assertFalse(task.exists())
        with self.assertRaises(UserError):
            above.with_user(self.owner).action_seen()
        with self.assertRaises(AccessError):
            cut.with_user(self.manager).write({"state": "over"})
        self._refresh(TODAY + DAY)
        self.assertFalse(self._open(), "what was seen is not told again")
        # paid: over, whoever saw it
        self._pay(self.invoice)
        self._refresh(TODAY + DAY)
        self.assertEqual(above.state, "over")
        stranger = self._user(
            "stranger",
            "account_collections.group_collection_manager",
            self._create_company(name="Elsewhere"),
        )
        with self.assertRaises(AccessError):
            cut.with_user(stranger).read(["kind"])

    def test_thresholds(self):
        """Each kind when its threshold is reached, none below."""
        self._decide(self.buyer, "full", 1000, effective=-1, temporary=True,
                     date_until=TODAY + 31 * DAY)  # fmt: skip
        self._invoice(self.other_customer, 9999, 5)
        with self._at(f"{TODAY} 09:00:00"):
            self.buyer.grade = "3,5"
        self._refresh()
        self.assertFalse(self._open())
        self._invoice(self.other_customer, 1, 5)
        with self._at(f"{TODAY} 09:00:00"):
            self.buyer.grade = "5"
        self._refresh(TODAY + DAY)
        self.assertEqual(set(self._open().mapped("kind")), {"expiring", "grade", "to_insure"})
        self.assertIn("3,5 before", self._open("grade").sentence)
        self.policy.write({"alert_expiry_days": 0, "alert_grade_points": 50, "alert_uninsured": 0})
        self._refresh(TODAY + DAY)
        self.assertFalse(self._open())
        self.policy.alert_above_percent = 10
        self._invoice(self.customer, 25000, 5)
        self._refresh(TODAY + DAY)
        self.assertFalse(self._open())
        self._invoice(self.customer, 2000, 5)
        self._refresh(TODAY + DAY)
        self.assertEqual(self._open().kind, "above")

    def test_a_limit_that_nobody_uses(self):
        """Only once the weeks of that time are kept, and not while a part of it is used."""
        self.policy.write({"alert_unused_days": 60, "alert_unused_percent": 70})
        history = self.env["collection.insurance.history"]
        self.assertEqual(history.search([("partner_id", "=", self.customer.id)]).amount, 30000)
        self._refresh(TODAY + 50 * DAY)
        self.assertFalse(self._open())
        self._refresh(TODAY + 70 * DAY)
        unused = self._open("unused")
        self.assertEqual((unused.buyer_id, unused.amount), (self.buyer, 30000))
        self._invoice(self.customer, 6000, 0)
        self._refresh(TODAY + 70 * DAY)
        self.assertEqual(unused.state, "over")

    # === THE DUNNING POLICY === #

    def test_segments_and_guard(self):
        """A cut limit moves the customer to another scenario, and may hold reminders."""
        scenario = self.scenario.copy(
            {"name": "Uninsured", "is_fallback": False, "sequence": 1, "limit": "going",
             "min_uncovered": 100, "max_grade": 80, "cover": "not_covered"}
        )  # fmt: skip
        fresh = self._invoice(self.customer, 25000, 5)
        self._refresh()
        self.assertEqual(self._decided(self.customer)[0].scenario.key, self.scenario.id)
        self._decide(self.buyer, "reduced", 40000, effective=0)
        self._refresh()
        facts, decision = self._decided(self.customer)
        self.assertEqual(facts.scenario.key, scenario.id)
        self.assertEqual(decision.outcome, "remind")
        self.assertEqual(facts.extra["measures"]["limit"], "going")
        case = self._case(self.customer)
        self.assertEqual(case._get_insurance_words()[0], "Under-covered")
        preview = self.env["collection.segment.preview"].create({"company_id": self.company.id,
                                                                 "date": TODAY})  # fmt: skip
        preview.action_compute()
        line = preview.line_ids.filtered(lambda one: one.case_id == case)
        self.assertEqual((line.scenario_id, line.cover), (scenario, "under_covered"))
        self.assertEqual((line.uncovered, round(line.grade)), (5000, 78))

        self.policy.alert_holds = True
        _facts, decision = self._decided(self.customer)
        self.assertEqual(decision.reason, "limit_cut")
        self._open("cut").with_user(self.owner).action_seen()
        _facts, decision = self._decided(self.customer)
        self.assertEqual(decision.outcome, "remind")
        self._morning()
        why = case.decision_id.why
        self.assertIn("Credit insurance today", why)
        # uncovered no more
        self._pay(fresh)
        self._refresh()
        self.assertEqual(self._decided(self.customer)[0].scenario.key, self.scenario.id)
