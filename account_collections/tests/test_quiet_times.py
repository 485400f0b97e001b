from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..models.collection_holidays import public_holidays
from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestQuietTimes(CollectionCommon):
    """What moves the departure of a reminder, and the next date, but not the decision."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Europe/Paris"
        cls.company.country_id = cls.env.ref("base.fr")
        cls.company.collection_depart_hour = 9.5

    def _reminded(self, today=TODAY, **values):
        """Run for a late customer; return its reminder."""
        self.customer.write(values)
        self._invoice(self.customer, 100, overdue=10)
        self._morning(today)
        return self._reminder(self.customer)

    def _country(self, code):
        return self.env["res.country"].search([("code", "=", code)]).id

    # === PUBLIC HOLIDAYS === #

    def test_a_public_holiday_of_the_debtor_moves_the_departure(self):
        """St Patrick's Day in Ireland is a Tuesday like any other in Paris."""
        tuesday = TODAY - DAY
        reminder = self._reminded(tuesday, country_id=self._country("IE"))
        self.assertEqual(reminder.decision_date, tuesday)
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 18, 8, 0), "eight in Dublin")
        self._depart(f"{tuesday} 12:00:00")
        self.assertEqual(reminder.state, "scheduled")
        self._depart(f"{TODAY} 12:00:00")
        self.assertEqual(reminder.state, "sent")

    def test_the_same_day_leaves_elsewhere(self):
        reminder = self._reminded(TODAY - DAY, country_id=self._country("BE"))
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 17, 8, 30))

    def test_a_holiday_of_the_state_counts_where_the_state_is_known(self):
        """Epiphany, 6 January 2026: a holiday in Bavaria, none in Berlin."""
        day = date(2026, 1, 6)
        calendars = {}
        for code in ("BY", "BE"):
            state = self.env["res.country.state"].search(
                [("country_id.code", "=", "DE"), ("code", "=", code)]
            ) or self.env["res.country.state"].create(
                {"country_id": self._country("DE"), "code": code, "name": code}
            )
            self.customer.write({"country_id": self._country("DE"), "state_id": state.id})
            fact, _made = self._late(self.customer, day)
            calendars[code] = fact.open_days.is_open(day)
        self.assertEqual(calendars, {"BY": False, "BE": True})

    def _late(self, partner, today):
        if not self._case(partner):
            self._invoice(partner, 100, overdue=100)
        return self._decided(partner, today)

    def test_the_next_date_is_none_of_the_debtors_holidays(self):
        self.customer.country_id = self._country("IE")
        self._invoice(self.customer, 100, overdue=-2)
        _fact, made = self._decided(self.customer, TODAY - 8 * DAY)
        self.assertEqual(made.next_date, date(2026, 3, 23))
        self._invoice(self.customer, 900, overdue=4)  # due on the 14th, called on the 17th
        _fact, made = self._decided(self.customer, TODAY - 2 * DAY)
        self.assertEqual(made.next_date, TODAY, "not on St Patrick's Day")

    def test_a_country_without_a_calendar_falls_to_the_companys_and_says_so(self):
        nowhere = self.env["res.country"].create({"name": "Ruritania", "code": "XX"})
        reminder = self._reminded(TODAY, country_id=nowhere.id)
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 18, 8, 30))
        note = self.customer.with_company(self.company).collection_holiday_note
        self.assertIn("No calendar of public holidays is known for Ruritania", note)
        defect = self.env["collection.defect"].search([("partner_id", "=", self.customer.id)])
        self.assertIn("no_holidays", defect.mapped("kind"))

    def test_a_known_country_is_told_with_its_next_holiday(self):
        self.customer.country_id = self.env.ref("base.fr")
        with self._at(f"{TODAY} 09:00:00"):
            note = self.customer.with_company(self.company).collection_holiday_note
        self.assertIn("04/06/2026", note, "Easter Monday")
        self.assertFalse(
            self.env["collection.defect"].search(
                [("partner_id", "=", self.customer.id), ("kind", "=", "no_holidays")]
            )
        )

    def test_an_empty_calendar_closes_nothing(self):
        self.assertEqual(public_holidays("FR", None, (1066,)), {})
        self.assertFalse(self.env["collection.holidays"]._is_known("FR", 1066))
        self.assertTrue(self.env["collection.holidays"]._is_known("FR", 2026))

    def test_without_a_country_the_companys_own_counts(self):
        fact, _made = self._late(self.customer, date(2026, 7, 13))
        self.assertFalse(fact.open_days.is_open(date(2026, 7, 14)))

    def test_switched_off_they_do_not_count(self):
        self.company.collection_public_holidays = False
        fact, _made = self._late(self.customer, date(2026, 7, 13))
        self.assertTrue(fact.open_days.is_open(date(2026, 7, 14)))

    def test_holidays_are_worked_out_once(self):
        public_holidays.cache_clear()
        self.env["res.partner"].browse([self.customer.id, self.other_customer.id]).country_id = (
            self._country("IE")
        )
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 100, overdue=10)
        self._sync_cases()
        cases = self._case(self.customer) | self._case(self.other_customer)
        self.env["collection.gather"]._gather_facts(cases, TODAY)
        self.env["collection.gather"]._gather_facts(cases, TODAY)
        self.assertEqual(public_holidays.cache_info().misses, 1)

    def test_more_cases_are_no_more_queries(self):
        partners = [self._customer(f"Many {number}") for number in range(12)]
        for partner in partners:
            partner.collection_payment_days = "10,25"
            self._invoice(partner, 100, overdue=10)
        cases = self._sync_cases()
        counts = []
        for batch in (cases[:2], cases):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["collection.gather"]._gather_facts(batch, TODAY)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # === QUIET DAYS AND CLOSING DAYS === #

    def _quiet(self, first, last, **values):
        return self.env["collection.quiet.day"].create(
            {
                "name": "Closed",
                "company_id": self.company.id,
                "date_from": first,
                "date_to": last,
                **values,
            }
        )

    def test_quiet_days_of_the_company(self):
        self._quiet(TODAY, TODAY + DAY)
        reminder = self._reminded()
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 20, 7, 0))
        self.assertEqual(reminder.decision_date, TODAY, "decided all the same")

    def test_quiet_days_of_another_company_are_not_ours(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._quiet(TODAY, TODAY, company_id=other.id)
        self.assertEqual(self._reminded().depart_at, datetime(2026, 3, 18, 8, 30))

    def test_a_customers_closing_is_its_own(self):
        self._quiet(TODAY, TODAY + 30 * DAY, company_id=False, partner_id=self.customer.id)
        self._invoice(self.other_customer, 100, overdue=10)
        reminder = self._reminded()
        # from Thursday to Friday a month later, and then the week-end
        self.assertEqual(reminder.depart_at.date(), date(2026, 4, 20))
        other = self._reminder(self.other_customer)
        self.assertEqual(other.depart_at, datetime(2026, 3, 18, 8, 30))

    def test_every_year_again(self):
        self._quiet(
            date(2019, 3, 16), date(2019, 3, 18), partner_id=self.customer.id, yearly=True
        )
        self.assertEqual(self._reminded().depart_at.date(), TODAY + DAY)

    @mute_logger("odoo.sql_db")
    def test_what_makes_no_sense_is_refused(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._quiet(TODAY, TODAY - DAY)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._quiet(TODAY, TODAY + 400 * DAY, yearly=True)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._quiet(TODAY, TODAY, company_id=False)

    def test_who_keeps_them(self):
        """A collector keeps customers' closings, a credit manager the company's too."""
        theirs = self._quiet(TODAY, TODAY, partner_id=self.customer.id, company_id=False)
        ours = self._quiet(TODAY, TODAY)
        theirs.with_user(self.owner).name = "Summer"
        with self.assertRaises(AccessError):
            ours.with_user(self.owner).name = "Never"
        ours.with_user(self.manager).name = "Inventory"
        auditor = new_test_user(
            self.env, "reader", "account_collections.group_collection_readonly",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )
        self.assertEqual(ours.with_user(auditor).name, "Inventory")
        with self.assertRaises(AccessError):
            theirs.with_user(auditor).name = "x"
        other = self.env["res.company"].create({"name": "Other"})
        elsewhere = self._quiet(TODAY, TODAY, company_id=other.id)
        with self.assertRaises(AccessError):
            elsewhere.with_user(self.manager).read(["name"])

    # === HOURS === #

    def test_hours_of_the_debtor(self):
        """Half past nine in Paris is half past four in New York: at eight there."""
        reminder = self._reminded(country_id=self._country("CA"), tz="America/Toronto")
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 18, 12, 0))

    def test_the_countrys_zone_where_the_partner_has_none_of_its_own(self):
        """Odoo gave the Japanese customer the zone of whoever entered it, in Paris."""
        reminder = self._reminded(country_id=self._country("JP"), tz="Europe/Paris")
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 18, 8, 30), "17:30 in Tokyo")
        self.company.collection_depart_hour = 12
        self._invoice(self.other_customer, 100, overdue=10)
        self.other_customer.write({"country_id": self._country("JP"), "tz": "Europe/Paris"})
        self._morning(TODAY + DAY)
        # Friday the 20th is the spring equinox in Japan: Monday at eight there
        other = self._reminder(self.other_customer)
        self.assertEqual(other.depart_at, datetime(2026, 3, 22, 23, 0))

    def test_approved_in_the_evening_it_leaves_in_the_morning(self):
        self.scenario.level_ids[0].approval = True
        reminder = self._reminded()
        with self._at(f"{TODAY} 20:00:00"):
            reminder.with_user(self.manager).action_approve()
        self._depart(f"{TODAY} 20:05:00")
        self.assertEqual(reminder.state, "scheduled")
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 19, 7, 0))
        self._depart(f"{TODAY + DAY} 07:05:00")
        self.assertEqual(reminder.state, "sent")

    def test_a_person_may_send_at_any_hour(self):
        reminder = self._reminded()
        with self._at(f"{TODAY} 21:00:00"):
            reminder.with_user(self.manager).action_send_now()
        self._depart(f"{TODAY} 21:05:00")
        self.assertEqual(reminder.state, "sent")

    def test_a_person_may_choose_the_hour(self):
        reminder = self._reminded()
        reminder.with_user(self.owner).depart_at = f"{TODAY} 20:00:00"
        self.assertTrue(reminder.at_any_hour)
        with self.assertRaises(UserError):
            reminder.with_user(self.owner).at_any_hour = False
        self._depart(f"{TODAY} 20:05:00")
        self.assertEqual(reminder.state, "sent")

    def test_a_task_for_our_own_people_has_no_quiet_time(self):
        self.scenario.level_ids[0].channel = "task"
        reminder = self._reminded(country_id=self._country("US"), tz="America/Los_Angeles")
        self.assertEqual(reminder.depart_at, datetime(2026, 3, 18, 8, 30))

    def test_hours_begin_before_they_end(self):
        for start, end in ((19, 8), (8, 8), (-1, 8), (8, 25)):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.company.write({"collection_send_from": start, "collection_send_until": end})

    # === PAYMENT RUNS === #

    def test_an_overdue_invoice_waits_for_the_payment_run(self):
        """Due on 13 March; the customer pays on the 10th and 25th: free on the 27th."""
        self.customer.collection_payment_days = "10,25"
        self._invoice(self.customer, 100, overdue=5)
        self._morning()
        case = self._case(self.customer)
        self.assertEqual(case.decision_id.reason, "payment_run")
        self.assertEqual(case.next_date, date(2026, 3, 27))
        self.assertIn("pays on fixed days", case.decision_sentence)
        self.assertFalse(case.reminder_ids)
        self._morning(date(2026, 3, 26))
        self.assertFalse(case.reminder_ids)
        self._morning(date(2026, 3, 27))
        self.assertEqual(case.reminder_ids.rank, 20)

    def test_the_wait_after_the_run_is_a_setting(self):
        self.customer.collection_payment_days = "25"
        self.company.collection_run_wait = 4
        self._invoice(self.customer, 100, overdue=5)
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.next_date, date(2026, 3, 31))

    def test_payment_days_are_checked(self):
        for text in ("0", "32", "10th", "10,,x", "<b>"):
            with self.assertRaisesRegex(ValidationError, "is no day of a month"):
                self.customer.collection_payment_days = text
        self.customer.collection_payment_days = " 25 ; 10 "
