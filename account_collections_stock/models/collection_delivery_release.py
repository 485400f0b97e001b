from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

ASKED, GRANTED, REFUSED, USED = "asked", "granted", "refused", "used"

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    GRANTED: (ASKED,),
    REFUSED: (ASKED, GRANTED),
    USED: (GRANTED,),
}

#: What a credit manager fills in, until the release is granted or refused.
EDITABLE = {"reason", "date_end", "with_backorders"}

#: Days for which a release is good, unless something else is chosen.
DEFAULT_DAYS = 3


class CollectionDeliveryRelease(models.Model):
    """A held delivery that may leave all the same: asked for in the warehouse, decided by a
    credit manager, with a reason and a last day.

    It is for one delivery. What stays behind as a backorder is held again, unless it was
    released with its backorders.
    """

    _name = "collection.delivery.release"
    _description = "Release of a Held Delivery"
    _inherit = ["mail.thread", "collection.stateful"]
    _order = "id desc"
    _rec_name = "picking_name"

    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", required=True, readonly=True, ondelete="cascade",
        index=True,
    )  # fmt: skip
    # Credit managers may have no rights in the warehouse.
    picking_name = fields.Char(related="picking_id.name", store=True)
    origin = fields.Char(related="picking_id.origin", string="Order")
    scheduled_date = fields.Datetime(related="picking_id.scheduled_date")
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    hold_reason = fields.Text(string="Held Because", readonly=True)
    release_amount = fields.Monetary(
        string="Payment That Releases It", readonly=True, help="0: no payment does."
    )
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True)
    state = fields.Selection(
        [
            (ASKED, "To Decide"),
            (GRANTED, "Released"),
            (REFUSED, "Refused"),
            (USED, "Delivered"),
        ],
        default=ASKED,
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    reason = fields.Char(string="Why Released or Refused", tracking=True)
    date_end = fields.Date(
        string="Good Until",
        tracking=True,
        help="Last day on which the delivery may leave.",
    )
    with_backorders = fields.Boolean(
        tracking=True, help="What stays behind of this delivery may leave too, until that day."
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    used_at = fields.Datetime(string="Delivered on", readonly=True)

    _one_standing = models.UniqueIndex(
        "(picking_id) WHERE state IN ('asked', 'granted')",
        "A release of this delivery is asked for, or granted, already.",
    )

    # === STATES === #

    def _set_state(self, state, **values):
        """Move releases to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        # Of two who decide at once the second is refused, or sees what the first decided.
        self.lock_for_update()
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})

    def write(self, vals):
        """:raises UserError: when something else than the decision is written, or too late"""
        if not self.env.su and (
            set(vals) - EDITABLE or any(release.state != ASKED for release in self)
        ):
            raise UserError(
                self.env._("What was decided of a delivery is not changed: ask for it again.")
            )
        return super().write(vals)

    # === ACTIONS === #

    def action_grant(self):
        """Let the delivery leave.

        :raises AccessError: for anybody but a credit manager
        :raises UserError: without a reason, or a last day that is still to come
        """
        self._check_manager()
        for release in self:
            if not release.reason:
                raise UserError(self.env._("Write down why it may leave."))
            if not release.date_end or release.date_end < release.company_id._collection_today():
                raise UserError(self.env._("Enter the last day on which it may leave."))
            release._decide(
                GRANTED,
                "delivery_released",
                self.env._(
                    "Released by credit management until %(date)s: %(reason)s",
                    date=format_date(self.env, release.date_end),
                    reason=release.reason,
                ),
            )
        return True

    def action_refuse(self):
        """Keep the delivery, or take its release back before it is used.

        :raises AccessError: for anybody but a credit manager
        """
        self._check_manager()
        for release in self:
            release._decide(
                REFUSED,
                "delivery_refused",
                self.env._("Credit management does not release it. %s", release.reason or ""),
            )
        return True

    def _check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager releases deliveries."))

    def _decide(self, state, event, words):
        self._set_state(state, decided_by_id=self.env.uid, decided_at=fields.Datetime.now())
        # The warehouse reads it on the delivery, which a credit manager may not see.
        self.sudo().picking_id.message_post(body=words)
        self._record(event)

    def _record(self, event):
        """Prove the decision in the customer's case, where there is one."""
        case = self.partner_id.sudo().collection_case_ids.filtered(
            lambda one: one.company_id == self.company_id
        )
        facts = {"delivery": self.picking_name, "why": self.reason or ""}
        if self.date_end:
            facts["until"] = fields.Date.to_string(self.date_end)
        self.env["collection.evidence"]._record(case, event, facts)

    def _announce(self):
        """Tell whoever works on the customer's case that a delivery waits for a decision."""
        case = self.partner_id.collection_case_ids.filtered(
            lambda one: one.company_id == self.company_id
        )
        if not case:
            return
        person = case._get_person_at_work()
        words = self.with_context(lang=person.lang).env
        case.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=words._("Held delivery to decide: %s", self.picking_name),
            user_id=person.id,
        )

    # === USE === #

    @api.model
    def _find_usable(self, picking):
        """Return the release by which a delivery may leave today, empty without one."""
        today = picking.company_id._collection_today()
        usable = [("state", "=", GRANTED), ("date_end", ">=", today)]
        own = self.search([*usable, ("picking_id", "=", picking.id)])
        before = picking.backorder_id
        while not own and before:
            own = self.search(
                [*usable, ("picking_id", "=", before.id), ("with_backorders", "=", True)]
            )
            before = before.backorder_id
        return own[:1]

    def _use(self):
        """Note that the delivery left; a release with backorders stays good until its day."""
        if self.with_backorders:
            self.used_at = fields.Datetime.now()
        else:
            self._set_state(USED, used_at=fields.Datetime.now())
