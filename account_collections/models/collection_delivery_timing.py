from odoo import api, fields, models


class CollectionDelivery(models.AbstractModel):
    """At departure: quiet days and hours, asked once more at the very minute."""

    _inherit = "collection.delivery"

    @api.model
    def _claim(self, reminder):
        """What came late, or was approved in the evening, leaves when the debtor is awake."""
        if not reminder.at_any_hour:
            now = fields.Datetime.now()
            allowed = self._get_allowed_moment(reminder, now)
            if allowed > now:
                if self._lock(reminder, "scheduled"):
                    reminder.sudo().depart_at = allowed
                return False
        return super()._claim(reminder)

    @api.model
    def _get_allowed_moment(self, reminder, moment):
        """Return ``moment``, or the first one after it at which the reminder may arrive."""
        company, case = reminder.company_id, reminder.case_id
        gather = self.env["collection.gather"]
        today = company._collection_today()
        calendar, zones, _days = gather._get_clocks(case, company, today)[case.id]
        return company._collection_quiet_until(
            moment, calendar, zones, reminder.channel, reminder.level_id.recipient_role
        )
