from odoo import api, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        """What was billed or waived stays; what somebody wrote beside it goes."""
        super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        notes = cases.sudo().interest_note_ids
        self._empty_messages(
            notes.env["mail.message"].search(
                [("model", "=", notes._name), ("res_id", "in", notes.ids)]
            )
        )
        notes.with_context(tracking_disable=True).write({"note": False})
