from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .collection_ledger import id_array

PROMISED = "promised"
BROKEN = "promise_broken"


class CollectionGather(models.AbstractModel):
    """Promised parts of items, and where items of broken promises go on: one query a batch."""

    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        unit = Decimal(1).scaleb(-self._get_company(cases).currency_id.decimal_places)
        items = {}
        for row in self._query_promised(cases, today):
            case, line, move, is_open, left, until, rank, _day = row
            if case not in items:
                items[case] = {item.key: item for item in facts[case].items}
            item = items[case].get(line) or self._find_by_move(facts[case].items, line, move)
            if item is None or item.amount <= 0:
                continue
            if not is_open:
                item.resume = (rank, BROKEN)
            elif (left := Decimal(left)) > 0:
                self._add_promised_part(item, left, until, unit)
        return facts

    def _find_by_move(self, items, line, move):
        """Return the item of a document whose lines are new since it was promised."""
        if line or not move:
            return None
        return next((item for item in items if item.move == move), None)

    def _add_promised_part(self, item, left, until, unit):
        """Withhold what is left of a promised part, in company currency by the item's ratio.

        :param left: in the item's own currency
        """
        if left >= item.amount_currency:
            amount = item.amount
        else:
            amount = (item.amount * left / item.amount_currency).quantize(unit)
        self._withhold(item, PROMISED, amount, until)

    def _query_promised(self, cases, today):
        """Return what promises and plans say of open items.

        Money that came in since goes to the earliest instalment of an item; what was credited
        since is not owed any more, of the latest first. A plan that was proposed withholds its
        debt while the customer may accept it.

        :return: rows (case, line, move, is open, left of it, last day, rank to go on at, promised
            day; None of what is only proposed)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT promise.case_id, item.line_id, item.move_id, promise.state = 'open',
                       LEAST(item.amount_currency,
                             LEAST(item.before_currency + item.amount_currency,
                                   item.open_currency - since.credited)
                             - GREATEST(item.open_currency
                                        - COALESCE(line.amount_residual_currency,
                                                   item.open_currency)
                                        - since.credited, 0))::text,
                       promise.check_date, promise.resume_rank, promise.date
                  FROM collection_promise promise
                  JOIN collection_promise_item item ON item.promise_id = promise.id
             LEFT JOIN account_move_line line ON line.id = item.line_id
            CROSS JOIN LATERAL (
                SELECT GREATEST(COALESCE(SUM(partial.debit_amount_currency), 0)
                                - item.credited_currency, 0) AS credited
                  FROM account_partial_reconcile partial
                  JOIN account_move_line other ON other.id = partial.credit_move_id
                  JOIN account_journal journal ON journal.id = other.journal_id
                 WHERE partial.debit_move_id = line.id AND NOT %(money)s) since
                 WHERE promise.case_id = ANY(%(cases)s)
                   AND (promise.state = 'open' OR promise.resume_rank > 0)
                   AND line.reconciled IS NOT TRUE
             UNION ALL
                SELECT plan.case_id, item.line_id, item.move_id, TRUE, item.open_currency::text,
                       plan.valid_until, 0, NULL
                  FROM collection_plan plan
                  JOIN collection_plan_item item ON item.plan_id = plan.id
                 WHERE plan.case_id = ANY(%(cases)s)
                   AND plan.state = 'proposed' AND plan.valid_until >= %(today)s
                """,
                cases=id_array(cases.ids),
                today=today,
                money=self.env["collection.ledger"]._is_money_sql(),
            )
        )
