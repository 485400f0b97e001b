from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    """Receivables among the tiles of Odoo's own digest, of the reader's cases."""

    _inherit = "digest.digest"

    kpi_collection_outstanding = fields.Boolean("Outstanding")
    kpi_collection_outstanding_value = fields.Monetary(
        compute="_compute_kpi_collection_outstanding_value"
    )
    kpi_collection_overdue = fields.Boolean("Overdue")
    kpi_collection_overdue_value = fields.Monetary(compute="_compute_kpi_collection_overdue_value")

    def _compute_kpi_collection_outstanding_value(self):
        self._compute_kpi_collection("outstanding")

    def _compute_kpi_collection_overdue_value(self):
        self._compute_kpi_collection("overdue")

    def _compute_kpi_collection(self, name):
        """Tell what stood at the end of the period: on the last day measured by then.

        :raises AccessError: for readers without a role in collections, and where no day was
            measured yet; the digest leaves the tile out
        """
        snapshots, days = self.env["collection.snapshot"], self.env["collection.snapshot.day"]
        snapshots.check_access("read")
        _start, end, companies = self._get_kpi_compute_parameters()
        ours = [("company_id", "in", companies.ids)]
        known = dict(days._read_group(ours, ["company_id"], ["date:max"]))
        until = [*ours, ("date", "<=", end)]
        found = dict(days._read_group(until, ["company_id"], ["date:max"]))
        for digest in self:
            company = digest.company_id or self.env.company
            if company not in known:
                raise AccessError(self.env._("No day was measured yet."))
            # A period before the first day is only compared with: without it no margin is told.
            [(total,)] = snapshots._read_group(
                [("company_id", "=", company.id), ("date", "=", found.get(company, False))],
                aggregates=[f"{name}:sum"],
            )
            digest[f"kpi_collection_{name}_value"] = total or 0

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("account_collections.collection_menu_root").id
        action = "account_collections.collection_dashboard_action_operational"
        for name in ("outstanding", "overdue"):
            actions[f"kpi_collection_{name}"] = f"{action}?menu_id={menu}"
        return actions
