from odoo import fields, models
from odoo.addons.account_collections.wording import with_colon


class CollectionCase(models.Model):
    """Promising a date on the account page, within the company's limits."""

    _inherit = "collection.case"

    def _get_portal_promisable(self, item_id=0, promise_id=0):
        """Return the items that the customer may promise now, oldest first.

        What is contested in full, and what is in an instalment plan, is not among them.

        :param item_id: one overdue item
        :param promise_id: an open promise, to put it off; else all that is overdue, of it what is
            not promised yet if there is any
        """
        self.ensure_one()
        promises = self.env["collection.promise"]
        if promise_id:
            lines = (
                self._get_portal_promises()
                .filtered(lambda one: one.id == promise_id and one.state == "open")
                .item_ids.line_id
            )
            items = self.env["collection.item"].search(
                [*self._get_portal_items_domain(), ("line_id", "in", lines.ids)]
            )
        elif item_id:
            items = self._get_portal_item(item_id).filtered("is_overdue")
        else:
            items = promises._get_overdue(self, self.company_id._collection_today())
        planned = promises._get_open(items.line_id).filtered("plan_id").item_ids.line_id
        return items.filtered(
            lambda item: (
                not item.is_credit
                and item.line_id not in planned
                and item.currency_id.compare_amounts(item.disputed_currency, item.amount_currency)
                < 0
            )
        )

    def _get_portal_promises(self):
        """Return the customer's promises that are not part of a plan, the latest ones."""
        return self.env["collection.promise"].search(
            [
                ("case_id", "=", self.id),
                ("plan_id", "=", False),
                ("state", "not in", ("replaced", "cancelled")),
            ],
            limit=10,
        )

    def _get_portal_limits(self, items, currency):
        """Return what bounds a promise of these items.

        :return: dict: ``amount`` and ``most``, what is left to promise of them and what may be
            promised here, in ``currency``; ``first`` and ``last`` day; ``is_exhausted``, whether
            it was put off as often as it may be; ``is_renewal``
        """
        promises = self.env["collection.promise"]
        company = self.company_id
        today = company._collection_today()
        amount = sum(
            item.amount_currency - item.disputed_currency
            if item.currency_id == currency
            else item.amount - item.disputed
            for item in items
        )
        in_company = sum(item.amount - item.disputed for item in items)
        limit = company.collection_portal_promise_amount
        most = amount * min(limit / in_company, 1) if limit and in_company else amount
        last = fields.Date.add(today, days=company.collection_promise_days)
        bound = promises._get_bound(items.line_id, last)
        previous = promises._get_open(items.line_id)
        renewals = max(previous.mapped("renewals"), default=-1) + 1
        return {
            "amount": currency.round(amount),
            "most": currency.round(most),
            "first": today,
            # Which day binds us is no business of the customer's.
            "last": bound.latest if bound else last,
            "is_renewal": bool(previous),
            "is_exhausted": renewals > company.collection_promise_renewals,
        }

    def _promise_online(self, items, amount, date, currency, author, name, address, text=""):
        """Write down what a customer promised on the account page, with its evidence.

        :return: the promise
        """
        self.ensure_one()
        person = self._get_person_at_work()
        case = self.with_context(lang=person.lang)
        promise = case._promise_quick(
            amount,
            date,
            items=items.with_env(case.env),
            renew=True,
            currency=currency,
            channel="portal",
            contact_id=author.id,
            sentence=with_colon(self.env, name, text) if text else name,
            user_id=person.id,
        )
        self.env["collection.evidence"]._record_undertaken(self, name, address, promise=promise.id)
        return promise.with_env(self.env)
