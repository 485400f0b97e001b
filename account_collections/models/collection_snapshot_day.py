from odoo import fields, models


class CollectionSnapshotDay(models.Model):
    """A day of which there is a snapshot, and from which ledger it was computed."""

    _name = "collection.snapshot.day"
    _description = "Day of a Snapshot"
    _order = "date desc"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    computed_at = fields.Datetime(readonly=True)
    fingerprint = fields.Char(
        readonly=True, help="Of the ledger until that day; empty where it was not looked at."
    )

    _day_unique = models.UniqueIndex("(company_id, date)")
