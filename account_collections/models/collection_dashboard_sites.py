from odoo import api, models

from ..engine.indicators import Undefined
from ..wording import with_colon
from .collection_dashboard import CHART_MONTHS


class CollectionDashboard(models.AbstractModel):
    """Sites that joined in mid-year: months with them and without are not compared."""

    _inherit = "collection.dashboard"

    @api.model
    def _get_notes(self, view):
        """Return what a reader should know of how complete the figures are."""
        notes = []
        for company, figures in view["by_company"].items():
            if figures.missing:
                why = self._explain_missing(Undefined(figures.missing))
                notes.append(with_colon(self.env, company.name, why))
                continue
            known = next(period.day for period in figures.periods if period.sums)
            is_alone = len(view["companies"]) == 1 or company in view["since"]
            if not is_alone and known > view["figures"].periods[-CHART_MONTHS].day:
                names = {"company": company.name, "month": self._format_month(known)}
                notes.append(self.env._("%(company)s: known since %(month)s", **names))
        return [*notes, *filter(None, [self._explain_sites(view)])]

    @api.model
    def _get_sites_since(self, by_company):
        """Return {company: its first day}, of those that joined the others in the year shown."""
        known = {
            company: [period.day for period in figures.periods[-CHART_MONTHS:] if period.sums]
            for company, figures in by_company.items()
            if not figures.missing
        }
        begun = min((days[0].replace(day=1) for days in known.values() if days), default=None)
        return {
            company: days[0]
            for company, days in known.items()
            if days and days[0].replace(day=1) > begun
        }

    @api.model
    def _explain_sites(self, view):
        """Return why months of several companies are not compared, empty where they are."""
        return " ".join(
            self.env._(
                "%(company)s since %(month)s: the months before are without it, and nothing is "
                "compared across that month.",
                company=company.name,
                month=self._format_month(day),
            )
            for company, day in view["since"].items()
        )

    @api.model
    def _name_site(self, view, company):
        """Return the name of a company, with its first month where it joined the others."""
        since = view["since"].get(company)
        if not since:
            return company.name
        names = {"company": company.name, "month": self._format_month(since)}
        return self.env._("%(company)s (since %(month)s)", **names)
