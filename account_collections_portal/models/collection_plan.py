import hashlib

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.account_collections.engine import promises

READY = "ready"
REQUEST = "request"


class CollectionPlan(models.Model):
    """Instalments that customers arrange, ask for and accept on their account page.

    Within the company's ready-made offer the customer gets a draft with its agreement and accepts
    it at once; a draft withholds nothing, so that looking at offers delays no reminder. Anything
    else is a draft that the owner of the case answers, and may propose.
    """

    _inherit = "collection.plan"

    portal_offer = fields.Selection(
        [(READY, "Ready-made offer"), (REQUEST, "Request of the customer")],
        string="From the Portal",
        readonly=True,
        copy=False,
    )
    portal_terms = fields.Json(
        readonly=True,
        copy=False,
        help="Instalments of a ready-made offer as the customer saw them.",
    )

    # === WHAT A CUSTOMER SEES === #

    def _get_terms(self):
        """Return the instalments as plain values."""
        self.ensure_one()
        return [
            [fields.Date.to_string(line.date), self.currency_id.round(line.amount)]
            for line in self.line_ids
        ]

    def _is_acceptable(self, today):
        """Return whether the customer may accept it now: it was proposed, or is a ready offer
        that nobody has touched since."""
        self.ensure_one()
        if self.valid_until and self.valid_until < today or not self.agreement_id:
            return False
        is_ready = (
            self.state == "draft"
            and self.portal_offer == READY
            and self.portal_terms == self._get_terms()
            and self.approval == "none"
        )
        return self.state == "proposed" or is_ready

    def _get_portal_step(self):
        """Return how a plan stands for the customer: ``accept``, ``wait``, ``expired``, its
        ``active``, ``completed`` or ``broken`` state, or ``ended``."""
        self.ensure_one()
        if self._is_acceptable(self.company_id._collection_today()):
            return "accept"
        if self.state in (promises.ACTIVE, promises.COMPLETED, promises.BROKEN):
            return self.state
        if self.state == "draft":
            return "expired" if self.portal_offer == READY else "wait"
        return "expired" if self.state == "proposed" else "ended"

    # === ACCEPT === #

    def _prepare_agreement_message(self):
        """Lead to the account page, where the agreement is accepted without paper."""
        text = super()._prepare_agreement_message()
        link = self.env["ir.qweb"]._render(
            "account_collections_portal.plan_link",
            {"url": self.case_id._get_portal_url()},
            lang=self.lang,
        )
        return {**text, "body": (text["body"] or Markup()) + link}

    def _accept_online(self, author, name, address):
        """The customer accepts the agreement that they see: the debt is acknowledged.

        :raises UserError: when the debt is no longer the same, or the plan cannot be accepted
        """
        self.ensure_one()
        today = self.company_id._collection_today()
        digest = hashlib.sha256(self.agreement_id.raw).hexdigest()
        if self.state == "draft":
            self._check_lines()
            self._set_state("proposed", proposed_on=today)
        self.env["collection.evidence"]._record_undertaken(
            self.case_id, name, address, plan=self.id, agreement_sha256=digest
        )
        # No paper comes back: the agreement as it was shown is what was accepted.
        self._accept_quick(self.agreement_id, author)
        person = self.case_id._get_person_at_work()
        case = self.case_id.with_context(lang=person.lang)
        case._message_log(
            body=case.env._(
                "%(name)s accepted the instalment plan on the customer portal.", name=name
            )
        )

    @api.autovacuum
    def _gc_ready_offers(self):
        """Cancel ready-made offers that nobody accepted."""
        today = fields.Date.context_today(self)
        forgotten = self.search(
            [
                ("state", "=", "draft"),
                ("portal_offer", "=", READY),
                ("valid_until", "<", fields.Date.subtract(today, days=1)),
            ]
        )
        forgotten._set_state("cancelled", ended_on=today)
