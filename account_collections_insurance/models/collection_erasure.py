from odoo import api, fields, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        """What was declared to an insurer stays, with its amounts; words go, and the files with
        the other documents of the case."""
        super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        filings = cases.sudo().filing_ids
        self._empty_messages(
            filings.env["mail.message"].search(
                [("model", "=", filings._name), ("res_id", "in", filings.ids)]
            )
        )
        filings.with_context(tracking_disable=True).write(
            {"note": False, "withdrawal_reason": False, "file_state": False}
        )


class CollectionPersonalData(models.AbstractModel):
    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        return {**found, "declarations": found["cases"].filing_ids}

    @api.model
    def _get_sections(self):
        section = (self.env._("Declarations to insurers"), "collection.insurance.filing")
        return super()._get_sections() | {"declarations": section}

    @api.model
    def _collect(self, partner):
        declarations = self._find(partner)["declarations"]
        return {
            **super()._collect(partner),
            "declarations": [self._tell_declaration(one) for one in declarations],
        }

    @api.model
    def _tell_declaration(self, filing):
        return {
            "date": fields.Date.to_string(filing.date),
            "company": filing.company_id.name,
            "to": filing.policy_id.insurer_id.name,
            "reference": filing.reference or "",
            "documents": filing.item_ids.mapped("move_name"),
            "amount": filing.amount,
            "note": filing.note or "",
            "state": filing.state,
        }
