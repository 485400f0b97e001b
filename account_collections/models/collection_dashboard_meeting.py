from odoo import api, models
from odoo.fields import Domain

from .collection_dashboard_management import WEEK
from .collection_dashboard_operational import SHOWN
from .collection_indicator import AMOUNT


class CollectionDashboard(models.AbstractModel):
    """The weekly cash meeting: what was agreed, what came of it, what is next."""

    _inherit = "collection.dashboard"

    @api.model
    def _get_meeting_page(self, view):
        return {
            "tiles": [
                self._make_tile(view, "outstanding"),
                self._make_expected_tile(view),
                self._make_tile(view, "cash"),
                self._make_tile(view, "overdue"),
            ],
            "tables": [
                self._make_movement_table(view),
                self._make_activity_table(view, done=True),
                self._make_verdict_table(view),
                self._make_activity_table(view, done=False),
                self._make_due_table(view),
                self._make_silence_table(view),
            ],
        }

    @api.model
    def _make_activity_table(self, view, done):
        """Tasks on cases: done in the last week, or to be done in the next."""
        week_ago, in_a_week = self._get_days_ago(WEEK), self._get_days_ago(-WEEK)
        # Cases themselves carry the rights; as many as one meeting looks at.
        cases = self.env["collection.case"]._search(view["scope"])
        domain = Domain("res_model", "=", "collection.case") & Domain("res_id", "in", cases)
        if done:
            domain &= Domain("active", "=", False) & Domain("date_done", ">=", week_ago)
        else:
            domain &= Domain("active", "=", True) & Domain("date_deadline", "<=", in_a_week)
        activities = self.env["mail.activity"].with_context(active_test=False)
        found = activities.search(
            domain, order="date_done desc, id" if done else "date_deadline, id", limit=SHOWN
        )
        rows = [
            {
                "cells": [
                    one.res_name or "",
                    one.summary or one.activity_type_id.name or "",
                    one.user_id.sudo().name or "",
                    self._format_day(one.date_done if done else one.date_deadline),
                ],
                "action": self.env["collection.case"].browse(one.res_id).get_formview_action(),
            }
            for one in found
        ]
        columns = [
            self.env._("Customer"),
            self.env._("What"),
            self.env._("Who"),
            self.env._("Done") if done else self.env._("Until"),
        ]
        title = self.env._("Done Last Week") if done else self.env._("Next Actions")
        return self._make_table(title, columns, rows, texts=(1, 2))

    @api.model
    def _make_verdict_table(self, view):
        """What customers had promised for last week, and whether it came."""
        domain = Domain("ended_on", ">=", self._get_days_ago(WEEK)) & Domain(
            "state", "in", ("kept", "partly_kept", "broken")
        )
        title = self.env._("Promises Judged Last Week")
        return self._make_promise_table(view, title, domain)

    @api.model
    def _make_due_table(self, view):
        domain = Domain("state", "=", "open") & Domain("date", "<=", self._get_days_ago(-WEEK))
        title = self.env._("Promises for Next Week")
        return self._make_promise_table(view, title, domain)

    @api.model
    def _make_promise_table(self, view, title, domain):
        domain &= Domain("case_id", "any", view["scope"])
        promises = self.env["collection.promise"].search(domain, order="date, id", limit=SHOWN)
        to_decimal = self.env["collection.ledger"]._to_decimal
        states = dict(promises._fields["state"]._description_selection(self.env))
        rows = [
            {
                "cells": [
                    one.partner_id.display_name,
                    self._format(to_decimal(one.amount), AMOUNT, one.currency_id),
                    self._format_day(one.date),
                    states[one.state],
                ],
                "action": one.get_formview_action(),
            }
            for one in promises
        ]
        columns = [
            self.env._("Customer"),
            self.env._("Amount"),
            self.env._("Promised for"),
            self.env._("State"),
        ]
        return self._make_table(title, columns, rows, texts=(3,))
