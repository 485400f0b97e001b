from odoo import api, fields, models


class CollectionCase(models.Model):
    """How the customers of a case pay."""

    _inherit = "collection.case"

    behaviour_ids = fields.One2many("collection.behaviour", "case_id", readonly=True)
    days_late = fields.Float(
        compute="_compute_days_late",
        digits=(16, 0),
        help="Of payments in the last 24 months, by amount; below zero is early.",
    )

    letter = fields.Char(
        "Rating", compute="_compute_letter", help="The worst of its customers, A is best."
    )

    @api.depends("behaviour_ids.letter")
    def _compute_letter(self):
        for case in self:
            case.letter = max(filter(None, case.behaviour_ids.mapped("letter")), default=False)

    @api.depends("behaviour_ids.late_weighted", "behaviour_ids.paid_amount")
    def _compute_days_late(self):
        for case in self:
            known = case.behaviour_ids
            paid = sum(known.mapped("paid_amount"))
            weighted = sum(one.late_weighted * one.paid_amount for one in known)
            case.days_late = weighted / paid if paid else 0

    def action_open_behaviour(self):
        """Show how the customers of the case pay: one as a form, several as a list."""
        return self.behaviour_ids._open()

    def _give_task(self, day, tell):
        """Give whoever works on the case something to do.

        :param tell: function that says what, of the case in their language
        """
        self.ensure_one()
        person = self._get_responsible()
        case = self.with_context(lang=person.lang)
        case.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=day,
            user_id=person.id,
            summary=tell(case),
        )

    def _get_case_references(self):
        tables = ("collection_behaviour", "collection_forecast_item")
        return [*super()._get_case_references(), *((table, "case_id") for table in tables)]
