from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DAY, TODAY, InsuranceCommon

NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestCover(InsuranceCommon):
    """What of the ledger is covered, as the screens show it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # one legal entity each
        cls.other_customer.company_registry = False
        cls.buyer = cls._buyer(cls.customer)
        cls._decide(cls.buyer, "full", 50000)
        cls.first, cls.second, cls.third = (
            cls._invoice(cls.customer, amount, overdue)
            for amount, overdue in ((30000, 20), (25000, 10), (20000, 0))
        )

    def _refresh(self, day=TODAY):
        """Bring covers up to date; return the customers that were computed."""
        with self._at(f"{day} 12:00:00"):
            computed = self.env["collection.insurance.exposure"]._refresh(self.company)
        return self.env["res.partner"].browse(computed)

    def _covers(self, *moves):
        covers = self.env["collection.insurance.cover"].search(
            [("company_id", "=", self.company.id)]
        )
        return [covers.filtered(lambda one, move=move: one.move_id == move) for move in moves]

    def _covered(self, *moves):
        return [sum(one.mapped("covered")) for one in self._covers(*moves)]

    def _exposure(self, partner):
        return self.env["collection.insurance.exposure"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    # === WHAT IS COVERED === #

    def test_the_oldest_debt_fills_the_limit(self):
        """30,000, 25,000 and 20,000 within 50,000; the first is paid; part of one is contested."""
        self._refresh()
        invoices = self.first, self.second, self.third
        self.assertEqual(self._covered(*invoices), [30000, 20000, 0])
        self.assertEqual(
            [one.state for one in self._covers(*invoices)],
            ["covered", "under_covered", "uncovered"],
        )
        exposure = self._exposure(self.customer)
        self.assertEqual(
            (exposure.amount, exposure.covered, exposure.uncovered, exposure.indemnity),
            (75000, 50000, 25000, 45000),
        )
        self.assertEqual((exposure.limit_amount, exposure.headroom), (50000, -25000))
        self.assertEqual(exposure.state, "under_covered")

        self._pay(self.first)
        self._refresh()
        self.assertEqual(self._covered(*invoices), [0, 25000, 20000])
        self.assertFalse(self._covers(self.first)[0])
        self.assertEqual(self._exposure(self.customer).state, "covered")
        # the day before, nothing was paid
        yesterday = self.env["collection.insurance.exposure"]._get_covers_as_of(
            self.company, TODAY - DAY
        )
        self.assertEqual(
            [yesterday[self._line(invoice).id].covered for invoice in invoices], [30000, 20000, 0]
        )

        self._sync_cases()
        with self._at(NOON):
            dispute = self._case(self.customer)._dispute_quick(
                reason=self.env["collection.dispute.reason"].search([], limit=1),
                lines=self._line(self.second),
                amount=5000,
                description="Two pallets are missing",
            )
        self._refresh()
        [contested] = self._covers(self.second)
        self.assertEqual((contested.covered, contested.disputed), (20000, 5000))
        self.assertEqual((contested.state, contested.reason), ("under_covered", "disputed"))
        self.assertEqual(contested.display_name, f"Dupont · {self.second.name}")
        # of a past day it is what was contested on that day, of how much was open then
        with self._at(f"{TODAY + 3 * DAY} 12:00:00"):
            dispute._resolve("partly_accepted", {dispute.line_ids: 2000})
        self._pay(self.second, 24000, payment_date=TODAY + 5 * DAY)
        contested = {}
        for days in (-1, 0, 2, 3, 5):
            cover = self.env["collection.insurance.exposure"]._get_covers_as_of(
                self.company, TODAY + days * DAY
            )[self._line(self.second).id]
            contested[days] = (cover.exposure, cover.disputed)
        self.assertEqual(
            contested,
            {-1: (25000, 0), 0: (25000, 5000), 2: (25000, 5000), 3: (25000, 2000), 5: (1000, 1000)},
        )

    def _line(self, invoice):
        return invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def test_a_cut_leaves_what_was_delivered_before(self):
        """In effect between the deliveries: the first invoice keeps the old limit."""
        delivered = self.second.invoice_date
        self._decide(
            self.buyer, "reduced", 20000, effective=(delivered - TODAY).days, announced=-90
        )
        self._refresh()
        self.assertEqual(self._covered(self.first, self.second, self.third), [30000, 0, 0])
        self.assertEqual(self._exposure(self.customer).limit_amount, 20000)
        # before it was announced nobody knew
        known = self.env["collection.insurance.exposure"]._get_covers_as_of(
            self.company, TODAY - 91 * DAY
        )
        self.assertFalse(known)

    def test_past_the_extension_period_deliveries_are_uninsured(self):
        """Due 12 March, 60 days: cover stops 11 May, hand-over by 10 June, claim by 9 August."""
        due = date(2026, 3, 12)
        invoice = self._invoice(self.other_customer, 1000, overdue=(TODAY - due).days)
        self._decide(self._buyer(self.other_customer), "full", 9000, effective=-300)
        self._refresh()
        [one] = self._covers(invoice)
        self.assertEqual(
            (one.date_extension, one.date_hand_over, one.date_claim),
            (date(2026, 5, 11), date(2026, 6, 10), date(2026, 8, 9)),
        )
        self.assertEqual((one.next_clock, one.date_next_clock), ("extension", date(2026, 5, 11)))

        fresh = self._invoice(self.other_customer, 500, overdue=(TODAY - date(2026, 6, 14)).days)
        self._refresh(date(2026, 5, 15))
        [late], [new] = self._covers(invoice, fresh)
        self.assertEqual((late.state, late.next_clock), ("covered", "hand_over"))
        self.assertEqual((new.state, new.reason), ("suspended", "stopped"))
        exposure = self._exposure(self.other_customer)
        self.assertEqual((exposure.state, exposure.date_stopped), ("suspended", date(2026, 5, 11)))
        reason = self.other_customer.with_user(self.owner)._get_collection_hold_reason(self.company)
        self.assertIn("05/11/2026", reason)
        self.assertIn("1,000.00", reason)
        self._pay(invoice)
        self._refresh(date(2026, 5, 15))
        self.assertEqual(self._covers(fresh)[0].state, "covered")
        self.assertFalse(self._exposure(self.other_customer).date_stopped)
        self.assertFalse(self.other_customer._get_collection_hold_reason(self.company))

    def test_blind_cover_is_one_for_a_legal_entity(self):
        """Two records with one SIREN share the discretionary limit; private people have none."""
        self.policy.term_ids.write({"discretionary": 5000, "blind_percent": 70})
        twin = self.other_customer.copy({"name": "Martin Nord"})
        (self.other_customer | twin).company_registry = "732829320"
        person = self._customer("Anne", is_company=False, company_registry=False)
        one, two, private = (
            self._invoice(partner, 4000, overdue)
            for partner, overdue in ((self.other_customer, 20), (twin, 10), (person, 10))
        )
        self._refresh()
        self.assertEqual(self._covered(one, two, private), [4000, 1000, 0])
        self.assertEqual(
            [found.state for found in self._covers(one, two, private)],
            ["blind", "under_covered", "uncovered"],
        )
        self.assertEqual(self._covers(one)[0].indemnity, 2800)
        self.assertEqual(
            self._exposure(twin).entity_id, self._exposure(self.other_customer).entity_id
        )
        # a refusal ends it, for both records that are one buyer
        self._decide(self._buyer(self.other_customer, twin), "refused")
        self._refresh()
        self.assertEqual(self._covered(one, two), [0, 0])

    def test_policies_one_after_the_other_and_currencies(self):
        """What the first policy leaves the second covers, whose limit is in another currency."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        second = self._policy("POL-2", percent=80)
        second.write({"currency_id": currency.id, "sequence": 20})
        self._decide(self._buyer(self.customer, policy=second), "full", 20000)
        self._refresh()
        self.assertEqual(self._covered(self.first, self.second, self.third), [30000, 25000, 5000])
        self.assertEqual(self._covers(self.third)[0].policy_id, second)
        self.assertEqual(self._exposure(self.customer).limit_amount, 60000)
        second.active = False
        self._refresh()
        self.assertEqual(self._covered(self.third), [0])

    def test_the_owner_is_told_of_a_deadline_once(self):
        """15 days before; the next deadline of the same item is told of again."""
        self._sync_cases()
        case = self._case(self.customer)
        case.user_id = self.owner

        def told(day):
            self._refresh(day)
            before = case.activity_ids
            self.env["collection.insurance.cover"]._warn(self.company, day)
            return case.activity_ids - before

        stop = self.first.invoice_date_due + 60 * DAY
        self.assertFalse(told(stop - 16 * DAY))
        task = told(stop - 15 * DAY)
        self.assertEqual((task.user_id, task.date_deadline), (self.owner, stop))
        self.assertIn(self.first.name, task.note)
        self.assertNotIn(self.second.name, task.note)
        self.assertFalse(told(stop - 14 * DAY))
        later = told(stop + 15 * DAY)
        self.assertEqual(later.date_deadline, stop + 30 * DAY)
        self.policy.warn_days = 0
        self.assertFalse(told(stop + 75 * DAY))

    # === KEPT TRUE === #

    def test_only_what_changed_is_computed(self):
        other = self._invoice(self.other_customer, 800, overdue=5)
        self.assertEqual(self._refresh(), self.customer | self.other_customer)
        self.assertFalse(self._refresh())
        self._pay(other, 300)
        self.assertEqual(self._refresh(), self.other_customer)
        self.assertEqual(self._exposure(self.other_customer).amount, 500)
        self._decide(self.buyer, "increase_refused", 0, -1)
        self.assertEqual(self._refresh(), self.customer)
        self.policy.term_ids.percent = 50
        self.assertEqual(self._refresh(), self.customer | self.other_customer)
        self.assertEqual(self._exposure(self.customer).indemnity, 25000)
        self._pay(other)
        self.assertFalse(self._refresh())
        self.assertFalse(self._exposure(self.other_customer))
        # a new day may have changed anything; the run of the day begins with it
        self._morning(TODAY + DAY)
        self.assertEqual(self._exposure(self.customer).computed_on, TODAY + DAY)

    def test_merged_customers_are_one_buyer(self):
        """Both had a limit: the first one's stays, the other waits to be matched."""
        self._invoice(self.other_customer, 800, overdue=5)
        other = self._buyer(self.other_customer)
        self._decide(other, "full", 9000)
        self._refresh()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.customer | self.other_customer).ids, self.other_customer)
        self.env.invalidate_all()
        self.assertEqual(self.buyer.partner_ids, self.other_customer)
        self.assertFalse(other.is_matched)
        self.assertEqual(self._refresh(), self.other_customer)
        self.assertEqual(self._exposure(self.other_customer).amount, 75800)
        self.assertEqual(self._exposure(self.other_customer).covered, 50000)

    def test_every_role_reads_and_nobody_writes(self):
        self._refresh()
        [cover], exposure = self._covers(self.first), self._exposure(self.customer)
        for user in (self.owner, self.manager, self.reader):
            for record in (cover, exposure):
                record.with_user(user).read(["covered"])
                action = record.with_user(user).browse().action_open_today()
                self.assertEqual(action["res_model"], record._name)
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"covered": 0})
        stranger = self._user(
            "stranger",
            "account_collections.group_collection_manager",
            self._create_company(name="Elsewhere"),
        )
        for record in (cover, exposure):
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["covered"])

    def test_money_pays_the_oldest_invoice(self):
        """The newest is paid in the ledger; for the insurer the oldest is, as far as it goes."""
        self._pay(self.third)
        self._refresh()
        self.assertEqual(self._covered(self.first, self.second, self.third), [30000, 20000, 0])
        self.policy.allocation = "oldest"
        self._refresh()
        self.assertEqual(self._covered(self.first, self.second, self.third), [10000, 25000, 15000])
        self.assertEqual(self._exposure(self.customer).amount, 55000)

    def test_a_new_day_computes_what_may_change(self):
        """No deadline passes, no limit begins or ends: the figures stay, and are of that day."""
        self._refresh()
        exposure = self._exposure(self.customer)
        stop = self.first.invoice_date_due + 60 * DAY
        self.assertEqual(exposure.changes_on, stop + DAY)
        self.assertFalse(self._refresh(stop))
        self.assertEqual(self._exposure(self.customer).computed_on, stop)
        self.assertEqual(self._refresh(stop + DAY), self.customer)
        self.assertEqual(self._exposure(self.customer).state, "suspended")
        self._decide(self.buyer, "reduced", 20000, effective=50)
        self._refresh(TODAY + 45 * DAY)
        self.assertLessEqual(self._exposure(self.customer).changes_on, TODAY + 50 * DAY)
