from datetime import date
from functools import lru_cache

from holidays import country_holidays, list_supported_countries
from odoo import api, models


@lru_cache(maxsize=1)
def supported_countries():
    """Return {country code: subdivisions, by code and by name} that the library knows."""
    return {
        code: frozenset(subdivisions)
        for code, subdivisions in list_supported_countries(include_aliases=True).items()
    }


@lru_cache(maxsize=2048)
def public_holidays(country, subdivision, years):
    """Return {day: name} of the public holidays of a country, worked out once a process.

    :param str country: ISO code
    :param subdivision: code or name of a state, or None; one that is unknown counts for nothing
    :param tuple years: years wanted
    :return: empty where nothing is known of the country, or of these years
    """
    known = supported_countries()
    if country not in known:
        return {}
    return dict(
        country_holidays(
            country,
            subdiv=subdivision if subdivision in known[country] else None,
            years=years,
        )
    )


class CollectionHolidays(models.AbstractModel):
    """Public holidays of a debtor's country, on top of the company's own calendar."""

    _name = "collection.holidays"
    _description = "Public Holidays"

    @api.model
    def _get_days(self, country, states, begin, end):
        """Return {day: name} between two days, both counted.

        :param str country: ISO code of a country, or None
        :param states: what the state is called, the most telling first (code, name)
        :return: empty where there is no calendar for the country: the company's own counts alone
        """
        if not country:
            return {}
        known = supported_countries().get(country, ())
        state = next((state for state in states if state in known), None)
        years = tuple(range(begin.year, end.year + 1))
        found = public_holidays(country, state, years)
        return {day: name for day, name in found.items() if begin <= day <= end}

    @api.model
    def _is_known(self, country, year):
        """Return whether there is a calendar of public holidays for a country in a year."""
        return bool(self._get_days(country, (), date(year, 1, 1), date(year, 12, 31)))

    @api.model
    def _get_known_countries(self):
        """Return the ISO codes of the countries that have a calendar."""
        return sorted(supported_countries())
