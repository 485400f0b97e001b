from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine import forecast as engine

#: What a forecast is looked at by, and the names of the choices.
FILTERS = ("user_id", "currency_id", "scenario_id")

#: Days of the figure that is told first.
DAYS = 30

#: Weeks whose error is told together, and past forecasts that are compared.
FOUR_WEEKS = 4
PAST = 13


class CollectionForecast(models.Model):
    """The receipts that open items will probably bring, as of a day.

    Each run of the day makes a forecast, in place of the day before's. The first one of a week is
    kept, and what came in is written beside it. All figures are those of the reader's cases.
    """

    _name = "collection.forecast"
    _description = "Cash Forecast"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date = fields.Date("As of", required=True, readonly=True)
    week_ids = fields.One2many("collection.forecast.week", "forecast_id", readonly=True)
    item_ids = fields.One2many("collection.forecast.item", "forecast_id", readonly=True)

    _day_unique = models.UniqueIndex("(company_id, date)")

    @api.depends_context("lang")
    @api.depends("date")
    def _compute_display_name(self):
        for forecast in self:
            forecast.display_name = format_date(self.env, forecast.date)

    # === FIGURES === #

    @api.model
    def _get_expected(self, companies, days=DAYS):
        """Return {company: figures} of what open items bring within so many days, at most 91.

        Figures, in company currency and of the cases that the user sees: ``expected`` (the mean),
        ``promised`` and ``disputed`` (parts of it), ``p80``, ``p50`` and ``p20`` (receipts reached
        with that probability), ``date`` (as of; it is of an earlier day where today's run is still
        to come). Companies without a forecast are not there.
        """
        found = {}
        for forecast in self._get_last(companies):
            found[forecast.company_id] = forecast._get_figures(forecast._get_weeks(), days)
        return found

    @api.model
    def _get_last(self, companies):
        """Return the last forecast of each of these companies."""
        rows = self._read_group(
            [("company_id", "in", companies.ids)], ["company_id"], ["date:max"]
        )
        one_of = [Domain("company_id", "=", company.id) & Domain("date", "=", day)
                  for company, day in rows]  # fmt: skip
        return self.search(Domain.OR(one_of))

    def _get_weeks(self, domain=()):
        """Return [(expected, promised, disputed, variance)] by week."""
        self.ensure_one()
        names = ("expected", "promised", "disputed", "variance")
        rows = self.env["collection.forecast.week"]._read_group(
            [("forecast_id", "=", self.id), *domain],
            ["week"],
            [f"{name}:sum" for name in names],
            order="week",
        )
        return [tuple(figures) for _week, *figures in rows]

    def _get_large(self, domain=()):
        """Return pairs (amount, probabilities by week) of the largest parts."""
        parts = self.env["collection.forecast.item"].search_read(
            [("forecast_id", "=", self.id), *domain],
            ["amount", "weeks"],
            order="amount desc, id",
            limit=engine.MOST_LARGE,
        )
        return [(part["amount"], part["weeks"]) for part in parts]

    def _get_figures(self, weeks, days, domain=()):
        """Return the figures of :meth:`_get_expected`."""
        totals = [(expected, variance) for expected, _p, _d, variance in weeks]
        expected, band = engine.horizon(self._get_large(domain), totals, days)
        return {
            "date": self.date,
            "expected": expected,
            "promised": engine.within([week[1] for week in weeks], days),
            "disputed": engine.within([week[2] for week in weeks], days),
            "p80": band.p80,
            "p50": band.p50,
            "p20": band.p20,
        }

    # === SCREEN === #

    @api.model
    @api.readonly
    def get_board(self, company_id=None, filters=None):
        """Return what the screen of the forecast shows, with the rights of the user.

        :param int company_id: one of the user's companies; by default the current one
        :param dict filters: {name of :data:`FILTERS`: id, False for what has none}
        """
        company = self.env.companies.filtered(lambda one: one.id == company_id)
        company = company or self.env.company
        forecast = self._get_last(company)
        board = {
            "company": company.id,
            "companies": [(one.id, one.name) for one in self.env.companies],
            "currency": company.currency_id.id,
            "forecast": forecast.id,
        }
        if not forecast:
            return board
        domain = self._get_filter(filters or {})
        weeks = forecast._get_weeks(domain)
        return {
            **board,
            "date": fields.Date.to_string(forecast.date),
            "is_old": forecast.date < company._collection_today(),
            "choices": forecast._get_choices(),
            "days": DAYS,
            "figures": forecast._get_figures(weeks, DAYS, domain),
            "open": forecast._get_open(domain),
            "weeks": forecast._get_rows(weeks, domain),
            "past": self._get_past(forecast, domain),
        }

    @api.model
    def _get_filter(self, filters):
        return [(name, "=", filters[name]) for name in FILTERS if filters.get(name) is not None]

    def _get_choices(self):
        """Return {name: [(id, label)]} of what there is to choose from."""
        found = {}
        for name in FILTERS:
            rows = self.env["collection.forecast.week"]._read_group(
                [("forecast_id", "=", self.id), ("week", "=", 1)], [name]
            )
            # A collector may not see every user: names are no secret among colleagues.
            records = [record.sudo() for (record,) in rows]
            found[name] = [(record.id, record.display_name or "") for record in records]
        return found

    def _get_open(self, domain):
        """Return what is open by kind: the sums of all parts, paid within the weeks or not."""
        rows = self.env["collection.forecast.item"]._read_group(
            [("forecast_id", "=", self.id), *domain], ["kind"], ["amount:sum"]
        )
        sums = dict(rows)
        return {"total": sum(sums.values()), **{kind: sums.get(kind, 0) for kind in engine.KINDS}}

    def _get_rows(self, weeks, domain):
        totals = [(expected, variance) for expected, _p, _d, variance in weeks]
        bands = engine.bands(self._get_large(domain), totals)
        return [
            {
                "week": number,
                "from": self._get_day(number - 1, 1),
                "to": self._get_day(number, 0),
                "expected": expected,
                "promised": promised,
                "disputed": disputed,
                "p80": band.p80,
                "p50": band.p50,
                "p20": band.p20,
            }
            for number, ((expected, promised, disputed, _variance), band) in enumerate(
                zip(weeks, bands), start=1
            )
        ]

    def _get_day(self, weeks, days):
        return fields.Date.to_string(fields.Date.add(self.date, weeks=weeks, days=days))

    @api.model
    def _get_past(self, forecast, domain):
        """Return past forecasts and what came of their first four weeks, the latest first."""
        rows = self.env["collection.forecast.week"]._read_group(
            [
                ("company_id", "=", forecast.company_id.id),
                ("date", "<", forecast.date),
                ("week", "<=", FOUR_WEEKS),
                ("date_to", "<", forecast.date),
                *domain,
            ],
            ["forecast_id", "week"],
            ["expected:sum", "received:sum"],
            order="forecast_id, week",
        )
        past = {}
        for one, _week, expected, received in rows:
            weeks = past.setdefault(one, ([], []))
            weeks[0].append(expected)
            weeks[1].append(received)
        latest = sorted(past, key=lambda one: one.date, reverse=True)[:PAST]
        return [one._prepare_past(*past[one]) for one in latest]

    def _prepare_past(self, expected, received):
        first = engine.error(expected[:1], received[:1])
        error = engine.error(expected, received)
        is_whole = len(expected) == FOUR_WEEKS
        return {
            "id": self.id,
            "date": fields.Date.to_string(self.date),
            "expected_week": expected[0],
            "received_week": received[0],
            "error_week": first.together,
            "expected": sum(expected) if is_whole else None,
            "received": sum(received) if is_whole else None,
            "error": error.together if is_whole else None,
            "error_weekly": error.weekly if is_whole else None,
        }
