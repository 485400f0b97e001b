from datetime import timedelta
from decimal import Decimal

from odoo import fields, models

from ..engine import promises


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_promise_days = fields.Integer(
        string="Promises: Days Ahead",
        default=21,
        help="A promise reaches so many days ahead at most; a credit manager may allow more.",
    )
    collection_promise_renewals = fields.Integer(
        string="Promises: Renewals",
        default=1,
        help="How often a promise may be put off; a credit manager may allow more.",
    )
    collection_promise_tolerance_days = fields.Integer(
        string="Promises: Tolerance in Days",
        default=2,
        help="Working days after the promised day on which money still counts.",
    )
    collection_promise_tolerance_percent = fields.Float(
        string="Promises: Tolerance in %",
        default=1.0,
        help="Of the promised amount, that may be lacking.",
    )
    collection_plan_approval_amount = fields.Float(
        string="Plans to Approve From",
        default=10000.0,
        help="Company currency. A credit manager approves plans of this amount and above before "
        "they are proposed; 0 asks for no approval.",
    )
    collection_plan_tolerated = fields.Integer(
        string="Instalments That May Be Missed",
        default=0,
        help="A plan breaks when one more is missed; 0 breaks it at once.",
    )
    collection_plan_valid_days = fields.Integer(
        string="Days to Accept a Plan",
        default=14,
        help="The debt of a proposed plan is not dunned so long.",
    )

    _promise_limits = models.Constraint(
        """CHECK (collection_promise_days >= 0 AND collection_promise_renewals >= 0
                  AND collection_promise_tolerance_days BETWEEN 0 AND 30
                  AND collection_promise_tolerance_percent BETWEEN 0 AND 100
                  AND collection_plan_tolerated >= 0 AND collection_plan_valid_days >= 0)""",
        "Limits and tolerances of promises and plans are zero or more.",
    )

    def _collection_promise_tolerance(self, day):
        """Return the engine's tolerance, with the working days that follow ``day``."""
        self.ensure_one()
        return promises.Tolerance(
            days=self.collection_promise_tolerance_days,
            percent=Decimal(str(self.collection_promise_tolerance_percent)),
            calendar=self._collection_calendar(day - timedelta(days=1)),
        )
