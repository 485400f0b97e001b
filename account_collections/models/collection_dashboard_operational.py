from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import indicators
from .collection_indicator import AMOUNT, COUNT, PERCENT

#: Days after which an overdue customer with whom nothing was done stands out.
SILENCE = 15

#: Days in which a payment is put down to a reminder, and reminders that are looked at.
EFFECT_DAYS = 10
EFFECT_PERIOD = 90

#: What is told of each team and owner.
GROUP_CODES = (
    "outstanding", "overdue_rate", "cash", "reminder_count", "promise_kept_rate", "disputed",
)  # fmt: skip

#: Cases that a list shows.
SHOWN = 10


class CollectionDashboard(models.AbstractModel):
    """A collector and a team: work done and to do, and what came of it."""

    _inherit = "collection.dashboard"

    @api.model
    def _get_operational_page(self, view):
        tiles = [
            self._make_tile(view, "outstanding"),
            self._make_expected_tile(view),
            self._make_work_tile(view),
            self._make_promise_tile(view),
            self._make_tile(view, "disputed"),
            self._make_silence_tile(view),
        ]
        return {
            "tiles": tiles,
            "charts": [
                self._make_chart(
                    view,
                    self.env._("Reminders"),
                    "bar",
                    self._label("reminder_count"),
                    COUNT,
                    "reminder_count",
                ),
                self._make_chart(
                    view,
                    self.env._("Promises Kept"),
                    "line",
                    self._label("promise_kept_rate", "promise_kept_amount_rate"),
                    PERCENT,
                    "promise_kept_rate",
                ),
            ],
            "tables": [
                self._make_group_table(
                    view, "team_id", self.env._("By Team"), self.env._("No team"), GROUP_CODES
                ),
                self._make_group_table(
                    view, "user_id", self.env._("By Owner"), self.env._("Nobody"), GROUP_CODES
                ),
                self._make_effect_table(view),
                self._make_silence_table(view),
            ],
        }

    # === WORK === #

    @api.model
    def _make_work_tile(self, view):
        domain = Domain("case_id", "any", view["scope"])
        return self._make_count_tile(
            "work",
            self.env._("Work of the Day"),
            self.env["collection.todo"].search_count(list(domain)),
            self.env._("What waits for a person at this moment."),
            self._open("collection.todo", self.env._("Work of the Day"), domain, ("list",)),
        )

    @api.model
    def _make_promise_tile(self, view):
        """Promises that are to be kept within a week."""
        domain = (
            Domain("case_id", "any", view["scope"])
            & Domain("state", "=", "open")
            & Domain("date", "<=", self._get_days_ago(-7))
        )
        promises = self.env["collection.promise"]
        name = self.env._("Promises Due within a Week")
        return self._make_count_tile(
            "promises_due",
            name,
            promises.search_count(domain),
            self.env._("Open promises for the next seven days, and those not judged yet."),
            self._open("collection.promise", name, domain),
        )

    # === SILENCE === #

    @api.model
    def _get_silent_domain(self, view):
        """Return the overdue cases with which nothing was done for some days."""
        since = self._get_days_ago(SILENCE)
        silent = Domain("last_contact", "=", False) | Domain("last_contact", "<", since)
        called = self.env["collection.call"]._search([("called_at", ">=", since)])
        talked = self.env["collection.case"]._search(
            [("id", "in", called.subselect("case_id"))], order="id"
        )
        return (
            view["scope"]
            & Domain("overdue", ">", 0)
            & Domain("state", "in", ("current", "dunning"))
            & Domain("oldest_due", "<", since)
            & silent
            & Domain("id", "not in", talked)
        )

    @api.model
    def _make_silence_tile(self, view):
        cases = self.env["collection.case"].search(self._get_silent_domain(view))
        name = self.env._("Overdue without Action")
        return self._make_count_tile(
            "silent",
            name,
            len(cases),
            self.env._(
                "Customers overdue for %s days, of whom nothing is promised or disputed, and with "
                "neither a reminder nor a call in this time.",
                SILENCE,
            ),
            self._open("collection.case", name, Domain("id", "in", cases.ids)),
        )

    @api.model
    def _make_silence_table(self, view):
        cases = self.env["collection.case"].search(
            self._get_silent_domain(view), order="overdue desc, id", limit=SHOWN
        )
        rows = [
            {
                "cells": [
                    case.display_name,
                    self._format_case(case, case.overdue),
                    self._format_day(case.last_contact) or self.env._("never"),
                    case.user_id.sudo().name or "",
                ],
                "action": case.get_formview_action(),
            }
            for case in cases
        ]
        columns = [
            self.env._("Customer"),
            self.env._("Overdue"),
            self.env._("Last Reminder"),
            self.env._("Owner"),
        ]
        title = self.env._("Overdue without Action for %s Days", SILENCE)
        empty = self.env._("Nobody was forgotten.")
        return self._make_table(title, columns, rows, empty, texts=(3,))

    # === WHAT REMINDERS BROUGHT === #

    @api.model
    def _make_effect_table(self, view):
        """By channel: reminders, what they asked for, and what of it was paid soon after."""
        channels = dict(
            self.env["collection.reminder"]._fields["channel"]._description_selection(self.env)
        )
        to_decimal = self.env["collection.ledger"]._to_decimal
        rows = []
        for company, channel, count, asked, paid in self._query_effect(view):
            rate = indicators.reminder_effect(to_decimal(paid), to_decimal(asked))
            rows.append(
                {
                    "cells": [
                        channels[channel],
                        *((company.name,) if len(view["companies"]) > 1 else ()),
                        str(count),
                        self._format(to_decimal(asked), AMOUNT, company.currency_id),
                        self._format(rate, PERCENT, None),
                    ],
                    "action": self._open(
                        "collection.reminder",
                        channels[channel],
                        Domain("case_id", "any", view["scope"])
                        & Domain("channel", "=", channel)
                        & Domain("state", "=", "sent")
                        & Domain("decision_date", ">=", self._get_days_ago(EFFECT_PERIOD)),
                    ),
                }
            )
        columns = [
            self.env._("Channel"),
            *((self.env._("Company"),) if len(view["companies"]) > 1 else ()),
            self.env._("Reminders"),
            self.env._("Asked For"),
            self.env._("Paid within %s Days", EFFECT_DAYS),
        ]
        title = self.env._("What Reminders Brought, over %s Days", EFFECT_PERIOD)
        return self._make_table(title, columns, rows, self.env._("Nobody was reminded."))

    @api.model
    def _query_effect(self, view):
        """Return (company, channel, reminders, amount asked for, amount paid) of this view.

        Of reminders that are old enough to have had their effect. Money counts by value date, at
        most as much as was asked for.
        """
        reminders = self.env["collection.reminder"]._search(
            Domain("case_id", "any", view["scope"])
            & Domain("state", "=", "sent")
            & Domain("kind", "=", "dunning")
            & Domain("is_beside", "=", False)
            & Domain("decision_date", ">=", self._get_days_ago(EFFECT_PERIOD))
            & Domain("decision_date", "<", self._get_days_ago(EFFECT_DAYS))
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cases.company_id, reminder.channel, COUNT(DISTINCT reminder.id),
                       COALESCE(SUM(sent.amount) FILTER (WHERE sent.amount > 0), 0),
                       COALESCE(SUM(LEAST(COALESCE(money.paid, 0), sent.amount))
                                FILTER (WHERE sent.amount > 0), 0)
                  FROM collection_reminder reminder
                  JOIN collection_case cases ON cases.id = reminder.case_id
             LEFT JOIN collection_reminder_item sent ON sent.reminder_id = reminder.id
             LEFT JOIN LATERAL (
                    SELECT SUM(partial.amount) AS paid
                      FROM account_partial_reconcile partial
                      JOIN account_move_line other ON other.id = partial.credit_move_id
                      JOIN account_journal journal ON journal.id = other.journal_id
                 LEFT JOIN account_payment payment ON payment.id = other.payment_id
                     WHERE partial.debit_move_id = sent.line_id AND %(is_money)s
                       AND COALESCE(payment.date, other.date) BETWEEN reminder.decision_date
                           AND reminder.decision_date + %(days)s) money ON TRUE
                 WHERE reminder.id IN %(reminders)s
              GROUP BY cases.company_id, reminder.channel
              ORDER BY cases.company_id, 3 DESC
                """,
                is_money=self.env["collection.ledger"]._is_money_sql(),
                days=EFFECT_DAYS,
                reminders=reminders.subselect(),
            )
        )
        companies = self.env["res.company"]
        return [(companies.browse(company), *rest) for company, *rest in rows]
