from odoo import api, fields, models


class CollectionPlanItem(models.Model):
    """A debt of a plan as it stood when the plan was made."""

    _name = "collection.plan.item"
    _description = "Debt of an Instalment Plan"
    _order = "date_due, id"
    _log_access = False

    COLUMNS = {
        "plan_id": "int4",
        "line_id": "int4",
        "move_id": "int4",
        "move_name": "text",
        "date": "date",
        "date_due": "date",
        "currency_id": "int4",
        "open_currency": "numeric",
        "open_amount": "numeric",
    }

    plan_id = fields.Many2one("collection.plan", required=True, ondelete="cascade", index=True)
    line_id = fields.Many2one("account.move.line", ondelete="set null", index="btree_not_null")
    move_id = fields.Many2one("account.move", ondelete="set null", index="btree_not_null")
    company_id = fields.Many2one(related="plan_id.company_id")
    company_currency_id = fields.Many2one(
        related="plan_id.company_id.currency_id", string="Company Currency"
    )
    move_name = fields.Char(string="Document")
    date = fields.Date(string="Document Date")
    date_due = fields.Date(string="Due Date")
    currency_id = fields.Many2one("res.currency")
    open_currency = fields.Monetary(string="Open", currency_field="currency_id")
    open_amount = fields.Monetary(string="Open (Company)", currency_field="company_currency_id")

    @api.model
    def _insert(self, vals_list):
        """Write snapshots, of thousands of items in one statement."""
        self.env["collection.apply"]._insert_rows(self._table, self.COLUMNS, vals_list)
        self.env["collection.plan"].invalidate_model(["item_ids"])
