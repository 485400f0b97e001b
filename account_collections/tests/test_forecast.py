import io
from datetime import timedelta

from odoo import Command, sql_db
from odoo.addons.account_collections.models.collection_rows import LOCK_SPACE
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger
from openpyxl import load_workbook

from .common import TODAY
from .plans_common import PlanCommon
from .test_behaviour import DAY, BehaviourCommon

#: The figures of a company's day, in their order.
FIGURES = ("collection.behaviour", "collection.prediction", "collection.forecast")


class ForecastCommon(BehaviourCommon):
    """Dupont pays three weeks late, Martin on the day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(5):
            cls._paid(cls.customer, 100, 20, 60 + 15 * number)
            cls._paid(cls.other_customer, 100, 0, 60 + 15 * number)

    def _forecast(self, today=TODAY):
        """Bring the figures of a day up to date; return its forecast."""
        self._sync_cases()
        for name in FIGURES:
            self.env[name]._refresh(self.company, today)
        return self.env["collection.forecast"].search(
            [("company_id", "=", self.company.id), ("date", "=", today)]
        )

    def _parts(self, forecast, invoice):
        """Return {kind: (amount, promised day)} of an invoice."""
        lines = invoice.line_ids
        parts = forecast.item_ids.filtered(lambda part: part.line_id in lines)
        return {part.kind: part for part in parts}

    def _board(self, user=None, **filters):
        forecast = self.env["collection.forecast"].with_user(user or self.manager)
        return forecast.get_board(self.company.id, filters)

    def _expected(self, user=None):
        model = self.env["collection.forecast"].with_user(user or self.manager)
        return model._get_expected(self.company.with_user(user or self.manager))


class TestForecast(ForecastCommon):
    """What open items bring by week: made by the run, drilled into, exported, compared."""

    def test_what_is_promised_and_contested_is_apart(self):
        slow = self._invoice(self.customer, 1000, overdue=-5)
        prompt = self._invoice(self.other_customer, 500, overdue=2)
        # A credit of 200 is taken off the oldest debt of the same customer.
        self._invoice(self.customer, 200, overdue=0, move_type="out_refund")
        lost = self._invoice(self._customer("Credit"), 50, overdue=5)
        self._invoice(lost.partner_id, 90, overdue=0, move_type="out_refund")
        self._sync_cases()
        items = self.env["collection.item"].search([("move_id", "=", prompt.id)])
        with self._at(f"{TODAY} 08:00:00"):
            self._case(self.other_customer)._promise_quick(300, TODAY + 2 * DAY, items=items)
            dispute = self._case(self.customer)._dispute_quick(
                reason=self.env["collection.dispute.reason"].search([], limit=1),
                lines=slow.line_ids.filtered("date_maturity"),
                amount=100,
            )
        dispute.deadline = TODAY + 21 * DAY
        forecast = self._forecast()
        parts = self._parts(forecast, slow)
        self.assertEqual(
            {kind: part.amount for kind, part in parts.items()}, {"usual": 700, "disputed": 100}
        )
        self.assertFalse(any(parts["disputed"].weeks[:3]), "contested for three weeks")
        parts = self._parts(forecast, prompt)
        self.assertEqual(
            {kind: part.amount for kind, part in parts.items()}, {"usual": 200, "promised": 300}
        )
        self.assertEqual(parts["promised"].date_promised, TODAY + 2 * DAY)
        self.assertGreater(parts["promised"].weeks[0], 0.6)
        self.assertFalse(self._parts(forecast, lost), "its credit is larger than the invoice")

        board = self._board()
        self.assertEqual(
            board["open"], {"total": 1300, "usual": 900, "promised": 300, "disputed": 100}
        )
        self.assertEqual(len(board["weeks"]), 13)
        self.assertGreater(board["weeks"][0]["promised"], 180)
        # Dupont pays in four weeks or so, Martin in this one.
        self.assertGreater(board["weeks"][0]["expected"], board["weeks"][1]["expected"])
        for week in board["weeks"]:
            self.assertLessEqual(week["p80"], week["p50"])
            self.assertLessEqual(week["p50"], week["p20"])
        # Each number is the sum of what it opens.
        flows = self.env["collection.forecast.flow"]._read_group(
            [("forecast_id", "=", forecast.id), ("week", "=", 1)], [], ["expected:sum"]
        )
        self.assertAlmostEqual(flows[0][0], board["weeks"][0]["expected"], 2)
        soon = sum(forecast.item_ids.mapped("expected"))
        self.assertAlmostEqual(soon, board["figures"]["expected"], 0)
        self.assertEqual(self._expected()[self.company]["expected"], board["figures"]["expected"])
        one = forecast.item_ids[0]
        self.assertEqual(one.action_open_document()["res_model"], "account.move")

        sheets = load_workbook(io.BytesIO(forecast._make_workbook({})))
        self.assertEqual([sheet.title for sheet in sheets], ["Cash Forecast", "Open Items"])
        self.assertAlmostEqual(
            sheets["Cash Forecast"].cell(6, 2).value, board["weeks"][0]["expected"], 2
        )
        amounts = [row[5] for row in sheets["Open Items"].iter_rows(min_row=2, values_only=True)]
        self.assertEqual(sum(amounts), 1300)

    def test_what_came_in_is_beside_it(self):
        slow = self._invoice(self.customer, 1000, overdue=25)
        later = self._invoice(self.other_customer, 400, overdue=-1)
        first = self._forecast()
        self._forecast(TODAY + DAY)
        self.assertFalse(self._board()["past"], "no week is over")
        # An invoice of which nobody knew then, and money for it, are not in the comparison.
        self._paid(self.other_customer, 70, 0, -3)
        self._pay(slow, 600, payment_date=TODAY + 3 * DAY)
        self._forecast(TODAY + 8 * DAY)
        kept = self.env["collection.forecast"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            kept.mapped("date"), [TODAY + 8 * DAY, TODAY], "the first of each week is kept"
        )
        [past] = self._board()["past"]
        expected = first._get_weeks()[0][0]
        self.assertEqual((past["id"], past["received_week"], past["error"]), (first.id, 600, None))
        self.assertAlmostEqual(past["error_week"], (expected - 600) / 600)
        # What is booked late counts in the week of its value date.
        self._pay(later, payment_date=TODAY + 4 * DAY)
        self._forecast(TODAY + 9 * DAY)
        self.assertEqual(self._board()["past"][0]["received_week"], 1000)
        # What comes back never came.
        later.line_ids.remove_move_reconcile()
        self._forecast(TODAY + 30 * DAY)
        past = self._board()["past"][-1]
        self.assertEqual((past["received_week"], past["received"]), (600, 600))
        weeks = [week[0] for week in first._get_weeks()[:4]]
        self.assertAlmostEqual(past["error"], (sum(weeks) - 600) / 600)
        # Its parts go when they cannot come true any more; its weeks stay.
        self._forecast(TODAY + timedelta(weeks=18))
        self.assertTrue(first.week_ids)
        self.assertFalse(first.item_ids)

    def test_who_owes_far_more_than_before(self):
        """Nine weeks of 1,000, then 5,000 more: a task for the owner, once."""
        self._invoice(self.customer, 1000, overdue=5)
        self._invoice(self.other_customer, 1000, overdue=5)
        self._sync_cases()
        case = self._case(self.customer)
        case.user_id = self.owner
        for week in range(9, 0, -1):
            self._forecast(TODAY - timedelta(weeks=week))
        self._forecast()
        self.assertFalse(case.exposure_jumped_on)
        self._invoice(self.customer, 5000, overdue=-30)
        self._forecast(TODAY + DAY)
        self.assertEqual((case.exposure_jumped_on, case.exposure_before), (TODAY + DAY, 1000))
        self.assertIn("owes far more than before", case.activity_ids.summary)
        self.assertEqual(case.activity_ids.user_id, self.owner)
        self._forecast(TODAY + 2 * DAY)
        self.assertEqual(len(case.activity_ids), 1)
        self.assertFalse(self._case(self.other_customer).exposure_jumped_on)

    def test_who_sees_what(self):
        self._invoice(self.customer, 1000, overdue=5)
        self._invoice(self.other_customer, 500, overdue=5)
        self._sync_cases()
        colleague = self._user("colleague9", "account_collections.group_collection_user")
        auditor = self._user("auditor9", "account_collections.group_collection_readonly")
        self._case(self.customer).user_id = self.owner
        self._case(self.other_customer).user_id = colleague
        forecast = self._forecast()
        for user, total in (
            (self.owner, 1000), (colleague, 500), (self.manager, 1500), (auditor, 1500),
        ):
            board = self._board(user)
            self.assertEqual(board["open"]["total"], total, user.name)
            self.assertLessEqual(self._expected(user)[self.company]["expected"], total)
            flows = self.env["collection.forecast.flow"].with_user(user)
            found = flows.search([("forecast_id", "=", forecast.id), ("week", "=", 1)])
            self.assertEqual(sum(found.mapped("amount")), total)
            for model in (forecast, forecast.week_ids, forecast.item_ids):
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(model.with_user(user).has_access(operation))
        self.assertEqual(self._board(user_id=self.owner.id)["open"]["total"], 1000)
        self.assertEqual(self._board(user_id=False)["open"]["total"], 0)
        main = self.env.ref("base.main_company")
        stranger = new_test_user(
            self.env, "stranger9", "account_collections.group_collection_manager",
            company_id=main.id, company_ids=[Command.set(main.ids)],
        )  # fmt: skip
        self.assertNotEqual(self._board(stranger).get("forecast"), forecast.id)
        self.assertFalse(self._expected(stranger))
        self.assertFalse(forecast.item_ids.with_user(stranger).has_access("read"))

    def test_what_is_odd(self):
        """A currency without a rate, an absurd amount, no due date, years between two dates."""
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "¤"})
        foreign = self._invoice(self.customer, 300, overdue=-5, currency_id=currency.id)
        paid = self._invoice(self.customer, 70, overdue=500, currency_id=currency.id)
        self._pay(paid, payment_date=TODAY - 80 * DAY)
        misc = self.company_data["default_journal_misc"]
        absurd = self._entry(self.other_customer, 9e12, misc, due=TODAY + DAY)
        undated = self._entry(self.other_customer, 500, misc)
        undated.line_ids.date_maturity = False
        forecast = self._forecast()
        [part] = self._parts(forecast, foreign).values()
        self.assertEqual((part.amount_currency, part.currency_id), (300, currency))
        self.assertEqual(part.amount, sum(foreign.line_ids.mapped("debit")))
        self.assertGreater(sum(part.weeks), 0.5)
        [part] = self._parts(forecast, absurd).values()
        self.assertAlmostEqual(part.amount, 9e12, delta=1)
        [part] = self._parts(forecast, undated).values()
        self.assertEqual(part.date_due, undated.date)
        board = self._board()
        self.assertLessEqual(board["figures"]["expected"], 9.1e12)
        self.assertGreater(board["figures"]["p20"], 0)
        choices = [key for key, _name in board["choices"]["currency_id"]]
        self.assertEqual(set(choices), {currency.id, self.company.currency_id.id})
        only = self._board(currency_id=currency.id)
        self.assertEqual(only["open"]["total"], sum(foreign.line_ids.mapped("debit")))
        late = self._of(self.customer)
        self.assertEqual(late.paid_count, 6)
        self.assertGreater(late.late_mean, 80, "paid more than a year late")

    def test_two_workers_at_once(self):
        """While another worker is at it, this one does nothing; then it does its own."""
        self._invoice(self.customer, 500, overdue=5)
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", (LOCK_SPACE, self.company.id)
            )
            self.assertFalse(self._forecast())
            self.assertFalse(self._of(self.customer))
            predictions = self.env["collection.prediction"]
            self.assertFalse(predictions.search([("company_id", "=", self.company.id)]))
        self.assertEqual(sum(self._forecast().item_ids.mapped("amount")), 500)

    def test_nothing_is_open(self):
        self.assertFalse(self._board()["forecast"])
        forecast = self._forecast()
        board = self._board()
        self.assertEqual(board["forecast"], forecast.id)
        self.assertEqual((board["weeks"], board["figures"]["expected"]), ([], 0))


class TestForecastOfPlans(PlanCommon):
    def test_each_instalment_lies_in_its_week(self):
        plan = self._active(every="weekly")
        for name in FIGURES:
            self.env[name]._refresh(self.company, TODAY)
        parts = self.env["collection.forecast.item"].search([("case_id", "=", self.case.id)])
        parts = parts.sorted("date_promised")
        self.assertEqual(parts.mapped("kind"), ["promised"] * 3)
        self.assertEqual(parts.mapped("amount"), plan.line_ids.sorted("date").mapped("amount"))
        self.assertEqual(parts.mapped("date_promised"), plan.line_ids.sorted("date").mapped("date"))
        for number, part in enumerate(parts):
            self.assertEqual(max(range(13), key=part.weeks.__getitem__), number)


class TestForecastFile(ForecastCommon, HttpCase):
    def test_over_http_with_the_rights_of_the_user(self):
        self._invoice(self.customer, 1000, overdue=5)
        forecast = self._forecast()
        main = self.env.ref("base.main_company")
        stranger = new_test_user(
            self.env, "stranger9", "account_collections.group_collection_manager",
            company_id=main.id, company_ids=[Command.set(main.ids)],
        )  # fmt: skip
        path = f"/account_collections/forecast/{forecast.id}?filters="
        for user, filters, status in (
            (self.manager, '{"user_id": false}', 200),
            (self.manager, "[nonsense", 200),
            (stranger, "{}", 403),
        ):
            user.password = user.login
            self.authenticate(user.login, user.login)
            with mute_logger("odoo.http"):
                answer = self.url_open(path + filters)
            self.assertEqual(answer.status_code, status, user.login)
            if status == 200:
                load_workbook(io.BytesIO(answer.content))
