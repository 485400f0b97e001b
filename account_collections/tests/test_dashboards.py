from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import TODAY
from .test_snapshots import DAY, SnapshotCommon

PAGES = ("operational", "performance", "management", "meeting")


class DashboardCommon(SnapshotCommon):
    @classmethod
    def _measured(cls, *days):
        """Measure days as the scheduled action would."""
        snapshots = cls.env["collection.snapshot"]
        for company in cls.companies:
            for day in days:
                snapshots._measure_alone(company, day)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.company
        cls.startClassPatcher(cls._at(f"{TODAY} 10:00:00"))

    def _page(self, page, user=None, domain=(), currency=None, companies=None):
        user = user or self.manager
        dashboards = self.env["collection.dashboard"].with_user(user)
        dashboards = dashboards.with_context(
            allowed_company_ids=(companies or user.company_ids).ids, lang=user.lang
        )
        return dashboards.get_page(page, domain, currency and currency.id)

    def _tile(self, page, code):
        return next(tile for tile in page["tiles"] if tile["code"] == code)

    def _table(self, page, title):
        return next(table for table in page["tables"] if table["title"] == title)

    def _behind(self, action, user=None):
        """Return the records that an action opens, as the user sees them."""
        model = self.env[action["res_model"]].with_user(user or self.manager)
        return model.search(action["domain"])


