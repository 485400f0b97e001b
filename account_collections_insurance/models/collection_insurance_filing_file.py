from odoo import fields, models


class CollectionInsuranceFiling(models.Model):
    """The file of a declaration."""

    _name = "collection.insurance.filing"
    _inherit = ["collection.insurance.filing", "collection.dossier"]

    _file_cron = "account_collections_insurance.ir_cron_archives"
    _file_tables = "collection.insurance.form"
    _file_event = "declaration_file"

    file_ids = fields.Many2many(relation="collection_insurance_filing_file_rel")

    def _get_file_moves(self):
        return self.item_ids.move_id

    def _get_file_stem(self):
        return f"{self.kind}-{self.date}"

    def _get_file_facts(self):
        return {"declaration": self.id}

    def _say_built(self):
        return self.env._("The file for the insurer is ready.")
