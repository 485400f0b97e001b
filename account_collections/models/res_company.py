from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models

from ..engine.calendar import WorkingCalendar

#: How far a run looks for the next working day, and back for those that are over.
CALENDAR_DAYS = 90


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_run_hour = fields.Float(
        string="Hour of the Run", default=7.0, help="Local time at which decisions are taken."
    )
    collection_depart_hour = fields.Float(
        string="Hour of Departure",
        default=9.5,
        help="Local time from which reminders leave; before it they can be read and changed.",
    )
    collection_daily_cap = fields.Integer(
        string="Messages a Day", help="E-mails that leave in a day at most; 0 sets no cap."
    )
    collection_small_residual = fields.Float(
        string="Small Residual",
        default=5.0,
        help="Company currency. Smaller open amounts are not asked for, but listed for write-off.",
    )
    collection_require_sent = fields.Boolean(
        string="Only Invoices Sent",
        default=True,
        help="An invoice that was never sent to the customer is not dunned.",
    )
    collection_max_pause_days = fields.Integer(
        string="Longest Pause", default=60, help="Days; 0 sets no limit."
    )
    collection_statement_days = fields.Integer(
        string="Payments on Statements",
        default=30,
        help="Statements of account list the payments and credits of so many days, with what "
        "they settled; 0 leaves them out.",
    )
    collection_alias_id = fields.Many2one(
        "mail.alias",
        string="Collections Address",
        readonly=True,
        help="The one address that sends reminders and receives the answers.",
    )
    collection_user_id = fields.Many2one(
        "res.users",
        string="Fallback Owner",
        help="Gets the work of cases without an owner.",
        domain="[('share', '=', False)]",
    )

    _collection_hours = models.Constraint(
        "CHECK (collection_run_hour BETWEEN 0 AND 23.99 "
        "AND collection_depart_hour BETWEEN 0 AND 23.99)",
        "The hours of the run and of departure lie between 0:00 and 23:59.",
    )
    _collection_limits_positive = models.Constraint(
        "CHECK (collection_daily_cap >= 0 AND collection_max_pause_days >= 0 "
        "AND collection_small_residual >= 0)",
        "Messages a day, the longest pause and small residuals cannot be negative.",
    )

    # === CLOCK AND CALENDAR === #

    def _collection_timezone(self):
        self.ensure_one()
        calendar = self.resource_calendar_id
        return pytz.timezone(calendar.tz or self.partner_id.tz or "UTC")

    def _collection_now(self):
        """Return the local time of the company."""
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(self._collection_timezone())

    def _collection_today(self):
        """Return the day it is for the company."""
        return self._collection_now().date()

    def _collection_calendar(self, today):
        """Return the engine's calendar: working days and leaves around ``today``."""
        self.ensure_one()
        calendar = self.resource_calendar_id
        weekdays = frozenset(int(day) for day in calendar.attendance_ids.mapped("dayofweek"))
        zone = self._collection_timezone()
        midnight = zone.localize(datetime.combine(today, time.min)).astimezone(pytz.utc)
        # Working days are counted from days that lie behind us, too.
        start = midnight - timedelta(days=CALENDAR_DAYS)
        end = midnight + timedelta(days=CALENDAR_DAYS)
        leaves = self.env["resource.calendar.leaves"].sudo().search(
            [
                ("company_id", "in", (False, self.id)),
                ("resource_id", "=", False),
                ("calendar_id", "in", (False, calendar.id)),
                ("date_to", ">=", start.replace(tzinfo=None)),
                ("date_from", "<=", end.replace(tzinfo=None)),
            ]
        )
        closed = set()
        for leave in leaves:
            # A day is closed when its noon is: an hour off does not close it.
            half_day = timedelta(hours=12)
            first = pytz.utc.localize(leave.date_from).astimezone(zone) + half_day
            last = pytz.utc.localize(leave.date_to).astimezone(zone) - half_day
            days = (last.date() - first.date()).days + 1
            closed |= {first.date() + timedelta(days=number) for number in range(days)}
        # Without a calendar every day is worked but the usual week-end.
        return WorkingCalendar(weekdays or frozenset(range(5)), frozenset(closed))

    def _collection_run_is_due(self):
        """Return whether today is worked and its hour of the run has come."""
        now = self._collection_now()
        hour = now.hour + now.minute / 60
        open_today = self._collection_calendar(now.date()).is_open(now.date())
        return open_today and hour >= self.collection_run_hour

    def _collection_departure(self, day):
        """Return when (UTC, naive) reminders decided on ``day`` leave.

        On the day itself when its hour is still ahead, so that people have the time to read
        them, else at the hour of the next working day.
        """
        calendar = self._collection_calendar(day)
        departure = self._collection_local_hour(calendar.next_open(day))
        now = fields.Datetime.now()
        if day == self._collection_today() and departure < now:
            departure = self._collection_local_hour(calendar.next_open(day + timedelta(days=1)))
        return departure

    def _collection_local_hour(self, day):
        minutes = round(self.collection_depart_hour * 60)
        local = datetime.combine(day, time(minutes // 60, minutes % 60))
        return (
            self._collection_timezone().localize(local).astimezone(pytz.utc).replace(tzinfo=None)
        )

    def _collection_room_today(self):
        """Return how many e-mails may still leave today, None without a cap."""
        if not self.collection_daily_cap:
            return None
        midnight = self._collection_timezone().localize(
            datetime.combine(self._collection_today(), time.min)
        )
        gone = self.env["collection.reminder"].search_count(
            [
                ("company_id", "=", self.id),
                ("channel", "=", "email"),
                ("claimed_at", ">=", midnight.astimezone(pytz.utc).replace(tzinfo=None)),
                ("state", "in", ("sending", "sent", "unconfirmed")),
            ]
        )
        return self.collection_daily_cap - gone

    # === SENDER === #

    def _collection_address(self):
        """Return the collections address, False where there is no mail domain."""
        alias = self.collection_alias_id
        return bool(alias.alias_domain_id and alias.alias_name) and alias.display_name

    def _collection_sender(self, user):
        """Return the address that sends: the collections address, else the owner's own."""
        return (
            self._collection_address()
            or user.email_normalized
            or self.partner_id.email_normalized
        )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_collection_alias()
        return companies

    def _create_collection_alias(self):
        """Give each company its own collections address."""
        model = self.env["ir.model"]._get_id("collection.case")
        first = self.env.ref("base.main_company", raise_if_not_found=False)
        for company in self.filtered(lambda company: not company.collection_alias_id):
            name = "collections" if company == first else f"collections-{company.id}"
            company.collection_alias_id = self.env["mail.alias"].sudo().create(
                {
                    "alias_name": name,
                    "alias_model_id": model,
                    "alias_domain_id": company.alias_domain_id.id,
                    "alias_defaults": repr({"company_id": company.id}),
                    "alias_contact": "everyone",
                }
            )
