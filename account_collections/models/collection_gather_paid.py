from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.facts import AFTER_PAYMENT, Item
from .collection_ledger import id_array

#: A payment that nobody thanked for in so many days is not thanked for any more.
THANKS_DAYS = 7

#: Reminders are remembered as long, to see whether what they asked for was paid.
MEMORY_DAYS = 365


class CollectionGather(models.AbstractModel):
    """Dunned debts that were paid lately, for the scenarios that thank: one query a batch."""

    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        thankful = [
            key
            for key, fact in facts.items()
            if fact.scenario
            and fact.last_contact
            and any(level.trigger == AFTER_PAYMENT for level in fact.scenario.levels)
        ]
        if thankful:
            self._add_paid(facts, thankful, self._get_company(cases), today)
        return facts

    @api.model
    def _add_paid(self, facts, cases, company, today):
        for row in self._query_paid(cases, company, today):
            case, line, move, due, currency, rank, settled, paid, amount, own = row
            facts[case].paid.append(
                Item(
                    line, move, due, Decimal(amount), currency, Decimal(own), rank,
                    settled_on=settled, paid_on=paid,
                )
            )

    def _query_paid(self, cases, company, today):
        """Return the debts that the customer was reminded of and has paid.

        Paid is what is fully reconciled, with money of a bank or cash journal in it: what a
        credit note or a write-off settled alone is nothing to thank for. The amount is the
        money's. A line waits to be thanked for until a thank-you has truly been made.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT dunned.case_id, line.id, line.move_id,
                       COALESCE(line.date_maturity, line.date), line.currency_id, dunned.rank,
                       settled.day, settled.value_date, settled.amount::text, settled.own::text
                  FROM (%(dunned)s) dunned
                  JOIN account_move_line line ON line.id = dunned.line_id AND line.reconciled
            CROSS JOIN LATERAL (%(settled)s) settled
                 WHERE settled.amount > 0
                   AND settled.day <= %(today)s
                   AND (settled.day >= %(today)s::date - %(days)s OR EXISTS (%(waiting)s))
                   AND NOT EXISTS (%(thanked)s)
              ORDER BY line.id
                """,
                dunned=self._dunned_sql(cases, today),
                settled=self._settled_sql(company),
                waiting=self._thanks_sql(SQL("reminder.state IN ('to_approve', 'scheduled')")),
                thanked=self._thanks_sql(
                    SQL("reminder.state NOT IN ('to_approve', 'scheduled', 'cancelled')")
                ),
                today=today,
                days=THANKS_DAYS,
            )
        )

    def _dunned_sql(self, cases, today):
        """Return the lines that the customer was reminded of, with the rank they reached."""
        return SQL(
            """SELECT reminder.case_id, item.line_id, MAX(item.rank) AS rank
                 FROM collection_reminder reminder
                 JOIN collection_reminder_item item ON item.reminder_id = reminder.id
            LEFT JOIN collection_level level ON level.id = reminder.level_id
                WHERE reminder.case_id = ANY(%s)
                  AND reminder.state = 'sent'
                  AND reminder.kind = 'dunning'
                  AND reminder.decision_date >= %s::date - %s
                  AND level.recipient_role IS DISTINCT FROM 'salesperson'
             GROUP BY reminder.case_id, item.line_id""",
            id_array(cases),
            today,
            MEMORY_DAYS,
        )

    def _settled_sql(self, company):
        """Return when ``line`` was settled, and the money in it with its value date."""
        money = self.env["collection.ledger"]._is_money_sql()
        return SQL(
            """SELECT (MAX(partial.create_date) AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                          AS day,
                      MAX(other.date) FILTER (WHERE %(money)s) AS value_date,
                      COALESCE(SUM(partial.amount) FILTER (WHERE %(money)s), 0) AS amount,
                      SUM(partial.debit_amount_currency) FILTER (WHERE %(money)s) AS own
                 FROM account_partial_reconcile partial
                 JOIN account_move_line other ON other.id = partial.credit_move_id
                 JOIN account_journal journal ON journal.id = other.journal_id
                WHERE partial.debit_move_id = line.id""",
            zone=company._collection_timezone().zone,
            money=money,
        )

    def _thanks_sql(self, condition):
        return SQL(
            """SELECT FROM collection_reminder_item item
                      JOIN collection_reminder reminder ON reminder.id = item.reminder_id
                WHERE item.line_id = line.id AND reminder.kind = 'thanks' AND %s""",
            condition,
        )
