from odoo import api, fields, models
from odoo.addons.account_collections.wording import with_colon
from odoo.exceptions import AccessError
from odoo.tools import format_date

from .collection_insurance_cover import money

CUT, PRE_NOTICE, EXPIRING, ABOVE, UNUSED, GRADE, TO_INSURE = KINDS = (
    "cut", "pre_notice", "expiring", "above", "unused", "grade", "to_insure",
)  # fmt: skip

OPEN, SEEN, OVER = "open", "seen", "over"


class CollectionInsuranceAlert(models.Model):
    """Something about a limit that people have to know: told once, over when it is true no more.

    :meth:`~.alert_find._sync` finds what is true after each refresh, :meth:`~.alert_tell._tell`
    tells of what is new.
    """

    _name = "collection.insurance.alert"
    _description = "Credit Insurance Alert"
    _inherit = ["collection.stateful"]
    _order = "amount desc, id desc"
    _rec_name = "sentence"

    kind = fields.Selection(
        [
            (CUT, "Limit cut"),
            (PRE_NOTICE, "Withdrawal announced"),
            (EXPIRING, "Limit expires"),
            (ABOVE, "Exposure above the limit"),
            (UNUSED, "Limit unused"),
            (GRADE, "Grade fallen"),
            (TO_INSURE, "Buyer to insure"),
        ],
        string="Alert",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [(OPEN, "Open"), (SEEN, "Seen"), (OVER, "Over")],
        default=OPEN,
        required=True,
        readonly=True,
        help="Seen by a person and still true, or true no more.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    policy_id = fields.Many2one(
        "collection.insurance.policy", required=True, readonly=True, index=True, ondelete="cascade"
    )
    buyer_id = fields.Many2one(
        "collection.insurance.buyer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    decision_id = fields.Many2one("collection.insurance.decision", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    case_id = fields.Many2one(
        "collection.case", readonly=True, index="btree_not_null", ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users", string="Owner", readonly=True, help="Who was told of it beside the manager."
    )
    amount = money("Exposure", "What the customer owes, or what of it is uncovered.")
    limit_amount = money("Limit")
    date = fields.Date(string="From or Until", readonly=True)
    found_on = fields.Date(string="Since", readonly=True)
    closed_on = fields.Date(string="Over since", readonly=True)
    seen_by_id = fields.Many2one("res.users", readonly=True)
    activity_ids = fields.Many2many("mail.activity", string="Tasks", readonly=True)
    key = fields.Char(readonly=True, help="What it is about: there is one alert of it at a time.")
    sentence = fields.Char(compute="_compute_sentence", string="What")

    _told_once = models.UniqueIndex("(company_id, key) WHERE state <> 'over'")

    @api.depends_context("lang")
    @api.depends("kind", "date", "amount", "limit_amount")
    def _compute_sentence(self):
        for alert in self:
            alert.sentence = alert._get_sentence()

    @api.depends("sentence")
    def _compute_display_name(self):
        for alert in self:
            alert.display_name = with_colon(self.env, alert._get_name(), alert.sentence)

    def _get_name(self):
        return self.partner_id.name or self.buyer_id.name or ""

    def _get_sentence(self):
        """Return in words what is true of the limit."""
        self.ensure_one()
        values = {
            "amount": self.company_currency_id.format(self.amount),
            "limit": self.company_currency_id.format(self.limit_amount),
            "date": format_date(self.env, self.date) if self.date else "",
            # Apart, for a name of the insurer's wording.
            "decision": self.decision_id.display_name or "",
            "grade": self.buyer_id.grade or "",
            "before": self.buyer_id.grade_before or "",
        }
        return {
            CUT: lambda: self.env._("%(decision)s, from %(date)s; open: %(amount)s", **values),
            PRE_NOTICE: lambda: self.env._(
                "The insurer announced on %(date)s that it withdraws the limit; open: %(amount)s",
                **values,
            ),
            EXPIRING: lambda: self.env._(
                "The limit of %(limit)s ends on %(date)s; open: %(amount)s", **values
            ),
            ABOVE: lambda: self.env._("%(amount)s open for a limit of %(limit)s", **values),
            UNUSED: lambda: self.env._(
                "Of a limit of %(limit)s no more than %(amount)s was used since %(date)s",
                **values,
            ),
            GRADE: lambda: self.env._(
                "Grade %(grade)s since %(date)s, %(before)s before; open: %(amount)s", **values
            ),
            TO_INSURE: lambda: self.env._(
                "%(amount)s uncovered, and no limit was asked for", **values
            ),
        }[self.kind]()

    # === ACTIONS === #

    def action_seen(self):
        """Note that a person knows: the alert stays true, and troubles nobody any more.

        :raises AccessError: for whoever only reads, or may not work on the customer's case
        """
        self.check_access("read")
        if not self.env.user.has_group("account_collections.group_collection_user"):
            raise AccessError(self.env._("Alerts are handled by collectors."))
        # A case's reminders may have waited for this: they go on by whoever works on it.
        self.case_id.check_access("write")
        # The figures of an alert are the product's; its state is the only thing that people set.
        alerts = self.sudo()
        alerts._check_transition(SEEN, (OPEN,))
        alerts.write({"state": SEEN, "seen_by_id": self.env.uid})
        alerts._end_tasks()

    def action_open(self):
        """Open what the alert is about: the buyer, else the customer."""
        self.ensure_one()
        return (self.buyer_id or self.partner_id).get_formview_action()

    @api.model
    def action_open_today(self):
        """Bring the figures of the user's companies up to date, and show what is open."""
        self.check_access("read")
        self.env["collection.insurance.exposure"]._refresh_companies(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_alert_action"
        )
