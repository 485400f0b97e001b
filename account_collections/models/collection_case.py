from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.mail import unfold_references

from .collection_defaults import without_defaults

#: States that a run sets by itself; the others are a person's decision and stay.
AUTOMATIC_STATES = ("current", "dunning", "promised", "disputed", "paused", "formal_notice")

#: Allowed moves to the states that a person chooses, from where.
TRANSITIONS = {
    "insolvency": (*AUTOMATIC_STATES, "legal"),
    "legal": (*AUTOMATIC_STATES, "insolvency"),
    "closed": (*AUTOMATIC_STATES, "insolvency", "legal"),
    "current": ("insolvency", "legal", "closed"),
}

#: Written by runs, transitions and merges only.
PROTECTED = {
    "company_id",
    "partner_id",
    "state",
    "scenario_id",
    "decision_id",
    "outstanding",
    "overdue",
    "disputed",
    "oldest_due",
    "item_count",
    "max_rank",
    "last_contact",
    "next_date",
    "interest_claimable",
    "promised_amount",
    "promised_until",
    "promise_count",
    "promise_kept_rate",
    "promise_kept_amount_rate",
    "unpaid_share",
}


#: What a new case cannot be given either.
FIGURES = PROTECTED - {"company_id", "partner_id"}


class CollectionCase(models.Model):
    """One debtor in one company, for ever: its owner, its figures, every exchange."""

    _name = "collection.case"
    _description = "Collection Case"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.stateful"]
    _order = "overdue desc, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, index=True, ondelete="restrict"
    )
    country_id = fields.Many2one(related="partner_id.country_id", store=True)
    salesperson_id = fields.Many2one(related="partner_id.user_id", store=True)
    active = fields.Boolean(default=True)
    portfolio_id = fields.Many2one(
        "collection.portfolio", index="btree_not_null", tracking=True, check_company=True
    )
    is_live = fields.Boolean(related="portfolio_id.is_live")
    team_id = fields.Many2one(related="portfolio_id.team_id")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        [
            ("current", "Up to date"),
            ("dunning", "In dunning"),
            ("promised", "Promised"),
            ("disputed", "Disputed"),
            ("paused", "Paused"),
            ("formal_notice", "Formal notice"),
            ("insolvency", "Insolvency"),
            ("legal", "Legal"),
            ("closed", "Closed"),
        ],
        default="current",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
    )
    do_not_contact = fields.Boolean(
        tracking=True, help="Nobody is written to by scenario, whatever is owed."
    )

    scenario_id = fields.Many2one(
        "collection.scenario", readonly=True, copy=False, index="btree_not_null"
    )
    forced_scenario_id = fields.Many2one(
        "collection.scenario",
        tracking=True,
        check_company=True,
        help="Chosen by a person, instead of the scenario whose segment takes the customer.",
    )
    scenario_origin = fields.Selection(
        [("automatic", "Automatic"), ("forced", "Forced")], compute="_compute_scenario_origin"
    )

    # Figures of the last run, so that lists sort, group and export them.
    outstanding = fields.Monetary(readonly=True, copy=False)
    overdue = fields.Monetary(readonly=True, copy=False, help="Net of credits and withheld items.")
    disputed = fields.Monetary(
        readonly=True, copy=False, help="Contested by the customer, and not asked for meanwhile."
    )
    oldest_due = fields.Date(string="Oldest Due Date", readonly=True, copy=False)
    days_overdue = fields.Integer(compute="_compute_days_overdue", search="_search_days_overdue")
    item_count = fields.Integer(readonly=True, copy=False)
    max_rank = fields.Integer(string="Level Reached", readonly=True, copy=False)
    last_contact = fields.Date(string="Last Reminder", readonly=True, copy=False)
    next_date = fields.Date(string="Next Reminder", readonly=True, copy=False)
    unanswered_since = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Since when a message of the customer waits for an answer.",
    )

    decision_id = fields.Many2one(
        "collection.decision", readonly=True, copy=False, ondelete="set null"
    )
    decision_sentence = fields.Char(related="decision_id.sentence", string="Today")
    decision_ids = fields.One2many("collection.decision", "case_id", string="Past Decisions")
    reminder_ids = fields.One2many("collection.reminder", "case_id")
    reminder_count = fields.Integer(compute="_compute_counts")
    hold_ids = fields.One2many("collection.hold", "case_id")
    current_hold_id = fields.Many2one("collection.hold", compute="_compute_current_hold")
    item_ids = fields.One2many("collection.item", "case_id", readonly=True)
    debtor_ids = fields.One2many("collection.debtor", "case_id", string="Ledger Partners")

    _partner_unique = models.UniqueIndex("(company_id, partner_id)")
    _worklist = models.Index("(company_id, user_id, overdue DESC)")

    # === COMPUTES === #

    @api.depends("partner_id.display_name")
    def _compute_display_name(self):
        # Of its customers a list of cases needs what their names are made of, not all columns.
        self.partner_id.fetch(
            ["name", "type", "is_company", "parent_id", "company_name", "commercial_company_name"]
        )
        for case in self:
            case.display_name = case.partner_id.display_name

    @api.depends("forced_scenario_id", "scenario_id")
    def _compute_scenario_origin(self):
        for case in self:
            origin = "forced" if case.forced_scenario_id else "automatic"
            case.scenario_origin = origin if case.scenario_id else False

    @api.depends("oldest_due")
    def _compute_days_overdue(self):
        today = fields.Date.context_today(self)
        for case in self:
            case.days_overdue = max((today - case.oldest_due).days, 0) if case.oldest_due else 0

    @api.model
    def _search_days_overdue(self, operator, value):
        """Days grow as the date goes back, hence the mirrored operator."""
        mirrored = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "="}
        if operator not in mirrored or isinstance(value, bool):
            return NotImplemented
        limit = fields.Date.subtract(fields.Date.context_today(self), days=value)
        return [("oldest_due", mirrored[operator], limit)]

    def _compute_counts(self):
        counts = dict(
            self.env["collection.reminder"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.reminder_count = counts.get(case, 0)

    @api.depends("hold_ids.date_start", "hold_ids.date_end", "hold_ids.lifted_on")
    def _compute_current_hold(self):
        today = fields.Date.context_today(self)
        for case in self:
            case.current_hold_id = case.hold_ids.filtered(
                lambda hold: not hold.lifted_on and hold.date_start <= today <= hold.date_end
            )[:1]

    # === STATES === #

    def _set_state(self, state):
        """Move cases to a state that a person chooses.

        :raises AccessError: for anybody but a credit manager
        :raises UserError: when the move is not allowed from where a case stands
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(
            "account_collections.group_collection_manager"
        ):
            raise AccessError(self.env._("A credit manager decides on the stage of a case."))
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition and the runs write it.
        self.sudo().state = state
        if state != "current":
            self.reminder_ids.filtered("is_waiting")._cancel("state")

    @api.model_create_multi
    def create(self, vals_list):
        """A new case has no figures yet, and its stage is where every case starts.

        :raises UserError: when one of them is given
        """
        if self.env.su:
            return super().create(vals_list)
        if any(FIGURES & set(vals) for vals in vals_list):
            raise UserError(self.env._("This is not changed by hand: use the buttons."))
        cases = super(CollectionCase, without_defaults(self, FIGURES)).create(vals_list)
        cases.user_id._check_colleague()
        return cases

    def write(self, vals):
        """Figures and state come from runs and transitions, never from a form or a call.

        :raises UserError: when one of them is written, or a case is archived that no run would
            look at any more although money is owed
        """
        if not self.env.su and PROTECTED & set(vals):
            raise UserError(self.env._("This is not changed by hand: use the buttons."))
        if not vals.get("active", True):
            self._check_nothing_owed()
        result = super().write(vals)
        if "user_id" in vals and not self.env.su:
            self.user_id._check_colleague()
        return result

    def _check_nothing_owed(self):
        self.env.flush_all()
        item = self.env["collection.item"].sudo().search([("case_id", "in", self.ids)], limit=1)
        if item:
            raise UserError(
                self.env._(
                    "%(case)s has open items: pause or close the case instead of archiving it.",
                    case=item.case_id.display_name,
                )
            )

    # === ACTIONS === #

    def action_set_insolvency(self):
        self._set_state("insolvency")
        return True

    def action_set_legal(self):
        self._set_state("legal")
        return True

    def action_close(self):
        self._set_state("closed")
        return True

    def action_reopen(self):
        self._set_state("current")
        return True

    def action_lift_hold(self):
        self.current_hold_id._lift(fields.Date.context_today(self))
        self._decide_again()
        return True

    def action_answered(self):
        """The customer's message was dealt with."""
        self.unanswered_since = False
        return True

    def action_decide_again(self):
        self._decide_again()
        return True

    def action_why(self):
        """Open the decision of today with every guard that was asked."""
        self.ensure_one()
        if not self.decision_id:
            raise UserError(self.env._("No run has looked at this case yet."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why?"),
            "res_model": "collection.decision",
            "res_id": self.decision_id.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_open_items(self):
        return self._open_related("account_collections.collection_item_action")

    def action_open_reminders(self):
        return self._open_related("account_collections.collection_reminder_action")

    def action_open_decisions(self):
        return self._open_related("account_collections.collection_decision_action")

    def _open_related(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {
            **action,
            "domain": [("case_id", "=", self.id)],
            "context": {"default_case_id": self.id},
        }

    def _get_responsible(self):
        """Return who acts on the case: its owner, the portfolio's, else the company's fallback."""
        self.ensure_one()
        return (
            self.user_id
            or self.portfolio_id.user_id
            or self.company_id.collection_user_id
            or self.env.user
        )

    def _get_contact(self):
        """Return whom a customer may ask: a person who acts on the case; nobody, rather than
        Odoo's own user or one who left."""
        self.ensure_one()
        people = self.user_id | self.portfolio_id.user_id | self.company_id.collection_user_id
        return people.filtered(lambda user: user.active and user.id != SUPERUSER_ID)[:1]

    def _queue(self):
        """Let one worker at a time promise, contest, hand over or declare what these owe.

        The other one waits here, and then starts again on what the first has written: with a mere
        lock it would go on with what it saw before, so the rows are written as they are.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_case cases SET write_date = cases.write_date
                  FROM (SELECT id FROM collection_case WHERE id = ANY(%s)
                      ORDER BY id FOR NO KEY UPDATE) taken
                 WHERE taken.id = cases.id
                """,
                self.ids,
            )
        )

    def _decide_again(self):
        """Take today's decision on these few cases at once, as a run would."""
        for company, cases in self.grouped("company_id").items():
            # A collector may run the decision on a case without rights on the ledger's
            # tables or the scenario; what is written is what the daily run would write.
            cases.check_access("write")
            today = company._collection_today()
            run = self.env["collection.run"].sudo()
            created = run._process_batch(cases.sudo(), company, today)
            # Written at once, to be read before it leaves.
            reminders = self.env["collection.reminder"].sudo().browse(created)
            self.env["collection.prepare"]._prepare(reminders)

    # === MAIL === #

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Answers come back through the collections address of the company, if there is one."""
        reply_to = super()._notify_get_reply_to(default=default, author_id=author_id)
        for case in self:
            if address := case.company_id._collection_address():
                reply_to[case.id] = address
        return reply_to

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Unprompted mail of a customer joins its case; an unknown sender gets one.

        So does an answer to a reminder that is unconfirmed: it arrived, but is no message here.
        Nothing that a customer writes is lost: without a case of the sender's company there
        is a new one, with a person to look at it.
        """
        answered = f"{msg_dict.get('in_reply_to')} {msg_dict.get('references')}"
        reminder = self.env["collection.reminder"].search(
            [("message_id", "in", unfold_references(answered))], limit=1
        )
        if reminder:
            return reminder.case_id
        values = dict(custom_values or {})
        company = self.env["res.company"].browse(values.get("company_id")) or self.env.company
        author = self.env["res.partner"].browse(msg_dict.get("author_id"))
        if not author:
            author = self._partner_find_from_emails_single([msg_dict["email_from"]])
        debtor = author.commercial_partner_id
        known = self.env["collection.debtor"]._find_case(company, author)
        case = known or self.with_context(active_test=False).search(
            [("company_id", "=", company.id), ("partner_id", "=", debtor.id)], limit=1
        ) or self.create({"company_id": company.id, "partner_id": debtor.id})
        self.env["collection.portfolio"]._assign(case)
        return case

    # === MERGE === #

    @api.model
    def _merge_partners(self, sources, target):
        """Bring the cases of partners that are being merged into the target's, losing nothing.

        :param sources: partners that will disappear
        :param target: partner that stays
        """
        cases = self.with_context(active_test=False).search(
            [("partner_id", "in", (sources | target).ids)]
        )
        for company_cases in cases.grouped("company_id").values():
            kept = company_cases.filtered(lambda case: case.partner_id == target)
            kept = kept or company_cases[:1]
            for case in company_cases - kept:
                case._merge_into(kept)
            kept.partner_id = target
        # What is left of them is mapped anew afterwards.
        self.env["collection.debtor"]._forget(sources)

    def _merge_into(self, target):
        """Move every record of this case to ``target``, the chatter included; then drop it."""
        self.ensure_one()
        # What was to leave is decided anew; what is with a person or uncertain stays so.
        self.reminder_ids.filtered(
            lambda reminder: reminder.state in ("to_approve", "scheduled")
        )._cancel("merged")
        for records in (self.decision_ids, self.reminder_ids):
            # Those of an earlier merge keep the case that they were made for.
            records.filtered(lambda record: not record.merged_from).merged_from = self.id
        # The chain knows events by the case of their day: this one tells where they went.
        self.env["collection.evidence"]._record(target, "merged", {"merged_case": self.id})
        self.env.flush_all()
        for table, column in self._get_case_references():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE %s = %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    target.id,
                    SQL.identifier(column),
                    self.id,
                )
            )
        self.env.invalidate_all()
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "=", self.id)]
        )
        messages.res_id = target.id
        self.activity_ids.res_id = target.id
        self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        ).res_id = target.id
        target.write(
            {
                "unanswered_since": target.unanswered_since or self.unanswered_since,
                "user_id": (target.user_id or self.user_id).id,
                "portfolio_id": (target.portfolio_id or self.portfolio_id).id,
                "do_not_contact": target.do_not_contact or self.do_not_contact,
                "forced_scenario_id": (target.forced_scenario_id or self.forced_scenario_id).id,
                "state": self._get_merged_state(target),
            }
        )
        self.unlink()

    def _get_merged_state(self, target):
        """Return the stage of a merged case: insolvency and legal are of the debtor itself."""
        if target.state in AUTOMATIC_STATES and self.state in ("insolvency", "legal"):
            return self.state
        return target.state

    @api.model
    def _get_case_references(self):
        """Return (table, column) of what moves when two cases merge; add-ons add their own."""
        return [
            ("collection_debtor", "case_id"),
            ("collection_hold", "case_id"),
            ("collection_decision", "case_id"),
            ("collection_reminder", "case_id"),
            ("collection_evidence", "case_id"),
            ("collection_promise", "case_id"),
            ("collection_dispute", "case_id"),
            ("collection_plan", "case_id"),
        ]
