from odoo import api, fields, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        """What was contested and how it ended stays; the words, the names and the papers go."""
        super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        disputes = cases.sudo().dispute_ids
        self._empty_messages(
            disputes.env["mail.message"].search(
                [("model", "=", disputes._name), ("res_id", "in", disputes.ids)]
            )
        )
        disputes.env["ir.attachment"].search(
            [("res_model", "=", disputes._name), ("res_id", "in", disputes.ids)]
        ).unlink()
        disputes.document_ids.note = False
        disputes.activity_ids.write({"note": False, "summary": False})
        disputes.message_unsubscribe(
            disputes.message_partner_ids.filtered("partner_share").ids
        )
        disputes.with_context(tracking_disable=True).write(
            {"description": False, "resolution": False, "partner_name": self.env._("Erased")}
        )


class CollectionPersonalData(models.AbstractModel):
    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        return {**found, "disputes": found["cases"].dispute_ids}

    @api.model
    def _get_sections(self):
        disputes = (self.env._("Disputes"), "collection.dispute")
        return super()._get_sections() | {"disputes": disputes}

    @api.model
    def _collect(self, partner):
        collected = super()._collect(partner)
        disputes = self._find(partner)["disputes"]
        return {**collected, "disputes": [self._tell_dispute(dispute) for dispute in disputes]}

    @api.model
    def _tell_dispute(self, dispute):
        return {
            "number": dispute.name,
            "company": dispute.company_id.name,
            "date": fields.Date.to_string(dispute.date_opened),
            "documents": dispute.move_names or "",
            "amount": dispute.amount,
            "reason": dispute.reason_id.name,
            "text": dispute.description or "",
            "state": dispute.state,
            "answer": dispute.resolution or "",
            "messages": [
                self._tell_message(message)
                for message in dispute.message_ids
                if message.message_type in ("email", "comment")
            ],
        }
