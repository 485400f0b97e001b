from odoo import api, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        """What was billed, waived or lost stays; what somebody wrote beside it goes."""
        super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        for records in (cases.sudo().interest_note_ids, cases.sudo().loss_ids):
            self._empty_chatter(records)
            records.with_context(tracking_disable=True).write({"note": False})