class TestDashboards(DashboardCommon):
    """Numbers of the pages, and what is behind each."""

    def _three_months(self):
        """Half of February's 1,000 is paid in March, of which 300 are promised and 80 disputed."""
        self.invoice = self._invoice(self.customer, 1000, overdue=20)
        self.late = self._invoice(self.other_customer, 600, overdue=100)
        self._pay(self.invoice, 500, payment_date=TODAY - 2 * DAY)
        self._sync_cases()
        (self._case(self.customer) | self._case(self.other_customer)).user_id = self.owner
        self._run()
        self._measured(date(2026, 1, 31), date(2026, 2, 28), TODAY - 7 * DAY, TODAY)

    def test_numbers_and_what_is_behind_them(self):
        self._three_months()
        page = self._page("performance")
        self.assertLessEqual(len(page["tiles"]), 6)
        codes = [tile["code"] for tile in page["tiles"]]
        self.assertEqual(codes[:2], ["outstanding", "expected"])
        outstanding = self._tile(page, "outstanding")
        self.assertEqual(outstanding["value"], "$1,100")
        self.assertEqual(outstanding["change"], "-$500 since last month")
        self.assertIs(outstanding["good"], True)
        self.assertIn("$1,100", outstanding["explanation"])
        self.assertEqual(
            self._behind(outstanding["action"]).move_id, self.invoice | self.late
        )
        rate = self._tile(page, "overdue_rate")
        self.assertEqual(rate["value"], "100.0\N{NO-BREAK SPACE}%")
        self.assertEqual(rate["explanation"], "Overdue $1,100 / debts $1,100")
        # 1,000 were invoiced fifty days ago, 600 before the 90 days
        self.assertEqual(self._tile(page, "dso")["value"], "99.0 d")
        # (1,600 + 0 - 1,100) / (1,600 + 0 - 0)
        self.assertEqual(self._tile(page, "cei")["value"], "31.2\N{NO-BREAK SPACE}%")
        chart = page["charts"][0]
        self.assertEqual(chart["sets"][0]["data"][-3:], [90.0, 144.0, 99.0])
        self.assertEqual(chart["sets"][0]["data"][:-3], [None] * 9, "a gap, not a zero")
        history = self._behind(chart["action"])
        self.assertEqual(
            set(history.mapped("date")), {date(2026, 1, 31), date(2026, 2, 28), TODAY}
        )
        owners = self._table(page, "By Owner")
        self.assertEqual(owners["rows"][0]["cells"][:2], [self.owner.name, "$1,100"])
        rows = self._table(page, "More Indicators")["rows"]
        more = {row["cells"][0]: row["cells"] for row in rows}
        self.assertEqual(more["Promises Kept"][1:4], ["Not defined"] * 3)

    def test_by_team(self):
        """A team's portfolios are added up; it filters, groups, and opens its records."""
        values = {"name": "North", "company_id": self.company.id}
        with self.assertRaises(AccessError):
            self.env["collection.team"].with_user(self.owner).create(values)
        team = self.env["collection.team"].with_user(self.manager).create(values)
        north = (
            self.env["collection.portfolio"]
            .with_user(self.manager)
            .create({**values, "team_id": team.id})
        )
        mine = self._invoice(self.customer, 1000, overdue=20)
        self._invoice(self.other_customer, 600, overdue=100)
        self._sync_cases()
        self._case(self.customer).portfolio_id = north
        self._measured(TODAY)
        for name in ("performance", "operational"):
            rows = self._table(self._page(name), "By Team")["rows"]
            self.assertEqual(
                [row["cells"][:2] for row in rows], [["North", "$1,000"], ["No team", "$600"]]
            )
            self.assertEqual(self._behind(rows[0]["action"]).move_id, mine)
        page = self._page("performance", domain=[("team_id", "=", team.id)])
        self.assertEqual(self._tile(page, "outstanding")["value"], "$1,000")
        cases = self.env["collection.case"].with_user(self.manager)
        groups = cases._read_group([("team_id", "!=", False)], ["team_id"], ["__count"])
        self.assertEqual(groups, [(team, 1)])
        elsewhere = self._create_company(name="Elsewhere")
        theirs = self.env["collection.team"].create({**values, "company_id": elsewhere.id})
        self.env.invalidate_all()
        self.assertNotIn(theirs, team.search([]))
        with self.assertRaises(AccessError):
            theirs.with_user(self.manager).read(["name"])

    def test_management(self):
        """Targets and gaps, what moved since last week, who owes most."""
        self._three_months()
        self.env["collection.target"].with_user(self.manager).create(
            [
                {"company_id": self.company.id, "indicator": "dso", "value": 45,
                 "date_from": TODAY - DAY},
                {"company_id": self.company.id, "indicator": "dso", "value": 1,
                 "date_from": TODAY + DAY},
            ]
        )  # fmt: skip
        page = self._page("management")
        tile = self._tile(page, "dso")
        self.assertEqual((tile["target"], tile["on_target"]), ("Target 45.0 d, gap +54.0 d", False))
        [site] = self._table(page, "Sites, with the Gap to Their Targets")["rows"]
        self.assertEqual(site["cells"][3], "99.0 d (+54.0 d)")
        moves = self._table(page, "Since Last Week")["rows"]
        self.assertEqual(moves[0]["cells"], ["Outstanding", "$1,600", "$1,100", "-$500"])
        self.assertIs(moves[0]["good"], True)
        risks = self._table(page, "Largest Risks")["rows"]
        self.assertEqual([row["cells"][0] for row in risks], ["Martin", "Dupont"])
        self.assertEqual(risks[0]["cells"][1:4], ["$600", "$600", "100"])
        with self.assertRaises(ValidationError):
            self.env["collection.target"].create({"indicator": "overdue_rate", "value": 101})

    def test_each_number_clicks_through(self):
        self._three_months()
        pages = [self._page(name) for name in PAGES]
        simulator = self.env["collection.dashboard"].with_user(self.manager).simulate()
        for one in [
            *(part for page in pages for part in (*page["tiles"], *page["charts"])),
            *(row for page in pages for table in page["tables"] for row in table["rows"]),
            *simulator["standing"],
        ]:
            action = one["action"]
            self.assertTrue(action, one)
            if isinstance(action, dict) and not action.get("res_id"):
                self._behind(action)

    def test_what_it_has_brought_since_go_live(self):
        """Measured against the last day known before; nothing is told before that."""
        title = "Gain since Go-live"
        self._three_months()
        portfolio = self.portfolio.sudo()
        portfolio.live_since = date(2026, 3, 1)
        days, late = self._table(self._page("management"), title)["rows"]
        # 1,600 / 1,000 × 90 = 144 days at the end of February: 1,600 would be outstanding today
        self.assertEqual(days["cells"], ["DSO", "03/01/2026", "144.0 d", "99.0 d", "+$500"])
        self.assertEqual(
            days["note"], "144.0 d × sales of 90 days $1,000 / 90 - outstanding $1,100"
        )
        self.assertIs(days["good"], True)
        self.assertEqual(late["cells"][2:], ["100.0\N{NO-BREAK SPACE}%"] * 2 + ["$0"])
        portfolio.live_since = date(2025, 12, 10)
        days, _late = self._table(self._page("management"), title)["rows"]
        self.assertEqual(days["cells"][-1], "Not defined")
        self.assertIn("nothing is known of the month before go-live", days["note"])
        portfolio.live_since = False
        table = self._table(self._page("management"), title)
        self.assertFalse(table["rows"])
        self.assertIn("Not defined before go-live", table["empty"])
        with self.assertRaises(UserError):
            self.portfolio.with_user(self.manager).live_since = TODAY

    def test_receipts_against_forecast(self):
        self._three_months()
        forecasts = self.env["collection.forecast"].sudo()
        for day in (TODAY - 8 * DAY, TODAY - DAY):
            forecast = forecasts.create({"company_id": self.company.id, "date": day})
            forecast.week_ids.create(
                {
                    "forecast_id": forecast.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "date": day,
                    "week": 1,
                    "date_to": day + 7 * DAY,
                    "user_id": self.owner.id,
                    "expected": 400,
                    "received": 500,
                }
            )
        title = "Receipts against Forecast"
        before = forecasts.search([("date", "=", TODAY)])
        self.assertTrue(before, "the run of the day made one")
        [row] = self._table(self._page("performance"), title)["rows"]
        self.assertEqual(
            row["cells"], ["03/17/2026", "$400", "$500", "+$100", "125.0\N{NO-BREAK SPACE}%"]
        )
        self.assertEqual(self._behind(row["action"]).mapped("expected"), [400])
        for domain, why in (
            ([("user_id", "=", self.manager.id)], "No week of a forecast is over yet."),
            ([("country_id", "=", 1)], "there is no cash forecast for this"),
        ):
            table = self._table(self._page("performance", domain=domain), title)
            self.assertFalse(table["rows"])
            self.assertIn(why, table["empty"])

    def test_in_french(self):
        """No label is the English one, on any page: figures and names are the same alone."""
        self._three_months()
        self._speak_french()

        def texts(page):
            for part in (*page["tiles"], *page["charts"], *page["tables"]):
                yield part.get("label") or part["title"]
                yield part.get("empty")
                yield from part.get("columns", ())
                yield from (one["label"] for one in part.get("sets", ()))

        same = {"DSO", None, ""}
        for name in PAGES:
            english = self._page(name)
            self.manager.lang = "fr_FR"
            french = self._page(name)
            self.manager.lang = "en_US"
            both = set(texts(english)) & set(texts(french))
            self.assertFalse(both - same, name)

    def test_operational(self):
        """Work, reminders and what they brought, who was forgotten."""
        invoice = self._invoice(self.customer, 1000, overdue=38)
        self._invoice(self.other_customer, 300, overdue=38)
        reminded_on = TODAY - 28 * DAY
        self._day(reminded_on)
        self._pay(invoice, 400, payment_date=reminded_on + 5 * DAY)
        self._pay(invoice, 100, payment_date=reminded_on + 15 * DAY)
        self._sync_cases()
        self._case(self.customer).action_decide_again()
        self._measured(TODAY)
        page = self._page("operational")
        self.assertEqual(self._tile(page, "silent")["value"], "2")
        self.assertEqual(
            self._behind(self._tile(page, "silent")["action"]).partner_id,
            self.customer | self.other_customer,
        )
        [brought] = self._table(page, "What Reminders Brought, over 90 Days")["rows"]
        # 400 of 1,300 came within ten days
        self.assertEqual(
            brought["cells"], ["E-mail", "2", "$1,300", "30.8\N{NO-BREAK SPACE}%"]
        )
        self.assertEqual(len(self._behind(brought["action"])), 2)
        work = self._tile(page, "work")
        self.assertEqual(int(work["value"]), len(self._behind(work["action"])))
        self.env["collection.call"]._note(
            self._case(self.customer), result="reached", note="Pays next week"
        )
        page = self._page("operational")
        self.assertEqual(self._tile(page, "silent")["value"], "1")

    def test_a_filter_is_one_of_all_that_is_shown(self):
        self._three_months()
        france = self.env.ref("base.fr")
        self.customer.country_id = france
        self._measured(TODAY)
        domain = [("country_id", "=", france.id)]
        for name in PAGES:
            page = self._page(name, domain=domain)
            self.assertEqual(self._tile(page, "outstanding")["value"], "$500")
            behind = self._behind(self._tile(page, "outstanding")["action"])
            self.assertEqual(behind.move_id, self.invoice)
            self.assertFalse(self._tile(page, "expected")["defined"])
        # What is no group of cases narrows the figures, and nothing is lost behind them.
        page = self._page("management", domain=[*domain, ("outstanding", ">", 0)])
        self.assertEqual(self._tile(page, "outstanding")["value"], "$500")

    def test_before_anything_was_measured(self):
        """No page fails, and none shows a zero where nothing is known."""
        for name in PAGES:
            page = self._page(name)
            self.assertEqual(self._tile(page, "outstanding")["value"], "Not defined")
            self.assertEqual(
                page["notes"],
                [f"{self.company.name}: Not defined, because nothing is known of this time yet."],
            )
        answer = self.env["collection.dashboard"].with_user(self.manager).simulate()
        self.assertEqual(
            answer["missing"], "Not defined, because nothing is known of this time yet."
        )

    def test_only_credits(self):
        self._invoice(self.customer, 100, overdue=0, move_type="out_refund")
        self._sync_cases()
        self._measured(TODAY)
        page = self._page("performance")
        self.assertEqual(self._tile(page, "outstanding")["value"], "-$100")
        self.assertEqual(
            self._tile(page, "outstanding")["detail"], "Debts $0, credits -$100"
        )
        overdue = self._tile(self._page("management"), "overdue")
        self.assertEqual((overdue["value"], overdue["detail"]), ("$0", "Before credits of $100"))
        self.assertEqual(
            self._tile(page, "dso")["explanation"],
            "Not defined, because credits exceed what is owed.",
        )
        self.assertEqual(
            self._tile(page, "overdue_rate")["explanation"],
            "Not defined, because nothing is owed.",
        )
        answer = self.env["collection.dashboard"].with_user(self.manager).simulate()
        self.assertEqual(
            answer["missing"], "Not defined, because there were no sales in the period."
        )

    def test_who_sees_what(self):
        self._three_months()
        other_owner = self._user("colleague", "account_collections.group_collection_user")
        cfo = self._user("cfo", "account_collections.group_collection_readonly")
        self._case(self.other_customer).user_id = other_owner
        self._measured(TODAY)
        seen = {
            user.login: self._tile(self._page("operational", user), "outstanding")["value"]
            for user in (self.owner, other_owner, self.manager, cfo)
        }
        self.assertEqual(list(seen.values()), ["$500", "$600", "$1,100", "$1,100"])
        nobody = self._user("books", "account.group_account_user")
        for call in (
            lambda: self._page("management", nobody),
            lambda: self.env["collection.dashboard"].with_user(nobody).simulate(),
        ):
            with self.assertRaises(AccessError):
                call()
        targets = self.env["collection.target"]
        self.assertTrue(targets.with_user(self.manager).has_access("create"))
        self.assertFalse(targets.with_user(self.owner).has_access("create"))
        self.assertFalse(targets.with_user(cfo).has_access("write"))

    def test_simulator(self):
        """1,600 of sales in a year that is not known yet: 90 days are taken for it."""
        self._three_months()
        simulate = self.env["collection.dashboard"].with_user(self.manager).simulate
        answer = simulate(days=9, overdue_rate=50.0)
        shown = {one["label"]: one["value"] for one in answer["standing"]}
        # 1,000 in 90 days are 4,055.56 in a year, 11.11 a day
        self.assertEqual((shown["Sales of a Year"], shown["Sales of a Day"]), ("$4,056", "$11"))
        days, overdue, disputes = answer["sliders"]
        self.assertEqual((days["cash"], days["value"], days["shown"]), ("$100", 9.0, "9.0 d"))
        self.assertEqual(days["arithmetic"], "$4,056 / 365 × 9.0 days = $100")
        # nothing is not overdue: any rate below 100 % frees all of it
        self.assertEqual((overdue["cash"], disputes["cash"]), ("$1,100", "$0"))
        self.assertIn("not known", disputes["arithmetic"])


