from odoo import fields, models
from odoo.tools import format_date

from ..engine.allocation import BILLED
from ..models.collection_insurance_cover import REASONS, STATES, money


class CollectionInsuranceDay(models.TransientModel):
    """The cover of a past day, by the ledger and the limits as they were known then."""

    _name = "collection.insurance.day"
    _description = "Cover as of a Day"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(required=True, default=lambda self: self.env.company._collection_today())
    line_ids = fields.One2many("collection.insurance.day.line", "day_id", readonly=True)

    def action_show(self):
        """Compute the cover of the day and show it, item by item."""
        self.ensure_one()
        # What follows reads the company's ledger: it has to be one of the user's.
        self.company_id.check_access("read")
        self.env["collection.insurance.cover"].check_access("read")
        exposures = self.env["collection.insurance.exposure"]
        covers = exposures._get_covers_as_of(self.company_id, self.date)
        self.line_ids.sudo().unlink()
        # Lines are the product's: nobody writes them.
        self.env["collection.insurance.day.line"].sudo().create(
            [self._prepare_line_vals(key, one) for key, one in covers.items()]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cover on %(date)s", date=format_date(self.env, self.date)),
            "res_model": "collection.insurance.day.line",
            "view_mode": "list,pivot",
            "domain": [("day_id", "=", self.id)],
            "context": {"search_default_group_state": 1},
        }

    def _prepare_line_vals(self, key, cover):
        policy, buyer = cover.buyer or (False, False)
        return {
            "day_id": self.id,
            # What is not invoiced is in no ledger: its key is no line's.
            "line_id": cover.item.stage == BILLED and key,
            "partner_id": cover.item.customer,
            "policy_id": policy,
            "buyer_id": buyer,
            "date_due": cover.item.due,
            "amount": float(cover.exposure),
            "covered": float(cover.covered),
            "uncovered": float(cover.uncovered),
            "indemnity": float(cover.indemnity),
            "state": cover.state,
            "reason": cover.reason,
        }


class CollectionInsuranceDayLine(models.TransientModel):
    """An item that was open on the day, or was delivered and is not invoiced."""

    _name = "collection.insurance.day.line"
    _description = "Cover of an Item on a Day"
    _order = "date_due, id"
    _rec_name = "move_id"

    day_id = fields.Many2one(
        "collection.insurance.day", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="day_id.company_id")
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    line_id = fields.Many2one("account.move.line", ondelete="cascade", readonly=True)
    move_id = fields.Many2one(related="line_id.move_id", string="Document", store=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    policy_id = fields.Many2one("collection.insurance.policy", readonly=True, ondelete="cascade")
    buyer_id = fields.Many2one("collection.insurance.buyer", readonly=True, ondelete="cascade")
    date_due = fields.Date(string="Due Date", readonly=True)
    amount = money("Open")
    covered = money("Covered")
    uncovered = money("Uncovered")
    indemnity = money("Expected Indemnity")
    state = fields.Selection(STATES, string="Cover", readonly=True)
    reason = fields.Selection(REASONS, string="Why", readonly=True)

    def action_open_document(self):
        """Open the document, the customer of what has none yet."""
        self.ensure_one()
        return (self.move_id or self.partner_id).get_formview_action()
