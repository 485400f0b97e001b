from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..engine import payment_days
from .collection_ledger import id_array

#: Days around today for which closed days are worked out: a payment run may lie behind us.
DAYS_BEFORE = 75
DAYS_AFTER = 400


class CollectionGather(models.AbstractModel):
    """Quiet days of each debtor and its payment runs: two queries for a batch of cases."""

    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        company = self._get_company(cases)
        clocks = self._get_clocks(cases, company, today)
        for key, fact in facts.items():
            fact.calendar, fact.extra["zones"], days = clocks[key]
            if days:
                self._add_payment_runs(fact, payment_days.parse(days), today)
        return facts

    @api.model
    def _get_clocks(self, cases, company, today):
        """Return {case id: (calendar, time zones, payment days)}."""
        begin, end = today - timedelta(days=DAYS_BEFORE), today + timedelta(days=DAYS_AFTER)
        office = company._collection_calendar(today)
        rows = self._query_clocks(cases)
        closings = self.env["collection.quiet.day"]._get_closings(
            company, [partner for _case, partner, *_rest in rows]
        )
        of_all = {day for closing in closings.get(None, ()) for day in closing.days(begin, end)}
        own_country = company.country_id.code
        calendars, zones, clocks = {}, {}, {}
        for case, partner, country, code, state, timezone, days in rows:
            key = (country or own_country, code, state, partner if partner in closings else None)
            if key not in calendars:
                closed = set(of_all)
                if company.collection_public_holidays:
                    closed |= set(
                        self.env["collection.holidays"]._get_days(
                            key[0], (code, state), begin, end
                        )
                    )
                for closing in closings.get(key[3], ()) if key[3] else ():
                    closed |= closing.days(begin, end)
                calendars[key] = office.closing(closed)
            place = (country, timezone)
            if place not in zones:
                zones[place] = company._collection_zones(*place)
            clocks[case] = (calendars[key], zones[place], days)
        return clocks

    def _query_clocks(self, cases):
        return self.env.execute_query(
            SQL(
                """
                SELECT cases.id, partner.id, country.code, state.code, state.name, partner.tz,
                       partner.collection_payment_days
                  FROM collection_case cases
                  JOIN res_partner partner ON partner.id = cases.partner_id
             LEFT JOIN res_country country ON country.id = partner.country_id
             LEFT JOIN res_country_state state ON state.id = partner.state_id
                 WHERE cases.id = ANY(%s)
                """,
                id_array(cases.ids),
            )
        )

    @api.model
    def _add_payment_runs(self, fact, days, today):
        """Say of each debt until when it waits for the customer's payment run."""
        wait = fact.policy.run_wait
        for item in fact.items:
            # What fell due long ago has seen its run, whatever the wait.
            if item.amount > 0 and item.due > today - timedelta(days=DAYS_BEFORE):
                item.free = payment_days.release(item.due, days, fact.open_days, wait)
                item.marks |= {"payment_run"}
