from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import facts

CHANNELS = [
    (facts.EMAIL, "E-mail"),
    (facts.SMS, "SMS"),
    (facts.LETTER, "Letter"),
    (facts.REGISTERED, "Registered letter"),
    (facts.CALL, "Phone call"),
    (facts.TASK, "Task for a person"),
]

#: Roles that a customer's contact may have, by which a level finds its recipient.
CONTACT_ROLES = [
    ("invoice", "Payables contact"),
    ("buyer", "Buyer"),
    ("ordering", "Ordering service"),
    ("finance", "Finance director"),
    ("director", "Managing director"),
    ("legal", "Legal representative"),
]

CUSTOMER_ROLES = tuple(role for role, _label in CONTACT_ROLES)

RECIPIENT_ROLES = [
    ("invoice", "Payables contact, else the company's address"),
    *CONTACT_ROLES[1:],
    ("salesperson", "Our salesperson"),
]

TONES = [
    ("warm", "Warm"),
    ("courteous", "Courteous"),
    ("neutral", "Neutral"),
    ("direct", "Direct"),
    ("firm", "Firm"),
    ("formal", "Formal notice"),
]


class CollectionLevel(models.Model):
    """One step of a scenario: when, by which channel, to whom, in which tone."""

    _name = "collection.level"
    _description = "Collection Level"
    _order = "scenario_id, rank, id"
    _rec_names_search = ["name", "scenario_id.name"]

    name = fields.Char(required=True, translate=True)
    scenario_id = fields.Many2one(
        "collection.scenario", required=True, ondelete="cascade", index=True
    )
    rank = fields.Integer(
        required=True,
        default=lambda self: self._default_rank(),
        help="Severity on a scale common to all scenarios: an item keeps its rank when its "
        "customer changes scenario. Leave gaps to insert levels later.",
    )
    trigger = fields.Selection(
        [
            (facts.BEFORE_DUE, "Before due date"),
            (facts.OVERDUE, "Overdue"),
            (facts.AFTER_PAYMENT, "After payment"),
        ],
        default=facts.OVERDUE,
        required=True,
    )
    delay = fields.Integer(
        string="Days from Due Date",
        required=True,
        help="Days relative to the due date; negative is before. A thank-you after payment "
        "leaves on the next working day, once, when nothing else is overdue.",
    )
    min_days = fields.Integer(
        string="Days between Reminders",
        default=7,
        help="Days to leave after the previous reminder to the same customer.",
    )
    min_amount = fields.Float(
        string="From Amount",
        help="Company currency. Below this overdue total the level is passed over; for a "
        "reminder before due, it is the total that it announces.",
    )
    channel = fields.Selection(CHANNELS, default=facts.EMAIL, required=True)
    other_channel_ids = fields.One2many(
        "collection.level.channel",
        "level_id",
        string="Other Channels",
        copy=True,
        help="Where the recipient has no address for the first channel, the next one is tried; "
        "what leaves beside it says the same at the same time.",
    )
    channel_summary = fields.Char(string="Channels", compute="_compute_channel_summary")
    uses_email = fields.Boolean(compute="_compute_uses")
    uses_sms = fields.Boolean(compute="_compute_uses")
    uses_paper = fields.Boolean(compute="_compute_uses")
    tone = fields.Selection(TONES, default="courteous", required=True)
    recipient_role = fields.Selection(
        RECIPIENT_ROLES,
        string="Recipient",
        default="invoice",
        required=True,
        help="The contact with this role. Where nobody has it, or the one who has it has no "
        "usable address: the managing director and the legal representative stand in for each "
        "other, the buyer and the ordering service too; then the payables contact, the invoice "
        "address and the customer itself. Without a salesperson, the owner is given a task.",
    )
    copy_salesperson = fields.Boolean(
        string="Copy to Salesperson",
        help="The salesperson of the customer is notified of the reminder in Odoo.",
    )
    copy_manager = fields.Boolean(
        string="Copy to Collections Manager",
        help="The collections manager of the company is notified of the reminder in Odoo.",
    )
    template_id = fields.Many2one(
        "mail.template", domain=[("model", "=", "collection.reminder")], ondelete="restrict"
    )
    task_note = fields.Text(
        string="Instructions", translate=True, help="What the person has to do."
    )
    attach_statement = fields.Boolean(default=True)
    attach_statement_xlsx = fields.Boolean(
        string="Attach Statement (XLSX)", help="The statement as a spreadsheet too, or instead."
    )
    attach_invoices = fields.Boolean(default=True)
    approval = fields.Boolean(
        string="To Approve", help="A credit manager approves before it leaves."
    )
    undeliverable = fields.Selection(
        [
            (facts.GIVE_TO_PERSON, "Give it to the owner as a task"),
            (facts.WAIT, "Wait until there is an address"),
        ],
        string="Without an Address",
        default=facts.GIVE_TO_PERSON,
        required=True,
    )
    formal_notice = fields.Boolean(
        help="Once it went out, the case stands at the stage of formal notice."
    )

    _rank_unique = models.UniqueIndex(
        "(scenario_id, rank)", "Two levels of a scenario cannot have the same rank."
    )
    _rank_positive = models.Constraint("CHECK (rank > 0)", "The rank of a level is above zero.")
    _min_days_positive = models.Constraint(
        "CHECK (min_days >= 0)", "The days between reminders cannot be negative."
    )

    @api.model
    def _default_rank(self):
        scenario = self.env.context.get("default_scenario_id")
        last = self.search([("scenario_id", "=", scenario)], order="rank desc", limit=1)
        return last.rank + 10

    @api.depends("name", "scenario_id.name")
    @api.depends_context("lang", "show_scenario")
    def _compute_display_name(self):
        """Name the scenario too where levels of several are offered: many are alike."""
        super()._compute_display_name()
        if self.env.context.get("show_scenario"):
            for level in self:
                level.display_name = f"{level.scenario_id.name} · {level.name}"

    @api.onchange("trigger")
    def _onchange_trigger(self):
        """A thank-you has no delay of its own and asks for nothing."""
        if self.trigger == facts.AFTER_PAYMENT:
            self.update({"delay": 0, "attach_statement": False, "attach_invoices": False})

    @api.constrains("trigger", "scenario_id")
    def _check_one_thanks(self):
        for scenario in self.scenario_id:
            thanks = scenario.level_ids.filtered(lambda one: one.trigger == facts.AFTER_PAYMENT)
            if len(thanks) > 1:
                raise ValidationError(
                    self.env._(
                        "Scenario %(name)s: a customer is thanked once, by one level.",
                        name=scenario.name,
                    )
                )

    @api.constrains("trigger", "delay", "rank", "scenario_id")
    def _check_delays(self):
        for level in self:
            if (level.trigger == facts.BEFORE_DUE) != (level.delay < 0):
                raise ValidationError(
                    self.env._(
                        "Level %(name)s: days are negative before the due date, "
                        "zero or more after it.",
                        name=level.name,
                    )
                )
        for scenario in self.scenario_id:
            steps = scenario.level_ids.filtered(lambda one: one.trigger != facts.AFTER_PAYMENT)
            delays = steps.sorted("rank").mapped("delay")
            if delays != sorted(delays):
                raise ValidationError(
                    self.env._(
                        "Scenario %(name)s: a higher rank cannot come earlier than a lower one.",
                        name=scenario.name,
                    )
                )

    def _get_channels(self):
        """Return all channels that the level may leave by."""
        self.ensure_one()
        return {self.channel, *self.other_channel_ids.mapped("channel")}

    @api.depends("channel", "other_channel_ids.channel")
    def _compute_uses(self):
        for level in self:
            channels = level._get_channels()
            level.uses_email = facts.EMAIL in channels
            level.uses_sms = facts.SMS in channels
            level.uses_paper = not channels.isdisjoint(facts.ON_PAPER)

    @api.depends_context("lang")
    @api.depends("channel", "other_channel_ids.channel", "other_channel_ids.joins")
    def _compute_channel_summary(self):
        """'E-mail, else Letter, and SMS': what a person reads in a list."""
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for level in self:
            words = [labels[level.channel] if level.channel else ""]
            for joins in ("else", "and"):
                for other in level.other_channel_ids:
                    if other.joins == joins and other.channel:
                        label = labels[other.channel]
                        words.append(
                            self.env._("else %(channel)s", channel=label)
                            if joins == "else"
                            else self.env._("and %(channel)s", channel=label)
                        )
            level.channel_summary = ", ".join(words)

    @api.constrains("channel", "other_channel_ids", "template_id")
    def _check_template(self):
        for level in self:
            if level.uses_email and not level.template_id:
                raise ValidationError(
                    self.env._(
                        "Level %(name)s sends an e-mail: choose its template.", name=level.name
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_cancel_waiting(self):
        """Reminders of a deleted level cannot be written any more: they do not leave."""
        waiting = self.env["collection.reminder"].search(
            [("level_id", "in", self.ids), ("state", "in", ("to_approve", "scheduled"))]
        )
        if waiting and not self.env.user.has_group(
            "account_collections.group_collection_manager"
        ):
            raise UserError(
                self.env._("Reminders of this level wait to leave; ask a credit manager.")
            )
        waiting._cancel("level_deleted")

    def _get_facts(self):
        """Return the engine's view of the level."""
        return facts.Level(**self._prepare_facts())

    def _prepare_facts(self):
        """Return the values of the engine's level."""
        self.ensure_one()
        return {
            "key": self.id,
            "rank": self.rank,
            "trigger": self.trigger,
            "delay": self.delay,
            "min_days": self.min_days,
            "min_amount": self.env["collection.ledger"]._to_decimal(self.min_amount),
            "channel": self.channel,
            "fallbacks": tuple(
                other.channel for other in self.other_channel_ids if other.joins == "else"
            ),
            "beside": tuple(
                other.channel for other in self.other_channel_ids if other.joins == "and"
            ),
            "role": self.recipient_role,
            "approval": self.approval,
            "undeliverable": self.undeliverable,
            "formal_notice": self.formal_notice,
        }
