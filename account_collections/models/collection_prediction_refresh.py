import json
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.delays import Delays, Observed
from ..engine.prediction import kept_rate, predict_all
from .collection_behaviour_refresh import MONTHS
from .collection_rows import DATE, INTEGER, JSON, NUMBER, begin_alone, write_rows

#: Customers predicted, and written, together.
BATCH_SIZE = 2000

#: Days that a dispute without a deadline is believed to last.
DISPUTE_DAYS = 21

COLUMNS = {
    "line_id": INTEGER, "company_id": INTEGER, "behaviour_id": INTEGER, "date_p50": DATE,
    "date_p80": DATE, "risk_late": NUMBER, "risk_late15": NUMBER, "risk_late30": NUMBER,
    "weeks": JSON, "usual_weeks": JSON, "contested_weeks": JSON, "reasons": JSON,
    "computed_on": DATE,
}  # fmt: skip


class CollectionPrediction(models.Model):
    """Predicts all open items of a company from its payments: three queries, then the engine.

    A promise and a dispute come before habits. Documents that only credit notes settled tell
    nothing.
    """

    _inherit = "collection.prediction"

    @api.model
    def _refresh(self, company, today):
        """Predict every open item of ``company`` as of ``today``; behaviour has to be there.

        While another one is at work, nothing is done.
        """
        if not begin_alone(self.env, company):
            return
        self.env.flush_all()
        items = self._gather_items(company, today)
        observed = list(self._get_observed(company, items, today))
        self.env["collection.behaviour"]._watch(company, today, observed)
        delays = Delays(observed, today, holidays=self._get_holidays(company, today))
        customers = sorted(items)
        for start in range(0, len(customers), BATCH_SIZE):
            batch = customers[start : start + BATCH_SIZE]
            found = predict_all(delays, {customer: items[customer] for customer in batch})
            rows = [self._prepare_row(company, *one, today) for one in found]
            write_rows(self.env, self._table, COLUMNS, 1, rows)
        self.env.cr.execute(
            SQL(
                "DELETE FROM collection_prediction WHERE company_id = %s AND computed_on <> %s",
                company.id,
                today,
            )
        )
        self.invalidate_model()
        self.env["collection.behaviour"]._classify(company, today)

    @api.model
    def _prepare_row(self, company, key, found, reasons, today):
        line, behaviour, _issued = key
        return {
            "line_id": line,
            "company_id": company.id,
            "behaviour_id": behaviour,
            "date_p50": found.p50,
            "date_p80": found.p80,
            "risk_late": round(found.late[0], 4),
            "risk_late15": round(found.late[15], 4),
            "risk_late30": round(found.late[30], 4),
            "weeks": _dump(found.weeks),
            "usual_weeks": _dump(found.usual),
            "contested_weeks": _dump(found.contested),
            "reasons": json.dumps(reasons, default=str),
            "computed_on": today,
        }

    # === FACTS === #

    @api.model
    def _get_holidays(self, company, today):
        """Return the public holidays of the company's country, behind us and ahead."""
        if not company.collection_public_holidays:
            return ()
        return self.env["collection.holidays"]._get_days(
            company.country_id.code,
            (company.state_id.code, company.state_id.name),
            fields.Date.subtract(today, months=MONTHS),
            fields.Date.add(today, years=2),
        )

    @api.model
    def _get_observed(self, company, items, today):
        """Yield what was paid in the months that behaviour looks back, and what is open."""
        behaviour = self.env["collection.behaviour"]
        since = fields.Date.subtract(today.replace(day=1), months=MONTHS)
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, issued, due, day FROM (%s) document WHERE reconciled",
                behaviour._documents_sql(behaviour._payments_sql(company, since)),
            )
        )
        for partner, issued, due, day in rows:
            yield Observed(partner, issued, due, day)
        for partner, asked in items.items():
            for (_line, _behaviour, issued), arguments in asked:
                yield Observed(partner, issued, arguments["due"], None)

    @api.model
    def _gather_items(self, company, today):
        """Return {customer: [((line, behaviour, issued), arguments of the engine)]}."""
        items = defaultdict(list)
        for row in self.env.execute_query(self._items_sql(company, today)):
            partner, line, behaviour, issued, due, until, mostly, promised, judged, rate = row
            arguments = {"due": due}
            if until:
                arguments["contested_until"] = until
            if mostly:
                arguments["held_until"] = until
            if promised:
                arguments |= {"promised": promised, "kept": kept_rate(judged, rate)}
            items[partner].append(((line, behaviour, issued), arguments))
        return items

    @api.model
    def _items_sql(self, company, today):
        """Return the query of debts, with the end of what contests it, and its promise."""
        return self.env["collection.ledger"]._open_items_sql(
            SQL(
                """
                partner.commercial_partner_id, line.id, behaviour.id,
                COALESCE(move.invoice_date, line.date), COALESCE(line.date_maturity, line.date),
                contested.until, held.amount * 2 > item.amount,
                promised.day, behaviour.promise_count, behaviour.promise_kept_rate
                """
            ),
            joins=SQL(
                """
                JOIN account_journal journal ON journal.id = line.journal_id
                JOIN res_partner partner ON partner.id = line.partner_id
                JOIN collection_behaviour behaviour
                  ON behaviour.company_id = line.company_id
                 AND behaviour.partner_id = partner.commercial_partner_id
                LEFT JOIN (%(held)s) held ON held.line_id = line.id
                LEFT JOIN LATERAL (
                    SELECT MAX(GREATEST(COALESCE(dispute.deadline, dispute.date_opened + %(days)s),
                                        %(today)s)) AS until
                      FROM collection_dispute dispute
                     WHERE dispute.case_id = ANY(held.cases) AND dispute.closed_on IS NULL
                ) contested ON TRUE
                LEFT JOIN LATERAL (
                    SELECT MIN(promise.date) AS day
                      FROM collection_promise_item part
                      JOIN collection_promise promise ON promise.id = part.promise_id
                     WHERE part.line_id = line.id AND part.amount_currency > 0
                       AND promise.state = 'open'
                ) promised ON TRUE
                """,
                held=self.env["collection.dispute"]._held_sql(),
                days=DISPUTE_DAYS,
                today=today,
            ),
            where=SQL(
                "line.company_id = %s AND item.amount > 0 AND NOT %s",
                company.id,
                self.env["collection.ledger"]._is_money_sql(),
            ),
        )


def _dump(weeks):
    return weeks and json.dumps([round(chance, 4) for chance in weeks])
