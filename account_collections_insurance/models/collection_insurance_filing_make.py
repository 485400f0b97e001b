from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..engine import indemnity
from .collection_insurance_filing import FILED, TAKING_OVER


class CollectionInsuranceFiling(models.Model):
    """Telling the insurer: what can be declared, what is refused, what is written down."""

    _inherit = "collection.insurance.filing"

    @api.model
    def _make(self, case, policy, kind, items, day, cause, **values):
        """Write down what was declared to the insurer of ``policy``.

        :param items: recordset ``collection.item`` of the case
        :param str kind: one of :data:`~.collection_insurance_cover.STEPS`
        :param values: ``note``, ``reference``
        :return: the declaration
        :raises UserError: with what is wrong, in words for whoever enters it
        """
        case.ensure_one()
        case.check_access("write")
        # Of two declarations made at once the second waits, and then sees the first.
        case._queue()
        items = self._get_declarable(case, items)
        self._check_day(case, items, day)
        self._check_repeated(items, kind)
        exposures = self.env["collection.insurance.exposure"]
        exposures._refresh_companies(case.company_id)
        covers = self._get_covers(items, policy)
        # Declarations are written by the product on behalf of whoever may write the case.
        filing = self.sudo().create(
            {
                "case_id": case.id,
                "policy_id": policy.id,
                "buyer_id": covers.buyer_id[:1].id,
                "kind": kind,
                "date": day,
                "cause": cause,
                "user_id": self.env.uid,
                **values,
            }
        )
        by_line = covers.grouped("line_id")
        self.env["collection.insurance.filing.item"].sudo().create(
            [filing._prepare_item(item, by_line.get(item.line_id, covers[:0])) for item in items]
        )
        filing._sum_up()
        filing._record_declared()
        if kind in TAKING_OVER:
            case.reminder_ids.filtered("is_waiting")._cancel("insurer")
        filing = filing.with_env(self.env)
        filing._follow()
        return filing

    # === WHAT CAN BE DECLARED === #

    @api.model
    def _get_declarable(self, case, items):
        """Return the items to declare, oldest first.

        :raises UserError: without one, or when one is paid, a credit or another customer's
        """
        if not items:
            raise UserError(self.env._("Choose what is declared."))
        found = self.env["collection.promise"]._get_promisable(
            case, items, case.company_id._collection_today()
        )
        return found.sorted(lambda item: (item.date_due, item.id))

    @api.model
    def _check_day(self, case, items, day):
        if not day or day > case.company_id._collection_today():
            raise UserError(self.env._("Enter the day on which the insurer was told."))
        if early := items.filtered(lambda item: item.date > day)[:1]:
            raise UserError(
                self.env._(
                    "%(document)s is of %(date)s: it cannot have been declared before.",
                    document=early.move_name,
                    date=format_date(self.env, early.date),
                )
            )

    @api.model
    def _check_repeated(self, items, kind):
        """What stands is not declared again: it is taken back first."""
        # Whoever declares has to know what was declared of it, whoever did.
        twice = (
            self.env["collection.insurance.filing.item"]
            .sudo()
            .search(
                [
                    ("line_id", "in", items.line_id.ids),
                    ("filing_id.kind", "=", kind),
                    ("filing_id.state", "=", FILED),
                ],
                limit=1,
            )
        )
        if twice:
            raise UserError(
                self.env._(
                    "%(document)s was declared already, on %(date)s: “%(step)s”.",
                    document=twice.move_name,
                    date=format_date(self.env, twice.filing_id.date),
                    step=dict(self._fields["kind"]._description_selection(self.env))[kind],
                )
            )

    @api.model
    def _get_covers(self, items, policy):
        """Return the covers of items by ``policy``.

        :raises UserError: when it covers none of them
        """
        covers = self.env["collection.insurance.cover"].search(
            [("line_id", "in", items.line_id.ids), ("policy_id", "=", policy.id)]
        )
        if not covers.filtered(lambda one: one.covered or one.disputed):
            raise UserError(
                self.env._("%(policy)s covers nothing of it.", policy=policy.display_name)
            )
        return covers

    # === WHAT IS WRITTEN DOWN === #

    def _prepare_item(self, item, cover):
        """Return the snapshot of an item; another policy, or none, may cover it."""
        move = item.move_id.sudo()  # of a document that the user sees as an item
        return {
            "filing_id": self.id,
            "line_id": item.line_id.id,
            "move_id": move.id,
            "move_name": item.move_name,
            "date_invoice": item.date,
            "date_due": item.date_due,
            "currency_id": item.currency_id.id,
            "amount_total": move.amount_total,
            "amount_currency": item.amount_currency,
            "amount": item.amount,
            "uncovered": item.amount,
            **(self._prepare_cover(item, cover) if cover else {}),
        }

    def _prepare_cover(self, item, cover):
        delivered = cover.date_delivered
        terms = self.policy_id.term_ids
        term = terms.filtered(lambda one: one.date_start <= delivered <= one.date_end)
        term = term or terms.filtered(
            lambda one: one.roll_in and one.roll_in <= delivered < one.date_start
        ).sorted("date_start")
        names = ("covered", "disputed", "indemnity", "reason", "date_delivered",
                 "date_notification", "date_extension", "date_hand_over", "date_claim")  # fmt: skip
        return {
            **{name: cover[name] for name in names},
            "uncovered": item.amount - cover.covered,
            "term_id": term[:1].id,
        }

    def _sum_up(self):
        """Write the totals, and what the insurer would pay of all of it."""
        self.ensure_one()
        for name in ("amount", "covered", "uncovered"):
            self[name] = sum(self.item_ids.mapped(name))
        self.indemnity = float(
            sum(
                self._get_indemnity(term, items)
                for term, items in self.item_ids.grouped("term_id").items()
                if term
            )
        )

    def _get_indemnity(self, term, items):
        """Return the indemnity of items under one set of terms, company currency.

        Amounts of the policy are converted by the rate of the day of the declaration. What was
        claimed before of the same terms counts against their maximum.
        """
        decimal = self.env["collection.ledger"]._to_decimal
        own, company = self.company_currency_id, self.company_id
        rate = decimal(
            own._get_conversion_rate(own, self.policy_id.currency_id, company, self.date)
        )
        facts = term._get_facts()

        def indemnity_of(items):
            return indemnity.of_items(
                [(decimal(one.covered) * rate, decimal(one.indemnity) * rate) for one in items],
                facts,
            )

        # Of a claim under several sets of terms only the items under these count.
        earlier = items.search(
            [
                ("term_id", "=", term.id),
                ("filing_id.kind", "=", "claim"),
                ("filing_id.state", "=", FILED),
                ("filing_id", "!=", self.id),
            ]
        )
        paid = sum(map(indemnity_of, earlier.grouped("filing_id").values()), Decimal(0))
        found = indemnity_of(items)
        return decimal(own.round(float(indemnity.within_maximum(found, facts, paid) / rate)))

    def _record_declared(self):
        """Keep the proof that the insurer was told in time."""
        self.env["collection.evidence"]._record(
            self.case_id,
            "declared",
            {
                "declaration": self.id,
                "step": self.kind,
                "policy": self.policy_id.display_name,
                "date": fields.Date.to_string(self.date),
                "cause": self.cause,
                "reference": self.reference or "",
                "amount": self.company_currency_id.round(self.amount),
                "covered": self.company_currency_id.round(self.covered),
                "documents": self.item_ids.mapped("move_name"),
            },
        )
        self.case_id._message_log(
            body=self.env["ir.qweb"]._render(
                "account_collections_insurance.declared", {"filing": self}
            )
        )

    # === LATE OR IN TIME === #

    @api.model
    def _get_deadline(self, items, kind):
        """Return the first deadline of a step among items, None without one."""
        # Whoever declares has to know by when it had to be.
        covers = self.env["collection.insurance.cover"].sudo()
        found = covers.search([("line_id", "in", items.line_id.ids)])
        return min(filter(None, found.mapped(f"date_{kind}")), default=None)
