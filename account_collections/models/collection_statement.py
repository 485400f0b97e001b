from odoo import api, models


class CollectionStatement(models.AbstractModel):
    """Statements of account as PDF, many at once."""

    _name = "collection.statement"
    _description = "Statements of Account"

    @api.model
    def _attach(self, reminders):
        """Attach to each reminder its statement of account."""
