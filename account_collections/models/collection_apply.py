import hashlib
import json

from odoo import api, models
from odoo.tools import SQL

from ..engine import decide
from ..engine.facts import BY_PERSON, ZERO

#: Outcome of a decision that failed.
ERROR = "error"


class CollectionApply(models.AbstractModel):
    """From decisions to rows: what is new is written, in batches, once.

    Applying the same decisions twice does nothing: unique indexes see to it. A row of values
    per record goes to PostgreSQL as arrays, one statement a table and batch.
    """

    _name = "collection.apply"
    _description = "Write Collection Decisions"

    @api.model
    def _apply(self, facts, decisions, today):
        """Write the decisions of a batch and create its reminders.

        :param dict facts: case id → facts
        :param dict decisions: case id → engine decision
        :return: ids of the reminders created
        """
        self._write_decisions(facts, decisions, today)
        self._write_cases(facts, decisions)
        self._cancel_groundless(decisions)
        self.env["collection.probable.payment"]._note(facts, decisions)
        return self._create_reminders(facts, decisions, today)

    # === DECISIONS === #

    def _write_decisions(self, facts, decisions, today):
        """Extend the rows whose answer is unchanged, insert the others."""
        current = self._query_current(decisions)
        same, new = [], []
        for case, decision in decisions.items():
            row = self._prepare_decision_row(facts[case], decision, today)
            known = current.get(case)
            if known and known[1] == row[-1]:
                same.append(known[0])
            else:
                new.append(row)
        if same:
            self.env.cr.execute(
                SQL(
                    """UPDATE collection_decision SET date_to = %s
                        WHERE id = ANY(%s) AND date_to < %s""",
                    today,
                    same,
                    today,
                )
            )
        if new:
            self._insert_decisions(new)

    def _query_current(self, decisions):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cases.id, decision.id, decision.digest
                  FROM collection_case cases
                  JOIN collection_decision decision ON decision.id = cases.decision_id
                 WHERE cases.id = ANY(%s)
                """,
                list(decisions),
            )
        )
        return {case: (decision, digest) for case, decision, digest in rows}

    DECISION_COLUMNS = {
        "case_id": "int4",
        "date_from": "date",
        "outcome": "text",
        "simulated": "bool",
        "reason": "text",
        "seen": "text",
        "scenario_id": "int4",
        "level_id": "int4",
        "channel": "text",
        "overdue": "numeric",
        "outstanding": "numeric",
        "item_count": "int4",
        "next_date": "date",
        "trace": "text",
        "digest": "text",
    }

    def _prepare_decision_row(self, fact, decision, today):
        """Return the values of a decision, in the order of ``DECISION_COLUMNS``."""
        situation = decision.situation
        level = decision.level.key if decision.level else None
        lines = [(line.claim.key, line.rank, str(line.claim.amount)) for line in decision.lines]
        seen, trace = json.dumps(decision.seen), json.dumps(decision.trace)
        answer = (
            decision.outcome, decision.reason, level, decision.channels, lines,
            decision.next_date, fact.live, fact.scenario and fact.scenario.key,
            str(situation.overdue), seen, trace,
        )
        return (
            fact.key,
            today,
            decision.outcome,
            decision.outcome == decide.REMIND and not fact.live,
            decision.reason,
            seen,
            fact.scenario.key if fact.scenario else None,
            level,
            decision.channel,
            situation.overdue,
            situation.outstanding,
            len(fact.items),
            decision.next_date,
            trace,
            hashlib.blake2b(repr(answer).encode(), digest_size=16).hexdigest(),
        )

    def _insert_decisions(self, rows):
        """The last answer of a day stands, unless a reminder already came of the first."""
        self.env.cr.execute(
            SQL(
                """
                WITH written AS (
                    INSERT INTO collection_decision AS decision (
                        case_id, date_from, outcome, simulated, reason, seen, scenario_id,
                        level_id, channel, overdue, outstanding, item_count, next_date, trace,
                        digest, date_to, merged_from)
                    SELECT case_id, date_from, outcome, simulated, reason, seen::jsonb,
                           scenario_id, level_id, channel, overdue, outstanding, item_count,
                           next_date, trace::jsonb, digest, date_from, 0
                      FROM %(rows)s
                        ON CONFLICT (case_id, date_from, merged_from) DO UPDATE
                       SET outcome = EXCLUDED.outcome, simulated = EXCLUDED.simulated,
                           reason = EXCLUDED.reason, seen = EXCLUDED.seen,
                           scenario_id = EXCLUDED.scenario_id, level_id = EXCLUDED.level_id,
                           channel = EXCLUDED.channel, overdue = EXCLUDED.overdue,
                           outstanding = EXCLUDED.outstanding,
                           item_count = EXCLUDED.item_count, next_date = EXCLUDED.next_date,
                           trace = EXCLUDED.trace, digest = EXCLUDED.digest
                     WHERE decision.outcome <> 'remind' OR decision.simulated
                 RETURNING id, case_id)
                UPDATE collection_case cases
                   SET decision_id = written.id
                  FROM written
                 WHERE cases.id = written.case_id AND cases.decision_id IS DISTINCT FROM written.id
                """,
                rows=self._rows_sql(self.DECISION_COLUMNS, rows),
            )
        )

    # === CASES === #

    CASE_COLUMNS = {
        "id": "int4",
        "outstanding": "numeric",
        "overdue": "numeric",
        "oldest_due": "date",
        "item_count": "int4",
        "max_rank": "int4",
        "last_contact": "date",
        "next_date": "date",
        "scenario_id": "int4",
        "state": "text",
        "disputed": "numeric",
    }

    def _write_cases(self, facts, decisions):
        """Bring the figures of the lists up to date, where they changed."""
        rows = [
            (
                case,
                decision.situation.outstanding,
                decision.situation.overdue,
                decision.situation.oldest,
                len(facts[case].items),
                max((item.rank for item in facts[case].items), default=0),
                facts[case].last_contact,
                decision.next_date,
                facts[case].scenario.key if facts[case].scenario else None,
                self._get_automatic_state(facts[case], decision),
                self._get_disputed(facts[case]),
            )
            for case, decision in decisions.items()
            # Of a case whose decision failed nothing new is known.
            if decision.outcome != ERROR
        ]
        self._update_cases(self.CASE_COLUMNS, rows)

    @api.model
    def _update_cases(self, columns, rows):
        """Write figures of cases in one statement, where they changed.

        :param dict columns: name → type, ``id`` first
        """
        figures = [column for column in columns if column != "id"]
        theirs = SQL(", ").join(SQL.identifier("row", column) for column in figures)
        self.env.cr.execute(
            SQL(
                "UPDATE collection_case cases SET (%s) = (%s) FROM %s WHERE cases.id = row.id "
                "AND (%s) IS DISTINCT FROM (%s)",
                SQL(", ").join(SQL.identifier(column) for column in figures),
                theirs,
                self._rows_sql(columns, rows),
                SQL(", ").join(SQL.identifier("cases", column) for column in figures),
                theirs,
            )
        )

    def _get_disputed(self, fact):
        """Return what the customer contests, company currency."""
        parts = (part for item in fact.items for part in (item.parts or {}).get("disputed", ()))
        return sum((amount for amount, _until in parts), ZERO)

    def _get_automatic_state(self, fact, decision):
        """Return the state that follows from the decision; a person's choice stays."""
        if fact.state in ("insolvency", "legal", "closed"):
            return fact.state
        if fact.hold:
            return "paused"
        if not decision.situation.overdue:
            return self._get_waiting_state(decision.situation)
        notices = {
            level.rank for level in fact.scenario.levels if level.formal_notice
        } if fact.scenario else set()
        if notices and any(item.rank >= min(notices) for item in fact.items):
            return "formal_notice"
        return "dunning"

    def _get_waiting_state(self, situation):
        """Return the state of a case of which nothing overdue is asked for today."""
        states = self._get_withheld_states().items()
        return next((state for code, state in states if code in situation.waiting), "current")

    @api.model
    def _get_withheld_states(self):
        """Return {item guard code: state of a case whose overdue items it withholds}."""
        return {"disputed": "disputed", "promised": "promised"}

    # === REMINDERS === #

    def _cancel_groundless(self, decisions):
        """Nothing is owed any more: what waits to leave or to be repaired ends, thanks apart."""
        clear = [
            case
            for case, made in decisions.items()
            if made.outcome != ERROR and made.situation.nothing_owed
        ]
        if clear:
            waiting = self.env["collection.reminder"].search(
                [
                    ("case_id", "in", clear),
                    ("is_waiting", "=", True),
                    # A thank-you and an apology are owed though nothing else is.
                    ("kind", "not in", (decide.THANKS, "correction")),
                ]
            )
            waiting._cancel("paid")

    REMINDER_COLUMNS = {
        "case_id": "int4",
        "company_id": "int4",
        "kind": "text",
        "channel": "text",
        "level_id": "int4",
        "rank": "int4",
        "state": "text",
        "decision_date": "date",
        "depart_at": "timestamp",
        "recipient_id": "int4",
        "item_count": "int4",
        "amount": "numeric",
        "is_beside": "bool",
        "entity_id": "int4",
    }

    ITEM_COLUMNS = {
        "case_id": "int4",
        "entity_id": "int4",
        "line_id": "int4",
        "move_id": "int4",
        "date_due": "date",
        "currency_id": "int4",
        "amount_currency": "numeric",
        "amount": "numeric",
        "rank": "int4",
        "date_paid": "date",
        "disputed_currency": "numeric",
    }

    def _create_reminders(self, facts, decisions, today):
        leaving = {
            case: decision
            for case, decision in decisions.items()
            if decision.outcome == decide.REMIND and facts[case].live
        }
        if not leaving:
            return []
        company = self.env["collection.case"].browse(next(iter(leaving))).company_id
        departure = company._collection_departure(today)
        rows = [
            self._prepare_reminder_row(
                facts[case], decision, part, channel, company, today, departure
            )
            for case, decision in leaving.items()
            for part in decision.parts
            for channel in decision.channels
        ]
        items = [
            (
                case, entity, line.claim.key, line.claim.item.move, line.claim.due,
                line.claim.item.currency, line.claim.amount_currency, line.claim.amount, line.rank,
                line.claim.item.paid_on, line.claim.item.disputed_currency,
            )
            for case, decision in leaving.items()
            for entity, lines in decision.parts
            for line in lines
        ]
        rows = self.env.execute_query(
            SQL(
                """
                WITH created AS (
                    INSERT INTO collection_reminder (
                        case_id, company_id, kind, channel, level_id, rank, state, decision_date,
                        depart_at, recipient_id, item_count, amount, is_beside, entity_id,
                        merged_from, attempts, is_prepared, is_edited, level_name,
                        create_uid, write_uid, create_date, write_date)
                    SELECT new.*, 0, 0, FALSE, FALSE,
                           COALESCE(level.name ->> %(lang)s, level.name ->> 'en_US'),
                           %(uid)s, %(uid)s, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                      FROM %(reminders)s
                 LEFT JOIN collection_level level ON level.id = new.level_id
                        ON CONFLICT (case_id, channel, kind, decision_date, merged_from,
                                     COALESCE(entity_id, 0), COALESCE(repetition, 0))
                     WHERE state NOT IN ('cancelled', 'withdrawn')
                        DO NOTHING
                 RETURNING id, case_id, entity_id),
                items AS (
                    INSERT INTO collection_reminder_item (
                        reminder_id, line_id, move_id, date_due, currency_id, amount_currency,
                        amount, rank, date_paid, disputed_currency, move_name)
                    SELECT created.id, item.line_id, item.move_id, item.date_due,
                           item.currency_id,
                           ROUND(item.amount_currency, currency.decimal_places), item.amount,
                           item.rank, item.date_paid, item.disputed_currency, move.name
                      FROM %(items)s
                      JOIN created ON created.case_id = item.case_id
                                  AND COALESCE(created.entity_id, 0)
                                      = COALESCE(item.entity_id, 0)
                      JOIN account_move move ON move.id = item.move_id
                      JOIN res_currency currency ON currency.id = item.currency_id)
                SELECT id FROM created
                """,
                uid=self.env.uid,
                lang=company.partner_id.lang or "en_US",
                reminders=self._rows_sql(self.REMINDER_COLUMNS, rows, alias="new"),
                items=self._rows_sql(self.ITEM_COLUMNS, items, alias="item"),
            )
        )
        return [reminder for (reminder,) in rows]

    def _prepare_reminder_row(
        self, fact, decision, part, channel, company, today, departure
    ):
        """Return the values of a reminder, in the order of ``REMINDER_COLUMNS``."""
        level = decision.level
        entity, lines = part
        to_customer = channel not in BY_PERSON
        departure = self._get_departure(fact, level, channel, company, departure)
        return (
            fact.key,
            company.id,
            decision.kind,
            channel,
            level.key if level else None,
            level.rank if level else 0,
            "to_approve" if level and level.approval and to_customer else "scheduled",
            today,
            departure,
            self._get_recipient(fact, entity, (channel, level.role)) if level else None,
            len(lines),
            sum((line.claim.amount for line in lines), ZERO),
            channel != decision.channel,
            entity,
        )

    @api.model
    def _get_departure(self, fact, level, channel, company, departure):
        """Return when a message leaves: the company's hour, or when the debtor may be reached."""
        return company._collection_quiet_until(
            departure, fact.open_days, fact.extra["zones"], channel, level and level.role
        )

    @api.model
    def _get_recipient(self, fact, entity, key):
        """Return who reads it: a contact of the legal entity, else the debtor's.

        :param key: (channel, role)
        """
        own = fact.extra.get("entities", {}).get(entity, {})
        return own.get(key) or fact.reachable.get(key)

    # === SQL === #

    @api.model
    def _insert_rows(self, table, columns, vals_list):
        """Insert rows of plain values in one statement.

        :param dict columns: name → type; a value that is false but no number is NULL
        """
        self.env.flush_all()
        rows = [
            tuple(None if vals[name] is False else vals[name] for name in columns)
            for vals in vals_list
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT * FROM %s",
                SQL.identifier(table),
                SQL(", ").join(SQL.identifier(name) for name in columns),
                self._rows_sql(columns, rows),
            )
        )

    @api.model
    def _rows_sql(self, columns, rows, alias="row"):
        """Return ``unnest(…) AS alias(columns…)``: rows as one array a column."""
        values = list(zip(*rows)) or [() for _column in columns]
        arrays = SQL(", ").join(
            SQL("%s::%s[]", list(column), SQL.identifier(kind))
            for kind, column in zip(columns.values(), values)
        )
        return SQL(
            "unnest(%s) AS %s(%s)",
            arrays,
            SQL.identifier(alias),
            SQL(", ").join(SQL.identifier(column) for column in columns),
        )
