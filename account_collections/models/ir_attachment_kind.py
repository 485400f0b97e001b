from odoo import fields, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    collection_kind = fields.Selection(
        [("remittance", "Remittance advice")],
        string="Kind in Collections",
        help="What a document on a collection case is.",
    )

    def action_collection_remittance(self):
        """File documents of a case as remittance advice, or take that back."""
        self.check_access("write")
        filed = self.filtered(lambda one: one.collection_kind == "remittance")
        filed.collection_kind = False
        (self - filed)._collection_file_remittance()
        return True

    def _collection_file_remittance(self):
        """File documents of cases as remittance advice, and tell the chain."""
        self.collection_kind = "remittance"
        for document in self.filtered(lambda one: one.res_model == "collection.case"):
            case = self.env["collection.case"].browse(document.res_id)
            self.env["collection.evidence"]._record(
                case, "remittance", {"name": document.name, "checksum": document.checksum}
            )
