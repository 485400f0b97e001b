import logging
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.addons.account_collections.models.collection_credit_release import (
    ASKED,
    PAID,
    USED,
)

_logger = logging.getLogger(__name__)


class CollectionOrderRelease(models.Model):
    """A held order that waits: for a payment, or for a credit manager's decision.

    It is for one order, of the amount it had: an order that grew since is held again.
    """

    _name = "collection.order.release"
    _description = "Release of a Held Order"
    _inherit = "collection.credit.release"
    _rec_name = "order_name"

    _granted_event, _refused_event = "order_released", "order_refused"
    _held_fact = "order"

    order_id = fields.Many2one(
        "sale.order", string="Quotation", required=True, readonly=True, ondelete="cascade",
        index=True,
    )  # fmt: skip
    # Credit managers may have no rights in sales.
    order_name = fields.Char(related="order_id.name", store=True)
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    amount = fields.Monetary(
        string="Order", readonly=True, help="Total with tax when it was asked for."
    )
    state = fields.Selection(
        selection_add=[(PAID, "Paid"), (USED, "Confirmed")], ondelete={PAID: "cascade"}
    )
    date_end = fields.Date(help="Last day on which the order may be confirmed.")
    used_at = fields.Datetime(string="Confirmed on")
    facts_html = fields.Html(
        string="The Customer", compute="_compute_facts_html", sanitize=False
    )

    _one_standing = models.UniqueIndex(
        "(order_id) WHERE state IN ('asked', 'granted')",
        "A release of this order is asked for, or granted, already.",
    )

    @api.depends("partner_id")
    @api.depends_context("lang")
    def _compute_facts_html(self):
        for release in self:
            release.facts_html = self.env["ir.qweb"]._render(
                "account_collections_sale.credit_facts",
                {"facts": release.partner_id._get_credit_facts(release.company_id)},
            )

    def _get_held(self):
        return self.order_id

    def _get_held_name(self):
        return self.order_name

    def _say_waiting(self):
        return self.env._("Held order to decide: %s", self.order_name)

    # === USE === #

    @api.model
    def _find_usable(self, order):
        """Return the release by which an order may be confirmed now, empty without one."""
        usable = [*self._usable_domain(order.company_id), ("order_id", "=", order.id)]
        release = self.search(usable, limit=1)
        amount = order._get_collection_amount()
        currency = order.company_id.currency_id
        return release.filtered(lambda one: currency.compare_amounts(amount, one.amount) <= 0)

    @api.model
    def _follow_payments(self, company, customers=None):
        """Release the waiting orders of customers who are not held any more; tell who sells.

        :param customers: legal entities that paid; None asks for all
        """
        waiting = [("state", "=", ASKED), ("company_id", "=", company.id)]
        if customers is not None:
            waiting.append(("partner_id", "in", customers.ids))
        releases = self.search(waiting)
        held = releases.order_id._get_held_orders(company, fresh=True) if releases else {}
        # Whoever books money does not wait for somebody who decides: the next run asks again.
        paid = releases.filtered(lambda release: release.order_id not in held)
        paid = paid.try_lock_for_update()
        for release in paid:
            release._set_state(PAID, decided_at=fields.Datetime.now())
            release._record("order_paid")
            release._tell_salesperson()

    @api.model
    def _follow_safely(self, company, customers):
        """Follow payments while they are booked: whatever goes wrong here stops none of them.

        Whoever decides on the waiting orders is told, and the next run asks again.
        """
        with self._contained():
            return self._follow_payments(company, customers)
        with self._contained():
            waiting = [("state", "=", ASKED), ("company_id", "=", company.id)]
            self.search([*waiting, ("partner_id", "in", customers.ids)])._announce_failure()

    @contextmanager
    def _contained(self):
        """Undo and log what fails inside; what the caller wrote before stands or fails alone."""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                yield
        except Exception:
            _logger.exception("Orders that a payment may release were not looked at")

    def _announce_failure(self):
        for case, releases in self.grouped(lambda one: one._get_case()).items():
            if case:
                person = case._get_person_at_work()
                words = releases.with_context(lang=person.lang)
                case.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=words.env._(
                        "Paid, but not released by itself: %s",
                        ", ".join(releases.mapped("order_name")),
                    ),
                    user_id=person.id,
                )

    def _tell_salesperson(self):
        # Not by whoever paid: the seller may be of a company that does not read them.
        order = self.order_id.with_user(SUPERUSER_ID)
        order.message_post(
            body=self.env._("The customer has paid: the order is not held any more.")
        )
        person = order.user_id or self.user_id
        if person.active and not person.share and order.state in ("draft", "sent"):
            words = self.with_context(lang=person.lang)
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=words.env._("The customer has paid: confirm the order"),
                user_id=person.id,
            )
