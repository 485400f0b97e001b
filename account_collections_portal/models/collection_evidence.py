from odoo import api, fields, models

UNDERTAKEN = "undertaken"


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[(UNDERTAKEN, "Undertaken on the portal")],
        ondelete={UNDERTAKEN: "cascade"},
    )

    @api.model
    def _get_public_facts(self):
        return super()._get_public_facts() | {"agreement_sha256"}

    @api.model
    def _record_undertaken(self, case, name, address, **facts):
        """Keep who undertook something on the account page: the chain seals digests of it.

        :param str name: as the customer typed it
        :param str address: where the form came from; kept where the company says so
        """
        person = {"name": name}
        if case.company_id.collection_keep_address:
            person["address"] = address
        return self._record(case, UNDERTAKEN, {**facts, **person})
