from odoo import api, fields, models

#: Days ahead of which the overview counts deadlines.
DEADLINES_WITHIN = 30


def tile(string, help=None):
    """Return a figure of the overview, in the currency of the policy's company."""
    return fields.Monetary(
        string=string,
        currency_field="company_currency_id",
        compute="_compute_overview",
        help=help,
    )


class CollectionInsurancePolicy(models.Model):
    """The overview: what each policy covers today, as tiles."""

    _inherit = "collection.insurance.policy"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    exposure_total = tile("Exposure", "All that is owed and falls under the policy.")
    covered_total = tile("Covered")
    uncovered_total = tile("Uncovered")
    suspended_total = tile("Suspended", "Contested, or delivered after an extension period ended.")
    indemnity_total = tile(
        "Expected Indemnity",
        "Insured percentage of the cover, at most the maximum liability; no deductible.",
    )
    deadline_count = fields.Integer(
        string="Deadlines within 30 Days", compute="_compute_overview"
    )
    alert_count = fields.Integer(string="Open Alerts", compute="_compute_overview")

    def _compute_overview(self):
        """Three aggregations, whatever the number of policies."""
        covers, alerts = self.env["collection.insurance.cover"], self.alert_ids
        mine = [("policy_id", "in", self.ids)]
        totals = {
            policy: amounts
            for policy, *amounts in covers._read_group(
                mine,
                ["policy_id"],
                ["amount:sum", "covered:sum", "uncovered:sum", "indemnity:sum"],
            )
        }
        suspended = dict(
            covers._read_group(
                [*mine, ("state", "=", "suspended")], ["policy_id"], ["uncovered:sum"]
            )
        )
        deadlines = dict(covers._read_group([*mine, *self._near()], ["policy_id"], ["__count"]))
        open_alerts = dict(
            alerts._read_group([*mine, ("state", "=", "open")], ["policy_id"], ["__count"])
        )
        for policy in self:
            owed, covered, uncovered, indemnity = totals.get(policy, (0, 0, 0, 0))
            policy.exposure_total = owed
            policy.covered_total = covered
            policy.uncovered_total = uncovered
            policy.suspended_total = suspended.get(policy, 0)
            policy.indemnity_total = policy._within_maximum(indemnity)
            policy.deadline_count = deadlines.get(policy, 0)
            policy.alert_count = open_alerts.get(policy, 0)

    @api.model
    def _near(self):
        return [("date_next_clock", "<=", f"today +{DEADLINES_WITHIN}d")]

    def _within_maximum(self, indemnity):
        """Return what of an indemnity today's terms pay at most, company currency."""
        today = self.company_id._collection_today()
        maximum = self.term_ids.filtered(
            lambda term: term.date_start <= today <= term.date_end
        ).maximum
        if not maximum:
            return indemnity
        return min(
            indemnity,
            self.currency_id._convert(
                maximum, self.company_id.currency_id, self.company_id, today
            ),
        )

    # === ACTIONS === #

    @api.model
    def action_open_overview(self):
        """Bring the figures of the user's companies up to date, and show them."""
        self.check_access("read")
        self.env["collection.insurance.exposure"]._refresh_companies(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_overview_action"
        )

    def action_open_covers(self):
        """Show the items behind a tile; the context says which."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_cover_action"
        )
        tile = self.env.context.get("tile")
        domain = {
            "covered": [("covered", ">", 0)],
            "uncovered": [("uncovered", ">", 0)],
            "suspended": [("state", "=", "suspended")],
            "deadlines": self._near(),
        }.get(tile, [])
        return {**action, "domain": [("policy_id", "=", self.id), *domain], "context": {}}

    def action_open_alerts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_alert_action"
        )
        return {**action, "domain": [("policy_id", "=", self.id)]}

    def action_open_history(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_history_action"
        )
        return {**action, "domain": [("policy_id", "=", self.id)]}
