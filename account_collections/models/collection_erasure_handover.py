from odoo import api, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        """What was handed over stays, with its amounts; words go, and the files with the other
        documents of the case."""
        super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        handovers = cases.sudo().handover_ids
        interruptions = handovers.env["collection.interruption"].search(
            [("case_id", "in", cases.ids)]
        )
        for records in (handovers, interruptions):
            self._empty_chatter(records)
            records.with_context(tracking_disable=True).write({"note": False})
        handovers.with_context(tracking_disable=True).write(
            {"end_reason": False, "file_state": False}
        )
        handovers.step_ids.write({"note": False})
        handovers.cost_ids.write({"note": False})
