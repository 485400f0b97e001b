from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.warning import slowdown
from .collection_behaviour import days
from .collection_rows import DATE, INTEGER, NUMBER, array


class CollectionBehaviour(models.Model):
    """Early warning: a customer pays later than it used to, see ``engine/warning.py``."""

    _inherit = "collection.behaviour"

    slower_since = fields.Date(
        "Slower since", readonly=True, help="Day on which its delay was first seen to be a change."
    )
    slower_before = days("Days Late before", "At the median, before the last three months.")
    slower_lately = days("Days Late Now", "At the median of the last three months.")

    @api.model
    def _watch(self, company, today, observed):
        """Note who has begun to delay, and tell whoever works on the case.

        Those found when nobody had watched yet are shown, but no task for each of them.

        :param observed: the engine's ``Observed`` of all customers
        """
        paid, overdue = defaultdict(list), defaultdict(list)
        for customer, _issued, due, day in observed:
            if day:
                paid[customer].append((day, (day - due).days))
            elif due < today:
                overdue[customer].append((today - due).days)
        rows = []
        for customer, payments in paid.items():
            if found := slowdown(payments, overdue.get(customer, ()), today):
                rows.append((customer, today, found.before, found.lately))
        new = self._write_slowdowns(company, rows)
        watched = [("company_id", "=", company.id)]
        if self.env["collection.prediction"].search_count(watched, limit=1):
            self.browse(new)._warn()

    @api.model
    def _write_slowdowns(self, company, rows):
        """Write who slowed down, and who does no longer; return the ids of new ones."""
        kinds = (INTEGER, DATE, NUMBER, NUMBER)
        columns = zip(*rows) if rows else [()] * len(kinds)
        found = SQL(", ").join(
            SQL("%s::%s", array(values), kind) for values, kind in zip(columns, kinds)
        )
        changed = self.env.execute_query(
            SQL(
                """
                UPDATE collection_behaviour known
                   SET slower_since = CASE WHEN fresh.day IS NULL THEN NULL
                                           ELSE COALESCE(known.slower_since, fresh.day) END,
                       slower_before = fresh.before, slower_lately = fresh.lately
                  FROM collection_behaviour old
             LEFT JOIN UNNEST(%s) fresh(partner_id, day, before, lately)
                    ON fresh.partner_id = old.partner_id
                 WHERE old.id = known.id AND known.company_id = %s
                   AND (fresh.day IS NOT NULL OR old.slower_since IS NOT NULL)
             RETURNING known.id, old.slower_since IS NULL
                """,
                found,
                company.id,
            )
        )
        self.invalidate_model(["slower_since", "slower_before", "slower_lately"])
        return [key for key, is_new in changed if is_new]

    def _warn(self):
        """Give whoever works on the case something to do."""
        for behaviour in self.filtered("case_id"):
            behaviour.case_id._give_task(behaviour.slower_since, behaviour._tell_slowdown)

    def _tell_slowdown(self, case):
        return case.env._(
            "%(customer)s pays %(days)s days later than before",
            customer=self.partner_id.display_name,
            days=round(self.slower_lately - self.slower_before),
        )
