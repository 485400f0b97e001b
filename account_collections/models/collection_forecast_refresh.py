import json
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..engine.forecast import Promised, net, split, within
from ..engine.prediction import WEEKS, kept_rate
from .collection_forecast import DAYS
from .collection_rows import AMOUNT, DATE, INTEGER, JSON, TEXT, array, begin_alone

#: Parts written together.
BATCH_SIZE = 5000

#: Weeks for which the parts of kept forecasts stay, so that what comes in is found: those that
#: they foretell, and four for what is booked late. Their weeks stay for ever.
KEPT_WEEKS = WEEKS + 4

COLUMNS = {
    "forecast_id": INTEGER, "company_id": INTEGER, "line_id": INTEGER, "case_id": INTEGER,
    "user_id": INTEGER, "scenario_id": INTEGER, "currency_id": INTEGER, "kind": TEXT,
    "date_due": DATE, "date_promised": DATE, "amount": AMOUNT, "amount_currency": AMOUNT,
    "expected": AMOUNT, "weeks": JSON,
}  # fmt: skip

#: Weeks of what nobody foretold: later or never.
NEVER = [0.0] * WEEKS


class CollectionForecast(models.Model):
    """Makes the forecast of a day from the predictions of that day: a few queries, set-based."""

    _inherit = "collection.forecast"

    @api.model
    def _refresh(self, company, today):
        """Make the forecast of ``today``, from predictions of that day.

        Where there are none but older ones the forecast of their day stays: the screen says so.
        """
        if not begin_alone(self.env, company):
            return
        self.env.flush_all()
        predictions = [("company_id", "=", company.id), ("computed_on", "!=", today)]
        if self.env["collection.prediction"].search_count(predictions, limit=1):
            return
        # Forecasts are written by the product, on behalf of whoever asked for a run.
        ours = self.sudo()
        ours._drop_old(company, today)
        forecast = ours.create({"company_id": company.id, "date": today})
        for batch in split_every(BATCH_SIZE, forecast._make_parts(), list):
            forecast._insert_parts(batch)
        weeks = ours.env["collection.forecast.week"]
        weeks._fill(forecast)
        weeks._write_received(company, today)
        ours.env["collection.case"]._watch_exposure(company, today)
        self.invalidate_model()

    @api.model
    def _drop_old(self, company, today):
        """Keep the first forecast of each week, and the parts of those that still come true."""
        ours = self.search([("company_id", "=", company.id)], order="date")
        first = {}
        for forecast in ours:
            first.setdefault(forecast.date.isocalendar()[:2], forecast)
        kept = self.union(*first.values()).filtered(lambda one: one.date < today)
        (ours - kept).unlink()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM collection_forecast_item WHERE forecast_id IN (
                    SELECT id FROM collection_forecast WHERE company_id = %s AND date < %s)
                """,
                company.id,
                fields.Date.subtract(today, weeks=KEPT_WEEKS),
            )
        )

    # === PARTS === #

    def _make_parts(self):
        """Yield the rows of all parts: credits meet the oldest debts, in their own currency."""
        promised = self._gather_promised()
        of = {"forecast_id": self.id, "company_id": self.company_id.id}
        day = self.date
        for debts in self._gather_debts():
            credit = sum(-debt["own"] for debt in debts if debt["own"] < 0)
            debts = [debt for debt in debts if debt["own"] > 0 and debt["open"] > 0]
            left = net([debt["own"] for debt in debts], credit)
            for debt, own in zip(debts, left):
                asked = promised.get((debt["case_id"], debt["line_id"]), ())
                for row in self._split(debt, own, asked, day):
                    yield {**of, **row}

    @api.model
    def _split(self, debt, own, promised, day):
        """Yield the rows of one debt of which ``own`` is left, in its currency, on ``day``."""
        kept = kept_rate(debt["judged"], debt["kept_rate"])
        parts = split(
            debt["open"] * (own / debt["own"]),
            own,
            debt["usual_weeks"] or NEVER,
            day,
            [Promised(amount, day, kept) for amount, day in promised],
            debt["disputed"] or 0.0,
            debt["contested_weeks"],
        )
        for part in parts:
            yield {
                "kind": part.kind,
                "date_promised": part.day,
                "amount": round(part.amount, debt["decimals"]),
                "amount_currency": round(part.amount_currency, debt["own_decimals"]),
                "expected": part.amount * within(part.weeks, DAYS),
                "weeks": json.dumps([round(chance, 4) for chance in part.weeks]),
                **{name: debt[name] for name in COLUMNS if name in debt},
            }

    def _insert_parts(self, rows):
        self.env.cr.execute(
            SQL(
                "INSERT INTO collection_forecast_item (%s) SELECT * FROM UNNEST(%s)",
                SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
                SQL(", ").join(
                    SQL("%s::%s", array(row[name] for row in rows), kind)
                    for name, kind in COLUMNS.items()
                ),
            )
        )

    # === FACTS === #

    def _gather_debts(self):
        """Yield the open items of each case and currency, oldest first, as dictionaries."""
        names = (
            "case_id", "currency_id", "line_id", "user_id", "scenario_id", "date_due", "open",
            "own", "disputed", "decimals", "own_decimals", "usual_weeks", "contested_weeks",
            "judged", "kept_rate",
        )  # fmt: skip
        found = defaultdict(list)
        for row in self.env.execute_query(self._debts_sql()):
            debt = dict(zip(names, row))
            for name in ("open", "own", "disputed"):
                debt[name] = float(debt[name] or 0)
            found[debt["case_id"], debt["currency_id"]].append(debt)
        return found.values()

    def _debts_sql(self):
        """Return the query of open items by debtor, with what is foretold and contested of them."""
        return SQL(
            "%s ORDER BY debtor.case_id, COALESCE(line.date_maturity, line.date), line.id",
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """
                    debtor.case_id, line.currency_id, line.id, cases.user_id, cases.scenario_id,
                    COALESCE(line.date_maturity, line.date), part.amount, part.amount_currency,
                    CASE WHEN debtor.case_id = ANY(held.cases)
                         THEN LEAST(held.amount, part.amount) END,
                    company_currency.decimal_places, currency.decimal_places,
                    prediction.usual_weeks, prediction.contested_weeks,
                    behaviour.promise_count, behaviour.promise_kept_rate
                    """
                ),
                joins=SQL(
                    """
                    %s
                    JOIN collection_case cases ON cases.id = debtor.case_id
                    JOIN res_currency currency ON currency.id = line.currency_id
                    JOIN res_currency company_currency
                      ON company_currency.id = line.company_currency_id
                    LEFT JOIN collection_prediction prediction ON prediction.line_id = line.id
                    LEFT JOIN collection_behaviour behaviour
                      ON behaviour.id = prediction.behaviour_id
                    LEFT JOIN (%s) held ON held.line_id = line.id
                    """,
                    self.env["collection.debtor"]._join_sql(),
                    self.env["collection.dispute"]._held_sql(
                        SQL("dispute.company_id = %s", self.company_id.id)
                    ),
                ),
                where=SQL("line.company_id = %s", self.company_id.id),
            ),
        )

    def _gather_promised(self):
        """Return {(case, line): [(left of the promised part, day)]}, the earliest first."""
        open_promises = self.env["collection.promise"].search(
            [("company_id", "=", self.company_id.id), ("state", "=", "open")]
        )
        found = defaultdict(list)
        rows = self.env["collection.gather"]._query_promised(open_promises.case_id, self.date)
        for case, line, _move, is_open, left, _until, _rank, day in rows:
            if is_open and day and float(left) > 0:
                found[case, line].append((float(left), day))
        return {key: sorted(parts, key=lambda part: part[1]) for key, parts in found.items()}
