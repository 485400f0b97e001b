from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ..engine import decide, promises
from ..engine.facts import AFTER_PAYMENT

#: Days after its check during which a verdict may still change: a payment turns up late in
#: the books, or comes back.
REJUDGED_DAYS = 365


@dataclass(slots=True)
class Pool:
    """What is known of the items of a promise; instalments of a plan share theirs.

    :ivar settled: {item: money that had come when it was promised}
    :ivar credited: {item: what was credited by then}
    :ivar parts: {(promised before it in the plan, promise): its parts}
    """

    settled: dict = field(default_factory=dict)
    credited: dict = field(default_factory=dict)
    payments: list = field(default_factory=list)
    parts: dict = field(default_factory=lambda: defaultdict(list))

    def split(self, before, promise):
        """Return (parts of ``promise``, parts of the instalments before it)."""
        earlier = (
            part
            for (others, other), parts in self.parts.items()
            if (others, other) < (before, promise)
            for part in parts
        )
        # A promise may have lost its items: the documents were reset to draft, say.
        return tuple(self.parts.get((before, promise), ())), tuple(earlier)


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
                known = (row["state"], Decimal(row["received"]), Decimal(row["credited"]))
                if (verdict.state, verdict.received, verdict.credited) != known:
                    verdicts[promise] = verdict
            self._apply_verdicts(verdicts, today)
        self.env["collection.plan"]._judge(company, today, cases)
        self._announce_checks(company, today)

    def _get_verdict(self, row, pools, today):
        pool = pools[row["plan_id"], 0 if row["plan_id"] else row["id"]]
        before = Decimal(row["before"])
        parts, earlier = pool.split(before, row["id"])
        promise = promises.Promise(
            amount=Decimal(row["amount"]),
            made=row["date_made"],
            check=row["check_date"],
            settled=pool.settled,
            before=before,
            credited=pool.credited,
            parts=parts,
            earlier=earlier,
        )
        tolerance = promises.Tolerance(percent=Decimal(row["tolerance"]))
        return promises.judge(promise, pool.payments, today, tolerance)

    def _get_verdict_state(self):
        """Return the engine's word for the state: it judges what was credited too."""
        self.ensure_one()
        return promises.CREDITED if self.end_reason == promises.CREDITED else self.state

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
            "credited",
            "tolerance",
            "date_made",
            "check_date",
            "state",
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, COALESCE(plan_id, 0), amount::text, COALESCE(before, 0)::text,
                       COALESCE(received, 0)::text, COALESCE(credited, 0)::text,
                       tolerance::text, date_made, check_date,
                       CASE WHEN end_reason = 'credited' THEN end_reason ELSE state END
                  FROM collection_promise
                 WHERE company_id = %s AND %s
                   AND (state = 'open'
                        OR (state IN %s OR end_reason = 'credited') AND check_date >= %s)
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
        """Return {(plan, promise without a plan): Pool}.

        The instalments of a plan share their items, and the money for them.
        """
        items = self._query_items(
            [row["id"] for row in rows], [row["plan_id"] for row in rows if row["plan_id"]]
        )
        payments = self._query_payments({line for _plan, _promise, line, *_rest in items})
        pools = defaultdict(Pool)
        for plan, promise, line, before, ratio, *amounts in items:
            ratio = Decimal(ratio)
            settled, credited, *part = (Decimal(amount) * ratio for amount in amounts)
            pool = pools[plan, 0 if plan else promise]
            pool.parts[Decimal(before), promise].append(promises.Part(line, *part))
            if line not in pool.settled:
                pool.settled[line] = settled
                pool.credited[line] = credited
                pool.payments += [
                    promises.Payment(line, day, amount * ratio, kind)
                    for day, kind, amount in payments.get(line, ())
                ]
        return pools

    @api.model
    def _query_items(self, promise_ids, plan_ids):
        """Return what was promised of items, amounts in their currency.

        :return: rows (plan, promise, line, what the plan promised before, ratio to the promise's
            currency, paid then, credited then, promised, open then, promised of it before)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(promise.plan_id, 0), promise.id, COALESCE(item.line_id, -item.id),
                       COALESCE(promise.before, 0)::text,
                       CASE WHEN item.currency_id = promise.currency_id THEN '1'
                            ELSE (item.open_amount / item.open_currency)::text END,
                       item.settled_currency::text, COALESCE(item.credited_currency, 0)::text,
                       item.amount_currency::text, item.open_currency::text,
                       item.before_currency::text
                  FROM collection_promise_item item
                  JOIN collection_promise promise ON promise.id = item.promise_id
                 WHERE promise.id = ANY(%s) OR promise.plan_id = ANY(%s)
              ORDER BY item.id
                """,
                promise_ids,
                plan_ids,
            )
        )

    @api.model
    def _query_payments(self, lines):
        """Return {line: [(value date, kind, amount in the line's currency)]}.

        The value date is that of the payment, or of the bank's line, behind a reconciliation:
        when it was reconciled does not matter. Kinds are those of the engine.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partial.debit_move_id, COALESCE(payment.date, other.date), %s AS kind,
                       SUM(partial.debit_amount_currency)::text
                  FROM account_partial_reconcile partial
                  JOIN account_move_line other ON other.id = partial.credit_move_id
                  JOIN account_move move ON move.id = other.move_id
                  JOIN account_journal journal ON journal.id = other.journal_id
             LEFT JOIN account_payment payment ON payment.id = other.payment_id
                 WHERE partial.debit_move_id = ANY(%s)
              GROUP BY partial.debit_move_id, COALESCE(payment.date, other.date), kind
                """,
                self._settlement_kind_sql(),
                list(lines),
            )
        )
        found = defaultdict(list)
        for line, day, kind, amount in rows:
            found[line].append((day, kind, Decimal(amount)))
        return found

    @api.model
    def _settlement_kind_sql(self):
        """Return the engine's kind of what settles an item, on its ``move`` and ``journal``."""
        return SQL(
            """CASE WHEN %(money)s THEN %(paid)s
                    WHEN move.move_type = 'out_refund' THEN %(credited)s
                    ELSE %(entry)s END""",
            money=self.env["collection.ledger"]._is_money_sql(),
            paid=promises.MONEY,
            credited=promises.CREDIT_NOTE,
            entry=promises.ENTRY,
        )

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
            promise.credited = float(verdict.credited)
            if verdict.state != promise._get_verdict_state():
                by_state[verdict.state] |= promise
        credited = by_state.pop(promises.CREDITED, self.browse())
        credited._set_state("cancelled", today, end_reason=promises.CREDITED, resume_rank=0)
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
        self.filtered("case_id.scenario_id.thank_for_promises")._thank(today)

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
        """Say thank you for promises just kept: a person does, by default.

        Where a level of the scenario thanks for the same money, that is enough.
        """
        thanked = self._get_thanked_by_level(today)
        for promise in self.filtered(lambda promise: promise.case_id not in thanked):
            promise.activity_id = promise._give_task(
                "mail.mail_activity_data_call",
                today,
                self.env._("Promise kept, thank them: %(promise)s", promise=promise.display_name),
            )

    def _get_thanked_by_level(self, today):
        """Return the cases that a thank-you level is about to thank, today or once it is due."""
        cases = self.case_id.filtered(
            lambda case: AFTER_PAYMENT in case.scenario_id.level_ids.mapped("trigger")
        )
        if not cases:
            return cases
        self.env.flush_all()
        _facts, decisions = self.env["collection.run"]._decide_batch(cases, today)
        return cases.filtered(
            lambda case: decisions[case.id].reason == "thanks_due"
            or decisions[case.id].kind == decide.THANKS
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
