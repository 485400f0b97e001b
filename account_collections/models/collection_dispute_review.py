import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import disputes
from .collection_dispute import OPEN

_logger = logging.getLogger(__name__)


class CollectionDispute(models.Model):
    """What the daily job does: nothing is forgotten because a person was."""

    _inherit = "collection.dispute"

    @api.model
    def _cron_review(self):
        """Look after the disputes of every company; one that fails keeps no other from it."""
        for company in self.env["res.company"].search([]):
            try:
                self._review(company, company._collection_today())
                self.env["ir.cron"]._commit_progress()
            except Exception:
                self.env.cr.rollback()
                _logger.exception("The disputes of %s could not be reviewed", company.name)

    @api.model
    def _review(self, company, today):
        """Close what the ledger settled, hand on what lost its owner, escalate what is late."""
        self._close_settled(company)
        self._replace_owners(company)
        self._escalate(company, today)

    # === SETTLED === #

    @api.model
    def _close_settled(self, company):
        """Close disputes whose items are paid or credited in full, as of that day.

        What was accepted stays open: the customer may have paid and is still owed its credit.
        """
        for dispute, day in self._query_settled(company):
            if not dispute.try_lock_for_update():
                continue
            if dispute.state in OPEN:
                span = dispute._get_span()
                resolved = disputes.Span(span.opened, max(day, span.opened), stopped=span.stopped)
                dispute._close(
                    day,
                    outcome="settled",
                    resolved_on=max(day, span.opened),
                    resolved_at=fields.Datetime.now(),
                    days_to_resolve=disputes.age(resolved, day),
                )
            else:
                dispute._close(day)

    @api.model
    def _query_settled(self, company):
        """Return [(dispute, day of the last payment or credit)]: one query."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT dispute.id, COALESCE(MAX(settled.day), MAX(debt.date))
                  FROM collection_dispute dispute
                  JOIN collection_dispute_line line ON line.dispute_id = dispute.id
                  %s
             LEFT JOIN LATERAL (
                        SELECT MAX(partial.max_date) AS day
                          FROM account_partial_reconcile partial
                         WHERE partial.debit_move_id = debt.id) settled ON TRUE
                 WHERE dispute.company_id = %s
                   AND dispute.state IN %s
              GROUP BY dispute.id
                HAVING BOOL_AND(debt.reconciled)
              ORDER BY dispute.id
                """,
                self._join_debts_sql(),
                company.id,
                (*OPEN, "rejected", "withdrawn"),
            )
        )
        by_id = self.browse(row[0] for row in rows)
        return list(zip(by_id, (row[1] for row in rows)))

    # === OWNERS WHO LEFT === #

    @api.model
    def _replace_owners(self, company):
        """Give the disputes of people who left to their team's leader, else to the fallback."""
        running = [("company_id", "=", company.id), ("state", "in", OPEN)]
        owners = self._read_group(running, ["user_id"])
        gone = [user.id for (user,) in owners if user and not user._is_here(company)]
        for dispute in self.search([*running, ("user_id", "in", [*gone, False])]):
            before = dispute.user_id
            dispute.user_id = successor = dispute._get_successor()
            summary = (
                self.env._("Taken over from %(user)s: solve the dispute", user=before.name)
                if before
                else self.env._("Solve the dispute")
            )
            dispute.activity_ids.filtered(lambda one, user=successor: one.user_id == user).unlink()
            dispute._plan(successor, summary, dispute.deadline)

    def _get_successor(self):
        self.ensure_one()
        case, company = self.case_id, self.company_id
        for user in (
            self.team_id.user_id,
            self.reason_id.user_id,
            case.user_id,
            case.portfolio_id.user_id,
        ):
            if user and user._is_here(company):
                return user
        return company._collection_credit_manager()

    # === LATE === #

    @api.model
    def _escalate(self, company, today):
        """Tell the credit manager of what is late and raise its priority, once a step."""
        late = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("new", "investigating")),
                ("deadline", "<", today),
                ("escalation", "<", disputes.LAST_STEP),
            ]
        )
        if not late:
            return
        calendar = company._collection_calendar(min(late.mapped("deadline")))
        every = company.collection_dispute_escalation_days
        for dispute in late.try_lock_for_update():
            step = disputes.escalation_step(dispute.deadline, today, every, calendar)
            if step > dispute.escalation:
                dispute._escalate_to(step, today)

    def _escalate_to(self, step, today):
        self.ensure_one()
        urgent = min(int(self.priority) + 1, 3)
        self.write({"escalation": step, "priority": str(urgent)})
        summary = self.env._(
            "Dispute late by %(days)s days (step %(step)s)",
            days=(today - self.deadline).days,
            step=step,
        )
        self._plan(self.company_id._collection_credit_manager(), summary, today)
