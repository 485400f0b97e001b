from datetime import datetime, time

import pytz
from odoo import fields, models

from ..engine.hours import PRUDENT, Hours, may_call, next_window


class ResCompany(models.Model):
    """What happens when somebody writes, is called or is told."""

    _inherit = "res.company"

    collection_reply_pause_days = fields.Integer(
        string="Pause after a Message",
        default=3,
        help="Days that automatic reminders wait after a customer wrote; 0: they do not wait.",
    )

    collection_call_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Calling Hours",
        help="Hours of the week in which debtors are called, in their own time. Without one: "
        "Monday to Friday, 10:00 to 13:00 and 14:00 to 20:00.",
    )
    collection_call_attempts = fields.Integer(
        string="Calls without an Answer",
        default=3,
        help="A call that nobody answers is tried again the next working day; after so many "
        "attempts it counts as made, and the scenario goes on.",
    )
    collection_voice_pause_days = fields.Integer(
        string="Pause of a Salesperson",
        default=5,
        help="Days that a salesperson may ask for, once, before a firm level; 0: they are told "
        "and cannot ask.",
    )

    _collection_call_attempts_positive = models.Constraint(
        "CHECK (collection_call_attempts > 0)", "A call is tried once at least."
    )
    _collection_voice_pause_positive = models.Constraint(
        "CHECK (collection_voice_pause_days >= 0)", "A pause cannot be negative."
    )
    _collection_reply_pause_positive = models.Constraint(
        "CHECK (collection_reply_pause_days >= 0)",
        "A pause after a message cannot be negative.",
    )

    # === HOURS OF A CALL === #

    def _collection_local_midnight(self, day):
        """Return when (UTC, naive) a day begins for the company."""
        self.ensure_one()
        midnight = self._collection_timezone().localize(datetime.combine(day, time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    def _collection_call_hours(self):
        """Return the engine's hours of the week in which a debtor is called."""
        self.ensure_one()
        lines = self.collection_call_calendar_id.attendance_ids.filtered(
            lambda line: line.day_period != "lunch" and not line.display_type
        )
        windows = {
            (int(line.dayofweek), _to_time(line.hour_from), _to_time(line.hour_to))
            for line in lines
        }
        return Hours(tuple(sorted(windows))) if windows else PRUDENT

    def _collection_may_call(self, zones):
        """Return whether debtors in these time zones may be called at this moment.

        :param zones: names of time zones
        """
        return may_call(self._collection_call_hours(), _to_zones(zones), _now())

    def _collection_next_call(self, zones, after=None):
        """Return when (UTC, naive) debtors in these time zones may be called next.

        :param after: naive UTC, not before this moment
        :return: None when their hours have nothing in common
        """
        moment = pytz.utc.localize(after) if after else _now()
        found = next_window(self._collection_call_hours(), _to_zones(zones), moment)
        return found and found.astimezone(pytz.utc).replace(tzinfo=None)


def _now():
    return pytz.utc.localize(fields.Datetime.now())


def _to_zones(names):
    return [pytz.timezone(name) for name in names]


def _to_time(hour):
    """Return an hour as a time; a day's last minute stands for midnight."""
    minutes = round(hour * 60)
    return time(minutes // 60, minutes % 60) if minutes < 24 * 60 else time.max
