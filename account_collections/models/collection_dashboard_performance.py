from odoo import api, models

from .collection_indicator import AMOUNT, DAYS, PERCENT


class CollectionDashboard(models.AbstractModel):
    """How well is collected: twelve months, by team, owner, segment and country."""

    _inherit = "collection.dashboard"

    @api.model
    def _get_performance_page(self, view):
        tiles = [self._make_tile(view, "outstanding"), self._make_expected_tile(view)]
        tiles += [self._make_tile(view, code) for code in ("dso", "overdue_rate", "cei", "add")]
        groups = ("outstanding", "dso", "overdue_rate", "cei", "dispute_rate")
        return {
            "tiles": tiles,
            "charts": [
                self._make_chart(
                    view,
                    self.env._("Days of Sales Outstanding"),
                    "line",
                    self._label("dso", "best_dso", "count_back"),
                    DAYS,
                    "dso",
                ),
                self._make_ageing_chart(view),
                self._make_chart(
                    view,
                    self.env._("Collected, and Overdue"),
                    "line",
                    self._label("cei", "overdue_rate", "cash_efficiency"),
                    PERCENT,
                    "overdue_rate",
                ),
                self._make_chart(
                    view,
                    self.env._("Disputed"),
                    "bar",
                    self._label("disputed"),
                    AMOUNT,
                    "disputed",
                ),
            ],
            "tables": [
                self._make_more_table(view),
                self._make_receipts_table(view),
                self._make_group_table(
                    view, "team_id", self.env._("By Team"), self.env._("No team"), groups
                ),
                self._make_group_table(
                    view, "user_id", self.env._("By Owner"), self.env._("Nobody"), groups
                ),
                self._make_group_table(
                    view,
                    "scenario_id",
                    self.env._("By Segment"),
                    self.env._("No segment yet"),
                    groups,
                ),
                self._make_group_table(
                    view, "country_id", self.env._("By Country"), self.env._("Not known"), groups
                ),
            ],
        }

    @api.model
    def _make_more_table(self, view):
        """Every other indicator: now, a month ago, a year ago, and its target."""
        codes = (
            "count_back", "best_dso", "collection_rate", "cash_efficiency", "unpaid_rate",
            "risk_rate", "dispute_rate", "resolution_days", "promise_kept_rate",
            "promise_kept_amount_rate", "days_to_pay", "days_late", "exposure_variation",
        )  # fmt: skip
        known, figures, currency = self._get_indicators(), view["figures"], view["currency"]
        rows = []
        for code in codes:
            value = figures.tell(code)
            history = (figures.tell(code, back) for back in (0, 1, 12))
            target = self._compare(view, code, value)
            rows.append(
                {
                    "cells": [
                        self.env._(known[code].label),
                        *(self._format(one, known[code].unit, currency) for one in history),
                        target.get("target", ""),
                    ],
                    "explanation": self._explain(code, figures, currency),
                    "action": self._get_action(code, view),
                }
            )
        columns = [
            "",
            self.env._("Now"),
            self.env._("Last Month"),
            self.env._("A Year Ago"),
            self.env._("Target"),
        ]
        return self._make_table(self.env._("More Indicators"), columns, rows)
