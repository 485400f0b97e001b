from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.account_collections.engine.statement import AGEING
from odoo.tools import SQL, format_date, formatLang

from .collection_case import SHOWN

#: Since ever: the history of payments is read page by page.
BEGINNING = fields.Date.to_date("1900-01-01")


class CollectionCase(models.Model):
    """What a customer sees: each part of the page takes a constant number of queries."""

    _inherit = "collection.case"

    # === OPEN ITEMS === #

    def _get_portal_items_domain(self):
        self.ensure_one()
        member = self._get_portal_member()
        own = [("partner_id", "=", member.id)] if member else []
        return [("case_id", "=", self.id), *SHOWN, *own]

    def _get_member_sql(self):
        """Return the condition on ``line`` that keeps what the visitor may see."""
        member = self._get_portal_member()
        return SQL("line.partner_id = %s", member.id) if member else SQL("TRUE")

    def _get_portal_figures(self):
        """Return what is open: by currency, by who owes it, and who is paid for it.

        :return: dict: ``totals`` and ``members``, lists of dicts, amounts in the currency:
            ``currency``, ``balance``, ``overdue``, ``credits``, ``disputed``, ``count`` and
            ``ageing`` (an amount for each column of the statement); those of members have
            ``partner`` too, and a lone member that is the debtor itself is left out. ``debts``:
            pairs (company, currency) in which something is owed. The company's own first.
        """
        self.ensure_one()
        self.env.flush_all()
        totals, members, debts = [], [], []
        for company, partner, currency, count, *amounts in self._query_figures():
            balance, credits, disputed, *ageing = map(Decimal, amounts)
            figures = {
                "currency": self.env["res.currency"].browse(currency),
                "balance": balance,
                "overdue": sum(ageing[1:]),
                "credits": credits,
                "disputed": disputed,
                "count": count,
                "ageing": ageing,
            }
            if company and any(ageing):
                debts.append((self.env["res.company"].browse(company), figures["currency"]))
            elif partner:
                members.append({"partner": self.env["res.partner"].browse(partner), **figures})
            elif not company:
                totals.append(figures)
        own = self.company_id
        totals.sort(key=lambda one: (one["currency"] != own.currency_id, one["currency"].name))
        members.sort(key=lambda one: (-one["overdue"], -one["balance"], one["partner"].id))
        debts.sort(key=lambda one: (one[0] != own, one[1] != own.currency_id, one[1].name))
        if {one["partner"] for one in members} == {self._get_portal_holder()}:
            members = []
        return {"totals": totals, "members": members, "debts": debts}

    def _query_figures(self):
        """Figures by currency, by company and currency, and by member and currency, in one query;
        what a row is not by is empty. Amounts are text."""
        due = SQL("COALESCE(line.date_maturity, line.date)")
        days = SQL("GREATEST(%s::date - %s, 0)", self.company_id._collection_today(), due)
        bounds = zip((-1, *AGEING), (*AGEING, 2**31 - 1))
        ageing = [
            SQL(
                """COALESCE(SUM(part.amount_currency) FILTER (
                       WHERE part.amount_currency > 0 AND %s > %s AND %s <= %s), 0)::text""",
                days, after, days, until,
            )
            for after, until in bounds
        ]
        member = SQL("COALESCE(debtor.contact_id, debtor.partner_id)")
        select = SQL(
            """line.company_id, %(member)s, line.currency_id, COUNT(*),
               SUM(part.amount_currency)::text,
               COALESCE(SUM(part.amount_currency) FILTER (WHERE part.amount_currency < 0), 0)::text,
               COALESCE(SUM(LEAST(COALESCE(held.amount_currency, 0),
                                  GREATEST(part.amount_currency, 0))), 0)::text,
               %(ageing)s""",
            member=member,
            ageing=SQL(", ").join(ageing),
        )
        return self.env.execute_query(
            SQL(
                """%s GROUP BY GROUPING SETS ((line.currency_id),
                                              (line.currency_id, line.company_id),
                                              (line.currency_id, %s))""",
                self.env["collection.ledger"]._open_items_sql(
                    select,
                    joins=self.env["collection.statement"]._dispute_joins(self),
                    where=SQL(
                        """debtor.case_id = %s AND line.no_followup IS NOT TRUE
                           AND move.collection_assigned IS NOT TRUE AND %s""",
                        self.id,
                        self._get_member_sql(),
                    ),
                ),
                member,
            )
        )

    @api.model
    def _get_ageing_labels(self):
        _ = self.env._
        columns = [_("Not due")]
        columns += [
            _("%(first)s-%(last)s days", first=first + 1, last=last)
            for first, last in zip(AGEING, AGEING[1:])
        ]
        return [*columns, _("over %(days)s days", days=AGEING[-1])]

    # === WHAT IS SAID OF AN ITEM === #

    def _get_portal_notes(self, items):
        """Return {item id: [(kind, sentence)]}: what a customer is to know of each row.

        :param items: recordset ``collection.item`` of a page
        """
        self.ensure_one()
        _ = self.env._
        instalments = self._number_instalments(items)
        promised = self._get_promised(items)
        notes = defaultdict(list)
        for item in items:
            if item.line_id.id in instalments:
                number, count = instalments[item.line_id.id]
                words = _("Instalment %(number)s of %(count)s", number=number, count=count)
                notes[item.id].append(("instalment", words))
            if item.role == "payer":
                notes[item.id].append(("share", _("Your share of this document")))
            elif item.role == "rest":
                notes[item.id].append(("share", _("Without the share that your payer pays")))
            if item.is_credit:
                notes[item.id].append(("credit", _("Credit: deducted from what you owe")))
            if item.disputed_currency:
                amount = formatLang(
                    self.env, item.disputed_currency, currency_obj=item.currency_id
                )
                words = _("%(amount)s in dispute, not asked for meanwhile", amount=amount)
                notes[item.id].append(("dispute", words))
            notes[item.id] += promised.get(item.line_id.id, [])
        return notes

    def _number_instalments(self, items):
        """Return {line id: (number, count)} of items whose document is paid in several."""
        return {
            line: (number, count)
            for line, number, count in self.env.execute_query(
                SQL(
                    """
                    SELECT line.id,
                           ROW_NUMBER() OVER (PARTITION BY line.move_id
                                              ORDER BY line.date_maturity, line.id),
                           COUNT(*) OVER (PARTITION BY line.move_id)
                      FROM account_move_line line
                      JOIN account_account account ON account.id = line.account_id
                     WHERE line.move_id = ANY(%s) AND line.display_type = 'payment_term'
                       AND account.account_type = 'asset_receivable'
                    """,
                    items.move_id.ids,
                )
            )
            if count > 1
        }

    def _get_promised(self, items):
        """Return {line id: notes} on open promises and instalment plans."""
        _ = self.env._
        notes = defaultdict(list)
        promised = self.env["collection.promise.item"].search(
            [
                ("promise_id.case_id", "=", self.id),
                ("promise_id.state", "=", "open"),
                ("line_id", "in", items.line_id.ids),
            ]
        )
        planned = set()
        for part in promised.sorted(lambda one: one.promise_id.date):
            promise = part.promise_id
            words = {
                "amount": formatLang(
                    self.env, part.amount_currency, currency_obj=part.currency_id
                ),
                "date": format_date(self.env, promise.date),
            }
            if not promise.plan_id:
                sentence = _("%(amount)s promised for %(date)s", **words)
                notes[part.line_id.id].append(("promise", sentence))
            elif (promise.plan_id, part.line_id) not in planned:
                planned.add((promise.plan_id, part.line_id))
                sentence = _("In your instalment plan: next %(amount)s on %(date)s", **words)
                notes[part.line_id.id].append(("plan", sentence))
        return notes

    # === PAYMENTS === #

    def _count_portal_payments(self):
        [(count,)] = self.env.execute_query(self._payments_sql(SQL("COUNT(*)")))
        return count

    def _get_portal_payments(self, limit, offset=0):
        """Return payments and credits, the latest first, with what each settled.

        :return: pairs (currency, ``Payment``)
        """
        rows = self.env.execute_query(
            SQL(
                "%s ORDER BY line.date DESC, line.id DESC LIMIT %s OFFSET %s",
                self._payments_sql(SQL("line.id")),
                limit,
                offset,
            )
        )
        if not rows:
            return []
        found = self.env["collection.statement"]._gather_payments(
            self, BEGINNING, self.company_id._collection_today(), [line for (line,) in rows]
        )
        payments = [
            (self.env["res.currency"].browse(currency), payment)
            for (_case, currency), ours in found.items()
            for payment in ours
        ]
        return sorted(payments, key=lambda pair: pair[1].date, reverse=True)

    def _payments_sql(self, select):
        self.env.flush_all()
        return self.env["collection.statement"]._payments_sql(
            select,
            self,
            BEGINNING,
            self.company_id._collection_today(),
            self._get_member_sql(),
        )
