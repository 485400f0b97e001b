from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.facts import TASK


class CollectionLevel(models.Model):
    """A task is for the owner of the case, or for somebody else: the credit manager, say."""

    _inherit = "collection.level"

    task_for = fields.Selection(
        [
            ("owner", "Owner of the case"),
            ("manager", "Collections manager"),
            ("salesperson", "Salesperson of the customer"),
            ("user", "A person"),
        ],
        string="Who Does It",
        default="owner",
        required=True,
        help="A task needs no rights in collections. Where there is nobody, the owner gets it.",
    )
    task_user_id = fields.Many2one(
        "res.users", string="Person", domain=[("share", "=", False)], ondelete="restrict"
    )

    @api.constrains("task_for", "task_user_id")
    def _check_task_user(self):
        for level in self:
            if level.task_for == "user" and not level.task_user_id:
                raise ValidationError(
                    self.env._("Say who does the task of level %(level)s.", level=level.name)
                )
        self.task_user_id._check_colleague()

    def _get_worker(self, case):
        """Return who gets a task of this level on a case; on leave, their substitute.

        A step that became a task for want of an address is the owner's.
        """
        self.ensure_one()
        person = {
            "manager": case.company_id.collection_manager_id,
            "salesperson": case.salesperson_id,
            "user": self.task_user_id,
        }.get(self.task_for)
        is_there = person and person.active and case.company_id in person.company_ids
        if self.channel != TASK or not is_there:
            return case._get_person_at_work()
        return case._get_person_at_work(person)
