from odoo import fields
from odoo.tests import tagged

from .common import TODAY
from .promise_common import FRIDAY, PromiseCommon

#: The instalments of a plan of three, the first on a Friday, a month apart.
DATES = [fields.Date.add(FRIDAY, months=months) for months in range(3)]


@tagged("post_install", "-at_install")
class PlanCommon(PromiseCommon):
    """A debt of 1,000.00 in three instalments: drafted, proposed, signed."""

    def _draft(self, items=None, user=None, count=3, **instalments):
        with self._at(f"{TODAY} 08:00:00"):
            case = self.case.with_user(user or self.owner)
            plan = case.env["collection.plan"]._make(
                case, items, {"count": count, "first": FRIDAY, **instalments}
            )
            self.env.flush_all()
        return plan

    def _propose(self, plan, today=TODAY):
        with self._at(f"{today} 09:00:00"):
            plan.action_propose()
            self.env.flush_all()
        self.env.invalidate_all()
        return plan

    def _accept(self, plan, today=TODAY):
        with self._at(f"{today} 10:00:00"):
            signed = self.env["ir.attachment"].create(
                {"name": "signed.pdf", "raw": b"signed", "res_model": plan._name, "res_id": plan.id}
            )
            plan.signed_attachment_ids = signed
            plan.action_accept()
            self.env.flush_all()
        self.env.invalidate_all()
        return plan

    def _active(self, **values):
        return self._accept(self._propose(self._draft(**values))).sudo()

    def _get_dunning(self):
        """Return the reminders that ask for money: the agreement does not."""
        return self.case.reminder_ids.filtered(lambda one: one.kind == "dunning")
