from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import prescription
from .collection_handover import HANDED_OVER

STEPS = [
    ("accepted", "Accepted by them"),
    ("contact", "Letter, call or visit by them"),
    ("arrangement", "Customer agrees to pay, in writing"),
    ("filed", "Application to the court"),
    ("served", "Served by a bailiff, or summons"),
    ("title", "Judgment or final order"),
    ("enforcement", "Enforcement, seizure"),
    ("refused", "Refused, or given back by them"),
    ("other", "Other"),
]

#: What interrupts prescription. An application alone does not in France: the order is served.
INTERRUPTING = {
    "arrangement": prescription.ACKNOWLEDGED,
    "served": prescription.ACTION,
    "title": prescription.TITLE,
    "enforcement": prescription.ACTION,
}


class CollectionHandoverStep(models.Model):
    """What they did, and when: it is proved in the case, and may restart prescription."""

    _name = "collection.handover.step"
    _description = "Step of a Hand-Over"
    _order = "date desc, id desc"

    handover_id = fields.Many2one(
        "collection.handover", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    date = fields.Date(required=True, default=lambda self: self.env.company._collection_today())
    kind = fields.Selection(STEPS, string="Step", required=True)
    note = fields.Char()
    user_id = fields.Many2one(
        "res.users", string="Noted by", default=lambda self: self.env.user, readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: when it is not handed over, or has not happened yet"""
        steps = super().create(vals_list)
        for step in steps:
            step.handover_id.case_id.check_access("write")
            if step.handover_id.state != HANDED_OVER:
                raise UserError(self.env._("Hand it over before you note what they did."))
            if step.date > step.company_id._collection_today():
                raise UserError(self.env._("It has not happened yet: enter a past day."))
            step._prove()
            step._interrupt()
        return steps

    def write(self, vals):
        """:raises UserError: what happened is not changed"""
        if not self.env.su:
            raise UserError(self.env._("What was noted stays: note another step."))
        return super().write(vals)

    def _prove(self):
        label = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        handover = self.handover_id
        facts = {
            "handover": handover.id,
            "agency": handover.agency_id.display_name,
            "step": self.kind,
            "date": fields.Date.to_string(self.date),
            "note": self.note or "",
        }
        self.env["collection.evidence"]._record(handover.case_id, "handover_step", facts)
        handover._message_log(body=f"{self.date}: {label}. {self.note or ''}")

    def _interrupt(self):
        if kind := INTERRUPTING.get(self.kind):
            label = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
            # Whoever may note the step has it restart prescription.
            self.env["collection.interruption"].sudo().create(
                {
                    "case_id": self.handover_id.case_id.id,
                    "kind": kind,
                    "date": self.date,
                    "move_ids": self.handover_id.line_ids.move_id.ids,
                    "note": f"{self.handover_id.agency_id.display_name}: {label}",
                }
            )
