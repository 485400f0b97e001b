from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL, format_date

from ..engine import credit, promises
from .collection_ledger import id_array
from .res_partner_holds import CreditHold


class ResPartner(models.Model):
    """Customers before the credit rules: one query for all, none where no rule is active."""

    _inherit = "res.partner"

    def _get_rule_holds(self, company, asked=None, standings=None):
        """Return {legal entity: [:class:`CreditHold`]} of the credit rules, live from the ledger.

        :param dict asked: {legal entity: new credit that is asked for, company currency}
        :param dict standings: of :meth:`_get_standings`, where they are known already
        """
        found = defaultdict(list)
        # Everybody who sells or delivers has to know; the rules and the ledger stay unseen.
        rules = self.env["collection.credit.rule"].sudo()
        known = rules._get_rules(company.id)
        if all(rule.action == credit.EXCLUDE for rule in known):
            return found
        customers = self.sudo().commercial_partner_id
        today = company._collection_today()
        standings = standings or customers._get_standings(company, known)
        for customer in customers.with_env(self.env):
            standing = standings[customer.id]
            amount = (asked or {}).get(customer, credit.ZERO)
            for finding in credit.judge(known, standing, today, amount):
                rule = rules.browse(finding.rule.key)
                found[customer].append(
                    CreditHold(
                        code=f"rule_{rule.id}",
                        sentence=self._say_finding(company, finding, standing, today, amount),
                        release=None if finding.release is None else float(finding.release),
                        is_strict=rule.action in (credit.DELIVERIES, credit.BOTH),
                        holds_orders=rule.action in (credit.ORDERS, credit.BOTH),
                    )
                )
        return found

    def _say_finding(self, company, finding, standing, today, asked):
        """Return why, as somebody without rights in accounting may read it."""
        rule = finding.rule
        # As above: the name is written for those who read it.
        name = self.env["collection.credit.rule"].sudo().browse(rule.key).name
        if rule.limit:
            return self.env._(
                "%(rule)s: %(exposure)s against a limit of %(limit)s.",
                rule=name,
                exposure=company.currency_id.format(float(standing.exposure + asked)),
                limit=company.currency_id.format(float(standing.limits[rule.limit])),
            )
        late = standing.late(today, rule.days)
        if not late:
            return name
        return self.env._(
            "%(rule)s: %(amount)s is overdue, the oldest since %(date)s.",
            rule=name,
            amount=company.currency_id.format(float(late)),
            date=format_date(self.env, standing.since(today)),
        )

    # === FOR WHOEVER DECIDES === #

    def _get_collection_pay_url(self, company):
        """Return an address at which the customer pays, False where there is none.

        It opens nothing to whoever else comes by it: people who sell send it on.
        """
        return False

    def _get_credit_facts(self, company):
        """Return [(label, text)] of what a credit manager looks at first; add-ons add theirs."""
        self.ensure_one()
        case = self.env["collection.debtor"].sudo()._find_case(company, self)
        if not case:
            return []
        stages = dict(case._fields["state"]._description_selection(self.env))
        facts = [
            (self.env._("Stage"), stages[case.state]),
            (self.env._("Outstanding"), company.currency_id.format(case.outstanding)),
            (self.env._("Overdue"), company.currency_id.format(case.overdue)),
        ]
        if case.days_overdue:
            facts.append((self.env._("Oldest"), self.env._("%s days", case.days_overdue)))
        if case.letter:
            facts.append((self.env._("Rating"), case.letter))
        if case.promise_count:
            kept = self.env._(
                "%(kept)s%% of %(count)s",
                kept=round(case.promise_kept_rate * 100),
                count=case.promise_count,
            )
            facts.append((self.env._("Promises kept"), kept))
        return facts

    # === WHAT IS KNOWN === #

    def _get_standings(self, company, rules):
        """Return {legal entity's id: :class:`~..engine.credit.Standing`}.

        :param rules: those that ask: limits are looked up where one of them needs it
        """
        self.env.flush_all()
        rows = self.env.execute_query(self._standings_sql(company))
        limits = self._get_credit_limits(company, {rule.limit for rule in rules if rule.limit})
        found = {}
        for key, state, rank, debts, credits_, exposure, broken, tags in rows:
            found[key] = credit.Standing(
                state=state,
                rank=rank or 0,
                debts=tuple((date.fromisoformat(due), Decimal(amount)) for due, amount in debts),
                credits=Decimal(credits_),
                exposure=Decimal(exposure),
                limits=limits.get(key, {}),
                broken=broken,
                tags=frozenset(tags),
            )
        return found

    def _get_credit_limits(self, company, kinds):
        """Return {legal entity's id: {kind: limit}}, company currency, of those that have one.

        Add-ons add kinds of their own.
        """
        if credit.INTERNAL not in kinds:
            return {}
        return {
            customer.id: {credit.INTERNAL: Decimal(f"{customer.credit_limit:.2f}")}
            for customer in self.with_company(company)
            if customer.credit_limit > 0
        }

    @api.model
    def _ordered_sql(self, company):
        """Return the query (customer, amount) of what is ordered and not invoiced; add-ons that
        know of orders override it."""
        return SQL("SELECT NULL::int4 AS customer, 0::numeric AS amount")

    def _standings_sql(self, company):
        """Return the query of what the rules ask about, a row for each legal entity."""
        due = SQL("COALESCE(line.date_maturity, line.date)")
        debts = self.env["collection.ledger"]._open_items_sql(
            SQL(
                """customer.commercial_partner_id AS customer, %s AS due, item.amount,
                   GREATEST(item.amount - COALESCE(held.amount, 0), 0) AS debt,
                   line.no_followup IS TRUE AS is_excluded""",
                due,
            ),
            joins=SQL(
                """JOIN res_partner customer ON customer.id = line.partner_id
                   LEFT JOIN (%s) held ON held.line_id = line.id""",
                self.env["collection.dispute"]._held_sql(),
            ),
            where=SQL(
                "line.company_id = %s AND customer.commercial_partner_id = ANY(%s)",
                company.id,
                id_array(self.ids),
            ),
        )
        return SQL(
            """
            SELECT asked.id, cases.state, cases.max_rank, COALESCE(ledger.debts, '[]'::json),
                   COALESCE(ledger.credits, 0)::text,
                   (COALESCE(ledger.exposure, 0) + COALESCE(ordered.amount, 0))::text,
                   %(broken)s,
                   ARRAY(SELECT tag.category_id
                           FROM res_partner_res_partner_category_rel tag
                          WHERE tag.partner_id = asked.id)
              FROM UNNEST(%(customers)s) asked(id)
         LEFT JOIN LATERAL (
                SELECT owner.* FROM collection_debtor debtor
                  JOIN collection_case owner ON owner.id = debtor.case_id
                 WHERE debtor.partner_id = asked.id AND debtor.company_id = %(company)s
              ORDER BY debtor.role = 'payer', debtor.id LIMIT 1) cases ON TRUE
         LEFT JOIN (
                SELECT day.customer, SUM(day.exposure) AS exposure, SUM(day.credits) AS credits,
                       json_agg(json_build_array(day.due, day.debt::text))
                           FILTER (WHERE day.debt > 0) AS debts
                  FROM (SELECT open.customer, open.due, SUM(open.amount) AS exposure,
                               SUM(open.debt) FILTER (WHERE open.amount > 0
                                                        AND NOT open.is_excluded) AS debt,
                               COALESCE(SUM(-open.amount) FILTER (WHERE open.amount < 0), 0)
                                   AS credits
                          FROM (%(debts)s) open
                      GROUP BY open.customer, open.due) day
              GROUP BY day.customer) ledger ON ledger.customer = asked.id
         LEFT JOIN (%(ordered)s) ordered ON ordered.customer = asked.id
            """,
            customers=id_array(self.ids),
            company=company.id,
            debts=debts,
            ordered=self._ordered_sql(company),
            broken=SQL(
                """EXISTS (SELECT FROM collection_promise promise
                            WHERE promise.case_id = cases.id AND promise.state IN %s)""",
                (promises.BROKEN, promises.PARTLY_KEPT),
            ),
        )
