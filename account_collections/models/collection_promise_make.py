from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang, html2plaintext

from ..engine import promises

#: Documents that the evidence of a promise names.
NAMED_DOCUMENTS = 50


class CollectionPromise(models.Model):
    """Making a promise: what can be promised, what is refused, what is written down."""

    _inherit = "collection.promise"

    @api.model
    def _make(
        self, case, amount=None, date=None, items=None, renew=False, currency=None, **values
    ):
        """Write down what the customer of ``case`` promised.

        :param float amount: in ``currency``; None promises all that is open on the items
        :param date date: day on which it will be paid
        :param items: recordset ``collection.item``; None takes all that is overdue and free
        :param bool renew: replace the open promises on these items
        :param currency: None is the currency of the items, the company's where they have several
        :param values: ``contact_id``, ``channel``, ``sentence``, ``attachment_ids`` (recordset),
            ``note``, ``user_id``, ``exception_reason``
        :return: the promise
        :raises UserError: with what is wrong, in words for whoever enters it
        """
        case.ensure_one()
        case.check_access("write")
        today = case.company_id._collection_today()
        case._queue()
        items = self._get_promisable(case, items, today)
        previous = self._get_open(items.line_id)
        self._check_previous(previous, renew)
        currency = currency or self._get_currency(items)
        shares = self._share(items, amount, currency)
        self._check_date(date, today)
        renewals = max(previous.mapped("renewals"), default=-1) + 1
        reason = values.get("exception_reason")
        exceptional = self._check_limits(case.company_id, today, date, renewals, reason)
        exceptional |= self._is_bound_exceeded(self._get_bound(items.line_id, date), reason)
        # Promises are written by the product on behalf of whoever may write the case.
        promise = self.sudo().create(
            {
                **self._prepare_vals(case, today, date, currency, values),
                "amount": sum(part for _item, part, _before in shares),
                "previous_id": previous[:1].id,
                "renewals": renewals,
                "allowed_by_id": self.env.uid if exceptional else False,
                "exception_reason": exceptional and reason,
            }
        )
        credited = self._get_credited(items.line_id)
        promise._add_items(
            [self._prepare_item_vals(*share, currency, credited) for share in shares]
        )
        promise._attach(values.get("attachment_ids"))
        previous._set_state("replaced", today)
        promise._record_made()
        case._refresh_promises()
        return promise

    # === WHAT CAN BE PROMISED === #

    @api.model
    def _get_promisable(self, case, items, today):
        """Return the items to promise, oldest first.

        :raises UserError: when one of them is paid, a credit or another customer's
        """
        every = self._read_items_anew()
        if items is None:
            items = self._get_overdue(case, today)
            if not items:
                raise UserError(
                    self.env._("Nothing of %(case)s is overdue.", case=case.display_name)
                )
            return items
        # What is paid since has left the list of open items.
        there = every.search([("id", "in", items.ids)])
        if paid := items - there:
            line = self.env["account.move.line"].browse(paid[0].id).exists()
            raise UserError(
                self.env._(
                    "%(document)s is paid: nothing is left to promise.",
                    document=line.move_id.name or self.env._("The document"),
                )
            )
        if len(there.case_id) > 1 or there.case_id != case:
            raise UserError(
                self.env._("A promise is of one customer: these items belong to several.")
            )
        if credit := there.filtered("is_credit")[:1]:
            raise UserError(
                self.env._(
                    "%(document)s is a credit: we owe it, nobody can promise it.",
                    document=credit.move_name,
                )
            )
        return there.sorted(lambda item: (item.date_due, item.id))

    @api.model
    def _get_overdue(self, case, today):
        """Return what is overdue, oldest first: what is not promised yet, if there is any."""
        items = self._read_items_anew().search(
            [
                ("case_id", "=", case.id),
                ("date_due", "<", today),
                ("is_credit", "=", False),
                ("no_followup", "=", False),
            ]
        )
        promised = set(self._get_open(items.line_id).sudo().item_ids.line_id.ids)
        free = items.filtered(lambda item: item.line_id.id not in promised)
        return (free or items).sorted(lambda item: (item.date_due, item.id))

    @api.model
    def _read_items_anew(self):
        """Return the model of open items: it reads the ledger, as it stands this moment."""
        self.env.flush_all()
        items = self.env["collection.item"]
        items.invalidate_model()
        return items

    @api.model
    def _get_open(self, lines):
        """Return the open promises on ledger lines."""
        # Whoever may promise an item has to know what else was promised of it.
        items = (
            self.env["collection.promise.item"]
            .sudo()
            .search([("line_id", "in", lines.ids), ("promise_id.state", "=", promises.OPEN)])
        )
        return items.promise_id.with_env(self.env)

    @api.model
    def _check_previous(self, previous, renew):
        if not previous:
            return
        first = previous[0].sudo()
        if first.plan_id:
            raise UserError(
                self.env._(
                    "%(document)s is in an instalment plan: renegotiate the plan instead.",
                    document=first.item_ids[:1].move_name,
                )
            )
        if not renew:
            raise UserError(
                self.env._(
                    "%(document)s is promised already: %(promise)s. Replace that promise, or "
                    "choose other items.",
                    document=first.item_ids[:1].move_name,
                    promise=first.display_name,
                )
            )

    @api.model
    def _get_currency(self, items):
        """Return the currency of a promise: the items' own, the company's for several."""
        return items.currency_id if len(items.currency_id) == 1 else items.company_currency_id

    @api.model
    def _share(self, items, amount, currency):
        """Spread ``amount`` over ``items``, oldest first.

        :return: triples (item, part in ``currency``, what came before), items without a part too:
            which invoice the customer pays with the money does not matter
        :raises UserError: when the amount is not above zero, or above what is open
        """
        to_decimal = self.env["collection.ledger"]._to_decimal
        # Of a ledger line we ask one column, of thousands of lines too.
        items.line_id.sudo().fetch(["amount_currency"])
        there = {item: to_decimal(self._get_open_amount(item, currency)) for item in items}
        total = sum(there.values())
        wanted = total if amount is None else to_decimal(amount)
        if currency.compare_amounts(float(wanted), 0) <= 0:
            raise UserError(self.env._("A promise is of an amount above zero."))
        if currency.compare_amounts(float(wanted), float(total)) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be promised: %(open)s is open on these items.",
                    amount=formatLang(self.env, float(wanted), currency_obj=currency),
                    open=formatLang(self.env, float(total), currency_obj=currency),
                )
            )
        [share] = promises.spread([wanted], list(there.items()))
        parts = {item: part for item, part, _before in share}
        return [(item, float(parts.get(item, 0)), 0.0) for item in items]

    @api.model
    def _get_open_amount(self, item, currency):
        return item.amount_currency if item.currency_id == currency else item.amount

    @api.model
    def _check_date(self, date, today):
        if not date:
            raise UserError(self.env._("A promise is for a day: when will it be paid?"))
        if date < today:
            raise UserError(
                self.env._(
                    "%(date)s is in the past: when will it be paid?",
                    date=format_date(self.env, date),
                )
            )

    @api.model
    def _check_limits(self, company, today, date, renewals, reason):
        """Return whether the company's limits are exceeded, as a credit manager may, who says why.

        :raises UserError: when they are exceeded by anybody else, or without a reason
        """
        days = company.collection_promise_days
        allowed = company.collection_promise_renewals
        if date > fields.Date.add(today, days=days):
            excess = self.env._("A promise reaches %(days)s days ahead at most.", days=days)
        elif renewals > allowed:
            excess = self.env._("A promise is put off %(count)s times at most.", count=allowed)
        else:
            return False
        self._check_exception(excess, reason)
        return True

    # === WHAT IS WRITTEN DOWN === #

    @api.model
    def _prepare_vals(self, case, today, date, currency, values):
        tolerance = case.company_id._collection_promise_tolerance(date)
        return {
            "case_id": case.id,
            "currency_id": currency.id,
            "date_made": today,
            "date": date,
            "check_date": tolerance.last_day(date),
            "tolerance": float(tolerance.percent),
            "contact_id": values.get("contact_id"),
            "channel": values.get("channel") or "call",
            "sentence": values.get("sentence"),
            "note": values.get("note"),
            "user_id": values.get("user_id") or self._get_default_owner(case).id,
        }

    @api.model
    def _get_default_owner(self, case):
        """Return who follows what is agreed: whoever writes it down, unless a customer does."""
        user = self.env.user
        return user if user.active and not user.share else case._get_person_at_work()

    @api.model
    def _get_credited(self, lines):
        """Return {line id: what was credited or written off of it, in its currency}."""
        return {
            line: sum(amount for _day, kind, amount in found if kind != promises.MONEY)
            for line, found in self._query_payments(lines.ids).items()
        }

    @api.model
    def _prepare_item_vals(self, item, part, before, currency, credited):
        """Return a promised item; parts are converted by the item's own ratio.

        :param float part: promised of it, in ``currency``
        :param float before: what earlier instalments promised of it, in ``currency``
        :param dict credited: see :meth:`_get_credited`
        """
        own = item.currency_id
        whole = self._get_open_amount(item, currency)
        line = item.line_id.sudo()  # collectors read the ledger through our list of items
        settled = line.amount_currency - item.amount_currency
        without_money = float(credited.get(line.id, 0))
        return {
            "line_id": line.id,
            "move_id": item.move_id.id,
            "move_name": item.move_name,
            "date_due": item.date_due,
            "currency_id": own.id,
            "amount_currency": own.round(item.amount_currency * part / whole),
            "amount": item.company_currency_id.round(item.amount * part / whole),
            "open_currency": item.amount_currency,
            "open_amount": item.amount,
            "settled_currency": own.round(max(settled - without_money, 0.0)),
            "credited_currency": own.round(without_money),
            "before_currency": own.round(item.amount_currency * before / whole),
        }

    def _add_items(self, vals_list):
        self.env["collection.promise.item"]._insert(
            [{"promise_id": self.id, **vals} for vals in vals_list]
        )
        self.amount_company = sum(vals["amount"] for vals in vals_list)

    def _attach(self, attachments):
        """Keep copies of what proves the promise: originals may be deleted."""
        if not attachments:
            return
        # Only what the user may read becomes readable with the promise.
        attachments.check_access("read")
        self.attachment_ids = [
            Command.link(attachment.sudo().copy({"res_model": self._name, "res_id": self.id}).id)
            for attachment in attachments
        ]

    def _record_made(self):
        """Keep the proof: a promise in writing may acknowledge the debt."""
        for promise in self:
            documents = promise.item_ids.filtered("amount_currency").mapped("move_name")
            self.env["collection.evidence"]._record(
                promise.case_id,
                "promised",
                {
                    "promise": promise.id,
                    "amount": promise.currency_id.round(promise.amount),
                    "currency": promise.currency_id.name,
                    "date": fields.Date.to_string(promise.date),
                    "how": promise.channel,
                    "contact": promise.contact_id.id,
                    "sentence": promise.sentence or "",
                    "documents": documents[:NAMED_DOCUMENTS],
                    "document_count": len(documents),
                    "proofs": promise.attachment_ids.mapped("checksum"),
                    **({"exception": promise.exception_reason} if promise.allowed_by_id else {}),
                },
            )
            promise.case_id._message_log(
                body=self.env["ir.qweb"]._render(
                    "account_collections.promise_made", {"promise": promise}
                )
            )

    @api.model
    def _get_last_words(self, case):
        """Return the text of the customer's last message that waits for an answer."""
        if not case.unanswered_since:
            return ""
        message = case.message_ids.filtered(lambda one: one.message_type == "email")[:1]
        return html2plaintext(message.body or "").strip()[:1000]
