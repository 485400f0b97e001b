from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ..engine import promises

#: Days after its check during which a verdict may still change: a payment turns up late in
#: the books, or comes back.
REJUDGED_DAYS = 365


class CollectionPromise(models.Model):
    """Judging promises: by value dates, a whole company in a constant number of queries."""

    _inherit = "collection.promise"

    @api.model
    def _judge(self, company, today, cases=None):
        """Judge the promises of ``company`` on ``today``, and what follows from it.

        :param cases: recordset ``collection.case`` to keep to, None for all of the company
        """
        self.env.flush_all()
        self._reattach(company)
        rows = self._query_judged(company, today, cases)
        if rows:
            pools = self._gather_pools(rows)
            verdicts = {}
            for row in rows:
                promise = self.browse(row["id"])
                verdict = self._get_verdict(row, pools, today)
                received = Decimal(row["received"])
                if (verdict.state, verdict.received) != (row["state"], received):
                    verdicts[promise] = verdict
            self._apply_verdicts(verdicts, today)
        self.env["collection.plan"]._judge(company, today, cases)
        self._announce_checks(company, today)

    def _get_verdict(self, row, pools, today):
        settled, payments = pools[row["plan_id"], 0 if row["plan_id"] else row["id"]]
        promise = promises.Promise(
            amount=Decimal(row["amount"]),
            made=row["date_made"],
            check=row["check_date"],
            settled=settled,
            before=Decimal(row["before"]),
        )
        tolerance = promises.Tolerance(percent=Decimal(row["tolerance"]))
        return promises.judge(promise, payments, today, tolerance)

    # === WHAT IS JUDGED === #

    @api.model
    def _query_judged(self, company, today, cases):
        """Return what is open, and what was judged not long ago, as dictionaries."""
        columns = (
            "id",
            "plan_id",
            "amount",
            "before",
            "received",
            "tolerance",
            "date_made",
            "check_date",
            "state",
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, COALESCE(plan_id, 0), amount::text, COALESCE(before, 0)::text,
                       COALESCE(received, 0)::text, tolerance::text, date_made, check_date, state
                  FROM collection_promise
                 WHERE company_id = %s AND %s
                   AND (state = 'open' OR state IN %s AND check_date >= %s)
              ORDER BY id
                """,
                company.id,
                SQL("case_id = ANY(%s)", cases.ids) if cases is not None else SQL("TRUE"),
                (promises.KEPT, promises.PARTLY_KEPT, promises.BROKEN),
                fields.Date.subtract(today, days=REJUDGED_DAYS),
            )
        )
        return [dict(zip(columns, row)) for row in rows]

    @api.model
    def _gather_pools(self, rows):
        """Return {(plan, promise without a plan): (settled then, payments)}.

        The instalments of a plan share their items, and the money for them.
        """
        items = self._query_items(
            [row["id"] for row in rows], [row["plan_id"] for row in rows if row["plan_id"]]
        )
        payments = self._query_payments({line for _plan, _promise, line, *_rest in items})
        pools = defaultdict(lambda: ({}, []))
        for plan, promise, line, settled, ratio in items:
            known, money = pools[plan, 0 if plan else promise]
            if line in known:
                continue
            known[line] = Decimal(settled) * ratio
            money += [
                promises.Payment(line, day, Decimal(amount) * ratio)
                for day, amount in payments.get(line, ())
            ]
        return pools

    @api.model
    def _query_items(self, promise_ids, plan_ids):
        """Return (plan, promise, line, settled then, ratio to the promise's currency)."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(promise.plan_id, 0), promise.id, COALESCE(item.line_id, -item.id),
                       item.settled_currency::text, item.currency_id = promise.currency_id,
                       item.open_amount::text, item.open_currency::text
                  FROM collection_promise_item item
                  JOIN collection_promise promise ON promise.id = item.promise_id
                 WHERE promise.id = ANY(%s) OR promise.plan_id = ANY(%s)
              ORDER BY item.id
                """,
                promise_ids,
                plan_ids,
            )
        )
        return [
            (plan, promise, line, settled, Decimal(1) if own else Decimal(amount) / Decimal(there))
            for plan, promise, line, settled, own, amount, there in rows
        ]

    @api.model
    def _query_payments(self, lines):
        """Return {line: [(value date, amount in the line's currency)]}.

        The value date is that of the payment, or of the bank's line, behind a reconciliation:
        when it was reconciled does not matter.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partial.debit_move_id, COALESCE(payment.date, money.date),
                       SUM(partial.debit_amount_currency)::text
                  FROM account_partial_reconcile partial
                  JOIN account_move_line money ON money.id = partial.credit_move_id
             LEFT JOIN account_payment payment ON payment.id = money.payment_id
                 WHERE partial.debit_move_id = ANY(%s)
              GROUP BY partial.debit_move_id, COALESCE(payment.date, money.date)
                """,
                list(lines),
            )
        )
        found = defaultdict(list)
        for line, day, amount in rows:
            found[line].append((day, amount))
        return found

    @api.model
    def _reattach(self, company):
        """Find the lines of invoices that were reset to draft and posted again."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_promise_item item
                   SET line_id = found.line_id
                  FROM (SELECT DISTINCT ON (orphan.id) orphan.id, line.id AS line_id
                          FROM collection_promise_item orphan
                          JOIN collection_promise promise ON promise.id = orphan.promise_id
                          JOIN account_move_line line ON line.move_id = orphan.move_id
                          JOIN account_account account ON account.id = line.account_id
                         WHERE orphan.line_id IS NULL
                           AND promise.company_id = %s
                           AND line.parent_state = 'posted'
                           AND account.account_type = 'asset_receivable'
                      ORDER BY orphan.id, (line.date_maturity = orphan.date_due) DESC,
                               line.date_maturity, line.id) found
                 WHERE item.id = found.id
                """,
                company.id,
            )
        )
        if self.env.cr.rowcount:
            self.env["collection.promise.item"].invalidate_model(["line_id"])

    # === WHAT FOLLOWS === #

    @api.model
    def _apply_verdicts(self, verdicts, today):
        """Write verdicts that are new, and let happen what follows from them."""
        by_state = defaultdict(self.browse)
        for promise, verdict in verdicts.items():
            promise.received = float(verdict.received)
            if verdict.state != promise.state:
                by_state[verdict.state] |= promise
        for state, changed in by_state.items():
            groundless = changed.browse()
            if state in (promises.BROKEN, promises.PARTLY_KEPT):
                groundless = changed.filtered(lambda promise: promise._is_groundless())
                groundless._set_state("cancelled", today, end_reason="no_document")
            judged = changed - groundless
            judged._set_state(state, today, end_reason=False, resume_rank=0)
            if state == promises.KEPT:
                judged._on_kept(today)
            elif state in (promises.BROKEN, promises.PARTLY_KEPT):
                judged._on_broken(today)
        (self.browse().union(*verdicts)).case_id._refresh_promises()

    def _is_groundless(self):
        """Return whether every document of an open promise was cancelled since."""
        moves = self.item_ids.move_id
        return self.state == promises.OPEN and all(move.state != "posted" for move in moves)

    def _on_kept(self, today):
        kept = self.filtered(lambda promise: promise.case_id.scenario_id._thanks_by_person())
        kept._thank(today)

    def _on_broken(self, today):
        """Dunning goes on at the level that the scenario chose, and the owner hears of it.

        Money that came in for a part of it changes nothing but the figures. What a missed
        instalment leads to is its plan's to say.
        """
        for promise in self:
            if not promise.plan_id:
                promise.resume_rank = promise.case_id.scenario_id.broken_promise_level_id.rank
            promise.activity_id = promise._give_task(
                "mail.mail_activity_data_call",
                today,
                self.env._("Promise broken: %(promise)s", promise=promise.display_name),
            )

    def _thank(self, today):
        """Say thank you for promises just kept: a person does, by default."""
        for promise in self:
            promise._give_task(
                "mail.mail_activity_data_call",
                today,
                self.env._("Promise kept, thank them: %(promise)s", promise=promise.display_name),
            )

    @api.model
    def _announce_checks(self, company, today):
        """On the day of the check, ask the owner whether the money came in."""
        due = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", promises.OPEN),
                ("check_date", "<=", today),
                ("activity_id", "=", False),
            ]
        )
        for promise in due:
            promise.activity_id = promise._give_task(
                "mail.mail_activity_data_todo",
                promise.check_date,
                self.env._("Did it come in? %(promise)s", promise=promise.display_name),
            )

    def _give_task(self, kind, deadline, summary):
        """Give whoever follows the promise something to do; return the activity."""
        self.ensure_one()
        user = self._get_follower()
        received = formatLang(self.env, self.received, currency_obj=self.currency_id)
        return self.case_id.activity_schedule(
            kind,
            deadline,
            summary=summary,
            note=self.env._("%(amount)s came in. %(note)s", amount=received, note=self.note or ""),
            user_id=user.id,
        )
