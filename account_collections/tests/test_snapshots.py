from datetime import date, timedelta

from odoo.tools import SQL

from ..models.collection_snapshot import FLOWS, STOCKS
from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


class SnapshotCommon(CollectionCommon):
    @classmethod
    def _measure(cls, day=TODAY):
        cls.env["collection.snapshot"]._measure(cls.company, day)

    def _total(self, *names, day=TODAY, domain=()):
        """Return sums or ratios of all rows of a day."""
        snapshots = self.env["collection.snapshot"]
        specs = [f"{name}:{snapshots._fields[name].aggregator}" for name in names]
        where = [("company_id", "=", self.company.id), ("date", "=", day), *domain]
        [row] = snapshots._read_group(where, aggregates=specs)
        return row if len(names) > 1 else row[0]

    def _rows(self, day):
        """Return all that is known of a day, row by row."""
        names = ["closing", "user_id", "team_id", "scenario_id", "country_id", "salesperson_id"]
        columns = SQL(", ").join(SQL.identifier(name) for name in (*names, *STOCKS, *FLOWS))
        return sorted(
            self.env.execute_query(
                SQL(
                    "SELECT %s FROM collection_snapshot WHERE company_id = %s AND date = %s",
                    columns,
                    self.company.id,
                    day,
                )
            ),
            key=str,
        )


class TestSnapshots(SnapshotCommon):
    """Hand-computed ledgers, on a day and as they were."""

    def test_a_day_worked_by_hand(self):
        """Six debts, a credit and money: every figure of the day is known."""
        france, spain = self.env.ref("base.fr"), self.env.ref("base.es")
        self.customer.country_id, self.other_customer.country_id = france, spain
        for amount, overdue in ((100, 0), (200, 17), (400, 30), (800, 31), (1600, 91)):
            self._invoice(self.customer, amount, overdue)
        paid = self._invoice(self.other_customer, 1000, overdue=40)
        self._pay(paid, 600, payment_date=TODAY - 40 * DAY)
        self._pay(paid, 250, payment_date=TODAY - 10 * DAY)
        self._invoice(self.other_customer, 50, overdue=5, move_type="out_refund")
        self._sync_cases()
        self._measure()

        # 1,600 was invoiced 121 days ago, the credit note 35 days ago
        self.assertEqual(
            self._total("outstanding", "debts", "credits", "not_due", "overdue"),
            (100 + 200 + 400 + 800 + 1600 + 150 - 50, 3250, -50, 100, 3150),
        )
        ages = self._total("age_1", "age_2", "age_3", "age_4", "age_5")
        self.assertEqual(ages, (600, 800 + 150, 0, 1600, 0))
        self.assertEqual(self._total("at_risk"), 1600)
        self.assertEqual(
            self._total("sales", "sales_window", "sales_year", "cash"), (0, 2450, 4050, 250)
        )
        self.assertEqual(
            self._total("fallen_due", "paid_on_time", "still_unpaid"), (2400, 600, 1550)
        )
        self.assertEqual(self._total("paid", "paid_days", "late_days"), (250, 250 * 60, 250 * 30))
        counts = self._total(
            "item_count", "overdue_count", "customer_count", "late_customer_count"
        )
        self.assertEqual(counts, (7, 5, 2, 2))

        ratios = self._total("dso", "delinquent_days", "overdue_rate", "days_to_pay", "risk_rate")
        for found, worked in zip(
            ratios,
            (3200 / 2450 * 90, 3150 / 2450 * 90, 3150 / 32.5, 60, 1600 / 32.5),
            strict=True,
        ):
            self.assertAlmostEqual(found, worked)
        # A ratio of some rows is one of their sums, not a sum or mean of ratios.
        in_france = self._total("overdue_rate", domain=[("country_id", "=", france.id)])
        self.assertAlmostEqual(in_france, 3000 / 31)
        self.assertFalse(self._total("promise_kept_rate"), "nothing was promised: no rate")

    def test_what_stood_on_several_days_is_never_summed(self):
        self._invoice(self.customer, 100, overdue=40)
        for day in (date(2026, 2, 28), TODAY):
            self._measure(day)
        [(outstanding, rate)] = self.env["collection.snapshot"]._read_group(
            [("company_id", "=", self.company.id)],
            aggregates=["outstanding:sum", "overdue_rate:avg"],
        )
        self.assertEqual((outstanding, rate), (100, 100))

    def test_history_rebuilt_is_the_history_recorded(self):
        """Each evening is recorded before the next day's entries exist, then all is rebuilt."""
        recorded = {}
        first = TODAY - 4 * DAY
        invoice = self._invoice(self.customer, 1000, overdue=3)
        foreign = self._invoice(
            self.other_customer, 900, overdue=50,
            currency_id=self.setup_other_currency("EUR").id,
        )  # fmt: skip
        self._sync_cases()
        lines = self.env["account.move.line"]

        def nothing(day):
            pass

        def pay_a_part(day):
            self._pay(invoice, 300, payment_date=day)

        def pay_abroad(day):
            self._pay(foreign, 450, payment_date=day)

        def credit(day):
            refund = self._invoice(
                self.customer, 100, overdue=0, move_type="out_refund",
                invoice_date=day, invoice_date_due=day,
            )  # fmt: skip
            receivable = (invoice | refund).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            receivable.reconcile()

        def pay_all(day):
            self._pay(invoice, payment_date=day)
            self._pay(foreign, payment_date=day)
            lines.flush_model()

        for offset, happens in enumerate((nothing, pay_a_part, pay_abroad, credit, pay_all)):
            day = first + offset * DAY
            happens(day)
            self._measure(day)
            recorded[day] = self._rows(day)
            self.assertTrue(recorded[day])
        self.assertNotEqual(recorded[first], recorded[TODAY])
        for day in recorded:
            self._measure(day)
        for day, rows in recorded.items():
            # The last day of a month so far is its end only on that day.
            rebuilt = [row[1:] for row in self._rows(day)]
            self.assertEqual(rebuilt, [row[1:] for row in rows], day)
        self.assertEqual(self._total("outstanding", "debts"), (0, 0))
        self.assertEqual([row[0] for row in self._rows(TODAY)], [True] * len(self._rows(TODAY)))
        self.assertFalse(any(row[0] for row in self._rows(first)))

    def test_both_ways_of_looking_back_agree(self):
        """What is left of each item, forwards from its amount or backwards from today's rest."""
        invoice = self._invoice(self.customer, 1000, overdue=30)
        self._pay(invoice, 300, payment_date=TODAY - 20 * DAY)
        self._pay(invoice, 700, payment_date=TODAY - 5 * DAY)
        self.env.flush_all()
        ledger = self.env["collection.ledger"]
        for ago, left in ((25, 1000), (20, 700), (6, 700), (5, None)):
            found = [
                self.env.execute_query(
                    ledger._open_items_sql(
                        SQL("item.amount, item.amount_currency"),
                        where=SQL("line.move_id = %s", invoice.id),
                        as_of=TODAY - ago * DAY,
                        of_all=of_all,
                    )
                )
                for of_all in (False, True)
            ]
            self.assertEqual(found, [[(left, left)] if left else []] * 2)


