from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: Why, by the engine's code.
SENTENCES = {
    "contested": _lt("It is contested: nobody pays it before %(until)s."),
    "promised": _lt("It is promised for %(day)s: %(percent)s %% of such promises are kept."),
    "overdue": _lt("It is overdue, and was not paid until today; days late: %(days)s."),
    "habit": _lt(
        "The customer usually pays %(usual)s (%(count)s payments); all customers: %(common)s."
    ),
    "little_history": _lt(
        "There are few payments (%(count)s, usually %(usual)s): customers who pay alike count too."
    ),
    "no_history": _lt("The customer has paid nothing yet: all customers usually pay %(common)s."),
    "weekday": _lt("It likes to pay on the same day of the week: %(weekday)s."),
    "slower": _lt("It has been paying %(days)s days later for some months than before."),
    "faster": _lt("It has been paying %(days)s days earlier for some months than before."),
}


class CollectionPrediction(models.Model):
    """When an open item will probably be paid, as of the last run."""

    _name = "collection.prediction"
    _description = "Prediction of a Payment"
    _order = "date_p50, id"
    _rec_name = "line_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    line_id = fields.Many2one(
        "account.move.line", string="Item", required=True, readonly=True, ondelete="cascade"
    )
    behaviour_id = fields.Many2one(
        "collection.behaviour", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="behaviour_id.partner_id", string="Customer")
    date_p50 = fields.Date(
        "Expected", readonly=True, help="It is paid by then as likely as not; none: nobody knows."
    )
    date_p80 = fields.Date(
        "Expected at 80 %", readonly=True, help="Four such items in five are paid by then."
    )
    risk_late = fields.Float("Risk Late", readonly=True, help="Probability to be paid after due.")
    risk_late15 = fields.Float("Risk over 15 Days Late", readonly=True)
    risk_late30 = fields.Float("Risk over 30 Days Late", readonly=True)
    weeks = fields.Json(readonly=True, help="Probability to be paid in each of the next 13 weeks.")
    usual_weeks = fields.Json(readonly=True, help="The same from habit alone.")
    contested_weeks = fields.Json(readonly=True, help="The same of what is contested of it.")
    reasons = fields.Json(readonly=True)
    sentences = fields.Text("Why", compute="_compute_sentences")
    weeks_text = fields.Text("By Week", compute="_compute_weeks_text")
    computed_on = fields.Date("As of", readonly=True)

    _line_unique = models.UniqueIndex("(line_id)")
    _by_day = models.Index("(company_id, computed_on)")

    @api.depends_context("lang")
    @api.depends("reasons", "behaviour_id.trend")
    def _compute_sentences(self):
        for prediction in self:
            reasons = [*(prediction.reasons or []), *prediction._get_trend()]
            prediction.sentences = "\n".join(
                self.env._(SENTENCES[code]) % prediction._in_words(values)
                for code, values in reasons
            )

    def _get_trend(self):
        """Return the trend as a reason, where it is one."""
        trend = round(self.behaviour_id.trend)
        if abs(trend) < 5:
            return []
        return [("slower" if trend > 0 else "faster", {"days": abs(trend)})]

    def _in_words(self, values):
        """Return the values of a reason as its sentence needs them."""
        words = dict(values)
        for name in {"usual", "common"} & words.keys():
            words[name] = self._late_in_words(words[name])
        for name in {"until", "day"} & words.keys():
            words[name] = format_date(self.env, words[name])
        if "weekday" in words:
            monday = fields.Date.to_date("2024-01-01")
            day = fields.Date.add(monday, days=words["weekday"])
            words["weekday"] = format_date(self.env, day, date_format="EEEE")
        return words

    def _late_in_words(self, days):
        if not days:
            return self.env._("on the due date")
        if days == 1:
            return self.env._("the day after it is due")
        if days == -1:
            return self.env._("the day before it is due")
        if days > 0:
            return self.env._("%s days after the due date", days)
        return self.env._("%s days before the due date", -days)

    @api.depends_context("lang")
    @api.depends("weeks", "computed_on")
    def _compute_weeks_text(self):
        """Name the weeks in which it may well be paid, and what is left after all of them."""
        for prediction in self:
            chances = prediction.weeks or []
            lines = [
                self.env._(
                    "Week until %(day)s: %(percent)s %%",
                    day=format_date(
                        self.env, fields.Date.add(prediction.computed_on, weeks=week + 1)
                    ),
                    percent=round(chance * 100),
                )
                for week, chance in enumerate(chances)
                if chance >= 0.01
            ]
            rest = 1 - sum(chances)
            if rest >= 0.01:
                lines.append(self.env._("Later or never: %s %%", round(rest * 100)))
            prediction.weeks_text = "\n".join(lines)
