from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import promises
from .collection_promise import JUDGED


class CollectionCase(models.Model):
    """What the debtor promised: figures, and promising in a few keystrokes."""

    _inherit = "collection.case"

    promise_ids = fields.One2many("collection.promise", "case_id")
    plan_ids = fields.One2many("collection.plan", "case_id")
    promised_amount = fields.Monetary(
        string="Promised", readonly=True, copy=False, help="By open promises, company currency."
    )
    promised_until = fields.Date(readonly=True, copy=False, help="Last day of the open promises.")
    promise_count = fields.Integer(
        string="Promises Judged", readonly=True, copy=False, help="Kept, partly kept or broken."
    )
    promise_kept_rate = fields.Float(
        string="Promises Kept",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Promises kept out of all that were judged.",
    )
    promise_kept_amount_rate = fields.Float(
        string="Promised Amounts Kept",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="What came in in time out of all that was promised and judged.",
    )

    # === PROMISE === #

    def _promise_quick(self, amount=None, date=None, **values):
        """Write down a promise and decide again: for a call's result, a reply, the portal.

        :param float amount: None promises all that is overdue
        :param date date: None is the next Friday, see :meth:`_get_promise_day`
        :param values: see ``collection.promise._make``
        :return: the promise
        :raises UserError: with what is wrong
        """
        self.ensure_one()
        promise = self.env["collection.promise"]._make(
            self, amount, date or self._get_promise_day(), **values
        )
        self._decide_again()
        return promise

    def _get_promise_day(self):
        """Return the day that is offered: the Friday that is three days away at least."""
        today = self.company_id._collection_today()
        friday = fields.Date.add(today, days=(4 - today.weekday()) % 7)
        return friday if (friday - today).days >= 3 else fields.Date.add(friday, days=7)

    def _decide_again(self):
        """Look for money first: a promise may be kept by now."""
        for company, cases in self.grouped("company_id").items():
            cases.check_access("write")
            # What is written is what the daily run would write.
            self.env["collection.promise"].sudo()._judge(
                company, company._collection_today(), cases
            )
        return super()._decide_again()

    # === FIGURES === #

    def _refresh_promises(self):
        """Bring the figures on promises up to date: two statements, however many cases."""
        self.env.flush_all()
        rows = [
            (case, *self._get_promise_figures(found))
            for case, found in self._query_promises().items()
        ]
        columns = {
            "id": "int4",
            "promised_amount": "numeric",
            "promised_until": "date",
            "promise_count": "int4",
            "promise_kept_rate": "float8",
            "promise_kept_amount_rate": "float8",
        }
        self.env["collection.apply"]._update_cases(columns, rows)
        self.invalidate_recordset([column for column in columns if column != "id"])

    def _query_promises(self):
        """Return {case id: [(state, date, amount, received)]}, company currency, for all cases.

        What was credited of a promise is not part of it any more.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT case_id, state, date,
                       ((amount - COALESCE(credited, 0)) * amount_company / amount)::text,
                       (COALESCE(received, 0) * amount_company / amount)::text
                  FROM collection_promise
                 WHERE case_id = ANY(%s) AND state IN %s
                """,
                self.ids,
                (promises.OPEN, *JUDGED),
            )
        )
        found = defaultdict(list, {case: [] for case in self.ids})
        for case, *row in rows:
            found[case].append(row)
        return found

    @api.model
    def _get_promise_figures(self, found):
        still_open = [row for row in found if row[0] == promises.OPEN]
        judged = [
            (Decimal(amount), Decimal(received), state == promises.KEPT)
            for state, _date, amount, received in found
            if state != promises.OPEN
        ]
        by_count, by_amount = promises.kept_rates(judged)
        return (
            sum((Decimal(row[2]) for row in still_open), Decimal(0)),
            max((row[1] for row in still_open), default=None),
            len(judged),
            float(by_count or 0),
            float(by_amount or 0),
        )

    def _merge_into(self, target):
        result = super()._merge_into(target)
        target._refresh_promises()
        return result

    # === ACTIONS === #

    def _open_pause(self, **context):
        """Open the one form in which people say why dunning waits."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_pause_action"
        )
        return {
            **action,
            "context": {"active_model": self._name, "active_ids": self.ids, **context},
        }

    def action_promise(self):
        return self._open_pause(default_kind="promise")

    def action_plan(self):
        return self._open_pause(default_kind="plan")

    def action_open_promises(self):
        return self._open_related("account_collections.collection_promise_action")