class TestHistory(SnapshotCommon):
    """Which days are measured, and when again."""

    def _cron(self):
        """Run the scheduled action on TODAY; return the days it measured."""
        before = self._prints()
        with self._at(f"{TODAY} 09:00:00"), self.committing() as env:
            env["collection.snapshot"]._cron_measure()
        after = self._prints()
        return sorted(day for day, mark in after.items() if before.get(day) != mark)

    def _prints(self):
        days = self.env["collection.snapshot.day"].search([("company_id", "=", self.company.id)])
        return {day.date: day.fingerprint for day in days}

    def test_days_are_measured_when_the_ledger_changed(self):
        """Before the first run three months ended; later only what an entry touches is redone."""
        invoice = self._invoice(self.customer, 1000, overdue=70)  # invoiced on 2025-12-08
        self._morning()
        self.assertEqual(self._prints(), {TODAY: False})
        self.assertEqual(self._total("outstanding"), 1000)
        ends = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]
        self.assertEqual(self._cron(), [*ends, TODAY])
        self.assertEqual(self._cron(), [], "nothing changed")
        self.assertEqual(self._total("outstanding", day=ends[0]), 1000)

        # Money of February is booked late: December and January stay as they are.
        self._pay(invoice, 400, payment_date=date(2026, 2, 10))
        self.assertEqual(self._cron(), [ends[2], TODAY])
        self.assertEqual(self._total("outstanding", "cash", day=ends[2]), (600, 400))
        self.assertEqual(self._total("outstanding", day=ends[1]), 1000)

        # Other buckets: all of it again.
        self.company.collection_bucket_1 = 10
        self.assertEqual(self._cron(), [*ends, TODAY])

    def test_buckets_rise(self):
        with self._refused("The days of the aged balance rise"):
            self.company.collection_bucket_2 = 30


class TestWhoSees(SnapshotCommon):
    def test_rights(self):
        """A collector sees own work, manager and CFO all of it, another company nothing."""
        other_owner = self._user("colleague", "account_collections.group_collection_user")
        cfo = self._user("cfo", "account_collections.group_collection_readonly")
        abroad = self._create_company(name="Abroad")
        stranger = self._user("boss2", "account_collections.group_collection_manager", abroad)
        accountant = self._user("books", "account.group_account_user")
        self._invoice(self.customer, 100, overdue=5)
        self._invoice(self.other_customer, 200, overdue=5)
        self._sync_cases()
        self._case(self.customer).user_id = self.owner
        self._case(self.other_customer).user_id = other_owner
        self._measure()

        def seen(user):
            snapshots = self.env["collection.snapshot"].with_user(user)
            [(total,)] = snapshots._read_group([], aggregates=["outstanding:sum"])
            return total or 0

        self.assertEqual(
            [seen(one) for one in (self.owner, other_owner, self.manager, cfo, stranger)],
            [100, 200, 300, 300, 0],
        )
        snapshots = self.env["collection.snapshot"]
        self.assertFalse(snapshots.with_user(accountant).has_access("read"))
        for user in (self.owner, self.manager, cfo):
            self.assertFalse(snapshots.with_user(user).has_access("write"))