class TestConsolidation(DashboardCommon):
    """Several companies in a chosen currency."""

    def test_a_site_added_in_mid_year(self):
        """It is shown as such: months with it are not compared with those before."""
        abroad = self._create_company(name="Abroad")
        self.manager.company_ids = [Command.link(abroad.id)]
        self._invoice(self.customer, 1000, overdue=10)
        self._measured(date(2026, 1, 31), date(2026, 2, 28), TODAY - 7 * DAY, TODAY)
        self.env["collection.snapshot"]._measure_alone(abroad, TODAY)

        page = self._page("management")
        sites = self._table(page, "Sites, with the Gap to Their Targets")["rows"]
        self.assertEqual(
            {row["cells"][0] for row in sites}, {self.company.name, "Abroad (since Mar 26)"}
        )
        why = (
            "Abroad since Mar 26: the months before are without it, and nothing is compared "
            "across that month."
        )
        self.assertEqual(page["notes"][-1], why)
        self.assertEqual([chart["note"] for chart in page["charts"]], [why, why])
        tile = self._tile(page, "outstanding")
        self.assertEqual(tile["value"], "$1,000")
        self.assertEqual(tile["change"], "Not compared with last month: a site was added.")
        week = self._table(page, "Since Last Week")
        self.assertEqual(week["note"], "Nothing is compared: a site was added since last week.")
        self.assertEqual(week["rows"][0]["cells"][1:], ["Not defined", "$1,000", "Not defined"])
        effectiveness = self._tile(self._page("performance"), "cei")
        self.assertFalse(effectiveness["defined"])
        self.assertIn("a site was added", effectiveness["explanation"])
        # The older company alone is compared as ever.
        page = self._page("management", companies=self.company)
        self.assertEqual((page["notes"], page["charts"][0]["note"]), ([], ""))
        self.assertIn("since last month", self._tile(page, "outstanding")["change"])
        self.assertFalse(self._table(page, "Since Last Week")["note"])

    def test_companies_are_added_up_in_one_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.5)])
        abroad = self._create_company(name="Abroad", currency_id=euro.id)
        dollar = self.company.currency_id
        self.manager.company_ids = [Command.link(abroad.id)]
        data = self._accounting(abroad)
        self._invoice(self.customer, 1000, overdue=10)
        self._invoice(
            self.other_customer.with_company(abroad), 400, overdue=-10, company_id=abroad.id,
            journal_id=self.env["account.journal"].search(
                [("company_id", "=", abroad.id), ("type", "=", "sale")], limit=1
            ).id,
        )  # fmt: skip
        self.assertEqual(data["company"], abroad)
        type(self).companies = self.company | abroad
        self._sync_cases()
        self.env["collection.debtor"].sudo()._sync(abroad)
        self._measured(date(2026, 2, 28), TODAY)

        # A dollar company has no rate of the euro's own: 1 USD is 0.50 EUR.
        page = self._page("management", currency=euro)
        self.assertEqual(self._tile(page, "outstanding")["value"], "900\N{NO-BREAK SPACE}€")
        self.assertEqual(page["currency"], euro.id)
        # The choice is the user's: it holds on the next page, and for nobody else.
        cfo = self._user("cfo", "account_collections.group_collection_readonly")
        cfo.company_ids = self.manager.company_ids
        self.env["collection.dashboard"].with_user(self.manager).choose_currency(euro.id)
        for user, currency in ((self.manager, euro), (cfo, dollar)):
            page = self._page("performance", user, companies=self.company)
            self.assertEqual(page["currency"], currency.id)
        self.env["collection.dashboard"].with_user(self.manager).choose_currency(False)
        # 500 of 900 are overdue: a ratio of sums, not a mean of 100 % and 0 %
        page = self._page("performance", currency=euro)
        self.assertEqual(self._tile(page, "overdue_rate")["value"], "55.6\N{NO-BREAK SPACE}%")
        # The company abroad does not know the dollar: nothing is taken at par.
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        page = self._page("management", currency=dollar)
        self.assertFalse(self._tile(page, "outstanding")["defined"])
        self.assertEqual(
            page["notes"],
            [
                "Abroad: Not defined, because a company has no exchange rate for this currency.",
                f"{self.company.name}: known since Feb 26",
            ],
        )
        sites = self._table(page, "Sites, with the Gap to Their Targets")["rows"]
        self.assertEqual(
            {row["cells"][0]: row["cells"][1] for row in sites},
            {self.company.name: "$1,000", "Abroad": "Not defined"},
        )
        # One company alone is what it is.
        page = self._page("management", companies=self.company)
        self.assertEqual(self._tile(page, "outstanding")["value"], "$1,000")
