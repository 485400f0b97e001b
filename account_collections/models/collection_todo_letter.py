from odoo import api, fields, models

LETTERS = "4_letter"


class CollectionTodo(models.Model):
    """Letters that wait to be printed or posted."""

    _inherit = "collection.todo"

    kind = fields.Selection(selection_add=[(LETTERS, "Letters to print and post"), ("4_task",)])

    @api.model
    def _get_sources(self):
        letters = self._select_reminders(("to_print", "printed"), LETTERS, 10)
        return [*super()._get_sources(), letters]
