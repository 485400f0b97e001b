from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import DAY, TODAY, InsuranceCommon

NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestLimits(InsuranceCommon):
    """Policies, buyers and the history of their limits."""

    # === THE LIFE OF A LIMIT === #

    def test_the_life_of_a_limit(self):
        """Requested, granted, cut for deliveries from a later day on, annulled: all of it stays."""
        with self._at(NOON):
            buyer = self._buyer(self.customer)
            self.assertEqual((buyer.is_decided, buyer.limit_amount), (False, 0))
            self._decide(buyer, "requested", amount_requested=50000)
            self.assertEqual((buyer.is_decided, buyer.limit_kind), (False, "requested"))
            self._decide(buyer, "full", 50000, -100)
            cut = self._decide(buyer, "reduced", 20000, effective=10, announced=-2)
            self.assertEqual((buyer.limit_amount, buyer.limit_kind), (50000, "full"))
            self.assertEqual(buyer.limit_changes_on, TODAY + 10 * DAY)
        with self._at(f"{TODAY + 10 * DAY} 12:00:00"):
            self.assertEqual(self._refreshed(buyer), (20000, "reduced"))
            self.assertFalse(buyer.limit_changes_on)
            cut.with_user(self.manager).action_annul()
            self.assertTrue(cut.is_annulled)
            self.assertEqual((buyer.limit_amount, buyer.limit_kind), (50000, "full"))
        self.assertEqual(buyer.decision_ids.filtered_domain([("is_annulled", "=", True)]), cut)
        self.assertEqual(
            self.env["collection.insurance.decision"].search(
                [("buyer_id", "=", buyer.id), ("is_annulled", "=", True)]
            ),
            cut,
        )
        self.assertEqual(len(buyer.decision_ids), 4)

    def _refreshed(self, buyer):
        buyer._refresh_limits(self.company, self.company._collection_today())
        return buyer.limit_amount, buyer.limit_kind

    def test_a_temporary_limit_ends_by_itself(self):
        with self._at(NOON):
            buyer = self._buyer(self.customer)
            self._decide(buyer, "full", 30000)
            self._decide(buyer, "full", 5000, -1, temporary=True, date_until=TODAY + DAY)
            self.assertEqual(buyer.limit_amount, 35000)
        with self._at(f"{TODAY + 2 * DAY} 12:00:00"):
            self.assertEqual(self._refreshed(buyer)[0], 30000)

    def test_the_history_only_grows(self):
        buyer = self._buyer(self.customer)
        granted = self._decide(buyer, "full", 30000)
        for attempt in (lambda: granted.write({"amount": 1}), granted.unlink):
            with self.assertRaises(UserError):
                attempt()
        granted.action_annul()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            granted.action_annul()

    def test_what_is_refused_to_be_entered(self):
        buyer = self._buyer(self.customer)
        with self._refused("leaves no limit"):
            self._decide(buyer, "withdrawn", 100)
        with self._refused("from the day it is announced"):
            self._decide(buyer, "reduced", 100, effective=-10, announced=-5)
        for values in ({"temporary": True}, {"date_until": TODAY - 300 * DAY}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self._decide(buyer, "full", 100, **values)
                self.env.flush_all()

    def test_grades_on_one_scale(self):
        buyer = self._buyer(self.customer, grade="1")
        values = []
        for grade in ("1", "10", "5,5", "11", "A", False):
            buyer.grade = grade
            values.append(buyer.grade_value)
        self.assertEqual(values, [100, 0, 50, 0, 0, 0])
        # The score of the customer counts it, where it is known.
        behaviour = self.env["collection.behaviour"]
        self.assertFalse(behaviour._get_grades(self.company, self.customer))
        buyer.grade = "5,5"
        self.assertEqual(
            behaviour._get_grades(self.company, self.customer), {self.customer.id: 0.5}
        )

    # === WHO A BUYER IS === #

    def test_a_buyer_finds_its_customers(self):
        """The registration number decides, of a SIRET its SIREN; then VAT, then the code."""
        customers = self.customer | self.other_customer
        self.assertEqual(len(set(customers.mapped("company_registry"))), 1)
        by_siret = self._buyer(registration="552 100 554 00013")
        self.assertEqual(by_siret.partner_ids, customers)
        self.assertTrue(by_siret.is_matched)
        by_vat, by_code, twin = (
            self._customer(name, company_registry=False) for name in ("Roy", "Morel", "Petit")
        )
        by_vat.vat = "BE0477472701"
        by_code.ref = "C-118"
        self.assertEqual(self._buyer(vat="BE 0477.472.701").partner_ids, by_vat)
        self.assertEqual(self._buyer(code="c118", name="By code").partner_ids, by_code)
        # a code that two customers bear decides nothing
        twin.ref = "C118"
        by_code.collection_buyer_ids.partner_ids = False
        unknown = self._buyer(code="C-118", name="Nobody")
        self.assertFalse(unknown.is_matched)
        # resolved once, by hand
        unknown.partner_ids = twin
        self.assertTrue(unknown.is_matched)

    def test_a_customer_has_one_limit_in_a_policy(self):
        self._buyer(self.customer)
        with self._refused("has one limit in it"):
            self._buyer(self.customer, self.other_customer)
        other = self._policy("POL-2")
        self.assertTrue(self._buyer(self.customer, policy=other).is_matched)
        self._buyer(self.other_customer, registration="552100554")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._buyer(registration="552 100 554")

    def test_terms_do_not_overlap(self):
        term = self.policy.term_ids
        with self._refused("their dates overlap"):
            term.copy({"date_start": term.date_end, "date_end": term.date_end + 365 * DAY})
        renewal = term.copy(
            {"date_start": term.date_end + DAY, "date_end": term.date_end + 365 * DAY}
        )
        self.assertEqual(len(self.policy._get_terms()), 2)
        with self._refused("counted from the extension period"):
            renewal.extension_days = 0

    # === ROLES === #

    def test_roles(self):
        """Collectors and auditors read, the manager writes; another company sees nothing."""
        buyer = self._buyer(self.customer)
        decision = self._decide(buyer, "full", 30000)
        records = (self.insurer, self.policy, self.policy.term_ids, buyer, decision)
        for user in (self.owner, self.reader):
            for record in records:
                record.with_user(user).read(["display_name"])
                with self.assertRaises(AccessError):
                    record.with_user(user).copy()
            self.customer.with_user(user).read(["collection_buyer_ids", "collection_decision_ids"])
            with self.assertRaises(AccessError):
                buyer.with_user(user).action_match()
            with self.assertRaises(AccessError):
                decision.with_user(user).action_annul()
        decision.with_user(self.manager).action_annul()
        buyer.with_user(self.manager).name = "Renamed"
        other = self._create_company(name="Elsewhere")
        stranger = self._user("stranger", "account_collections.group_collection_manager", other)
        for record in records[1:]:
            self.assertFalse(record.with_user(stranger).search([]) & record, record._name)
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])
