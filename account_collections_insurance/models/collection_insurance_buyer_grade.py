from odoo import fields, models


class CollectionInsuranceBuyer(models.Model):
    """Keeps a buyer's last grade: a fall is news."""

    _inherit = "collection.insurance.buyer"

    grade_before = fields.Char(string="Grade before", readonly=True, copy=False)
    grade_before_value = fields.Float(string="Grade before (0-100)", readonly=True, copy=False)
    grade_changed_on = fields.Date(
        string="Grade Changed on", readonly=True, copy=False, index="btree_not_null"
    )

    def write(self, vals):
        """A grade in the place of another one is a change; a first one is none."""
        if "grade" not in vals:
            return super().write(vals)
        graded = self.filtered(
            lambda buyer: buyer.grade != vals["grade"] and buyer._normalise_grade() is not None
        )
        for (grade, policy), buyers in graded.grouped(
            lambda buyer: (buyer.grade, buyer.policy_id)
        ).items():
            buyers.write(
                {
                    "grade_before": grade,
                    "grade_before_value": buyers[0].grade_value,
                    "grade_changed_on": policy.company_id._collection_today(),
                }
            )
        result = super().write(vals)
        # What is not on the scale is neither better nor worse.
        unknown = graded.filtered(lambda buyer: buyer._normalise_grade() is None)
        unknown.write({"grade_changed_on": False})
        return result
