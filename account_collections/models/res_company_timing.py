import pytz
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.calendar import Window
from ..engine.facts import INSTANT

#: Whom a message to our own colleague reaches, it disturbs no debtor.
OWN_ROLES = ("salesperson",)


class ResCompany(models.Model):
    """When messages may reach a debtor: quiet days and hours move what leaves."""

    _inherit = "res.company"

    collection_send_from = fields.Float(
        string="Sending Hours from",
        default=8.0,
        help="On the debtor's own clock: nothing reaches it earlier in the day.",
    )
    collection_send_until = fields.Float(
        string="Sending Hours until",
        default=19.0,
        help="On the debtor's own clock: nothing reaches it later in the day.",
    )
    collection_public_holidays = fields.Boolean(
        string="Public Holidays of the Debtor",
        default=True,
        help="Nothing reaches a debtor on a public holiday of its country. Your own holidays "
        "and leaves are those of your working hours.",
    )
    collection_run_wait = fields.Integer(
        string="Days after a Payment Run",
        default=2,
        help="Working days left after the payment run of a customer who pays on fixed days.",
    )

    _run_wait_positive = models.Constraint(
        "CHECK (collection_run_wait >= 0)", "The days after a payment run cannot be negative."
    )

    @api.constrains("collection_send_from", "collection_send_until")
    def _check_collection_hours(self):
        for company in self:
            if not 0 <= company.collection_send_from < company.collection_send_until <= 24:
                raise ValidationError(
                    self.env._("Sending hours begin before they end, between 0:00 and 24:00.")
                )

    def _collection_zones(self, country, timezone):
        """Return the time zones that a debtor's clock may show.

        Its own zone, where that lies in its country: Odoo gives every contact the zone of
        whoever entered it. Else those of its country, in all of which an hour has to do; else
        the company's.

        :param str country: ISO code, or None
        :param str timezone: zone of the partner, or None
        """
        self.ensure_one()
        names = pytz.country_timezones.get(country or "", ())
        if timezone and (timezone in names or not names):
            return (pytz.timezone(timezone),)
        return tuple(map(pytz.timezone, names)) or (self._collection_timezone(),)

    def _collection_quiet_until(self, moment, calendar, zones, channel, role):
        """Return ``moment`` (UTC, naive), or the first one after it at which a message may come.

        What a person of ours does, what is printed, and what tells our own salesperson follow
        the company's calendar alone.

        :param calendar: days on which something may reach the debtor
        :param zones: see :meth:`_collection_zones`
        :param role: recipient role of the level, or None
        """
        if channel not in INSTANT or role in OWN_ROLES:
            return moment
        window = Window(
            calendar, zones, self.collection_send_from, self.collection_send_until
        )
        allowed = window.first_moment(pytz.utc.localize(moment))
        return allowed.astimezone(pytz.utc).replace(tzinfo=None)
