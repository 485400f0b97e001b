import base64
import functools
from dataclasses import dataclass, field
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from odoo import Command, api, fields, models
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.tools import SQL, format_date, formatLang

from ..engine import disputes
from ..engine.facts import ZERO

#: Rows of a table, and disputes listed one by one.
TOP = 12
LISTED = 25

#: Months of sales that the disputed days are counted on, the reviewed one included.
SALES_MONTHS = 3

#: Days in which a review that the mail server did not take is tried again.
RETRY_DAYS = 14


@dataclass(slots=True)
class Figures:
    """What a group of disputes came to in a month.

    :ivar opened: number opened in the month, ``amount`` their amount
    :ivar still: number open at its end, ``still_amount`` their amount
    """

    name: str
    sales: Decimal = ZERO
    opened: set = field(default_factory=set)
    amount: Decimal = ZERO
    resolved: list = field(default_factory=list)
    still: set = field(default_factory=set)
    still_amount: Decimal = ZERO
    late: set = field(default_factory=set)

    @property
    def rate(self):
        return disputes.rate(self.amount, self.sales)

    @property
    def mean(self):
        return disputes.mean_days(self.resolved)

    @property
    def weighted(self):
        return disputes.weighted_days(self.resolved)


@dataclass(slots=True)
class Sales:
    """What was invoiced: the reviewed month, and the months that DSO is counted on."""

    month: Decimal
    invoices: int
    period: Decimal
    days: int


class CollectionDisputeReport(models.AbstractModel):
    """The monthly review of disputes: figures, PDF, mail."""

    _name = "collection.dispute.report"
    _description = "Monthly Review of Disputes"

    # === FIGURES === #

    @api.model
    def _get_review(self, company, month):
        """Return the values of the review's template.

        :param date month: any day of the reviewed month
        """
        start = month.replace(day=1)
        end = start + relativedelta(months=1, days=-1)
        running = self.env["collection.dispute"].search(
            [
                ("company_id", "=", company.id),
                ("date_opened", "<=", end),
                "|",
                ("resolved_on", "=", False),
                ("resolved_on", ">=", start),
            ]
        )
        sales = self._get_sales(company, start, end)
        count = functools.partial(self._count, running, start, end, sales)
        [total] = count(lambda dispute: [("", dispute.amount)]) or [Figures("", sales.month)]
        disputed = running.filtered(lambda one: one.date_opened >= start).line_ids
        open_now = running.filtered(lambda one: self._is_open_on(one, end))
        return {
            "company": company,
            "start": start,
            "end": end,
            "sales": sales,
            "total": total,
            "documents": len(set(disputed.mapped("move_name"))),
            "dso": disputes.disputed_days_of_sales(total.still_amount, sales.period, sales.days),
            "groups": [(title, count(key)[:TOP]) for title, key in self._get_groupings()],
            "listed": open_now.sorted(lambda one: (-one.amount, one.id))[:LISTED],
            "left_out": max(len(open_now) - LISTED, 0),
        }

    @api.model
    def _get_groupings(self):
        """Return [(title, key)]; a key gives (name, amount) for each part of a dispute."""
        none = self.env._("None")

        def by(name):
            return lambda dispute: [(dispute[name].display_name or none, dispute.amount)]

        def by_product(dispute):
            return [
                (line.product_id.display_name or none, line.amount) for line in dispute.line_ids
            ]

        return [
            (self.env._("By reason"), by("reason_id")),
            (self.env._("By root cause"), by("cause_id")),
            (self.env._("By owner"), by("user_id")),
            (self.env._("By customer"), by("partner_id")),
            (self.env._("By product"), by_product),
        ]

    @api.model
    def _count(self, running, start, end, sales, key):
        """Return the figures of each group, the largest amounts first."""
        groups = {}
        for dispute in running:
            span = dispute._get_span()
            is_open = self._is_open_on(dispute, end)
            for name, amount in key(dispute):
                amount = self.env["collection.ledger"]._to_decimal(amount)
                found = groups.setdefault(name, Figures(name, sales.month))
                if dispute.date_opened >= start:
                    found.opened.add(dispute.id)
                    found.amount += amount
                if is_open:
                    found.still.add(dispute.id)
                    found.still_amount += amount
                    if dispute.deadline and dispute.deadline < end and not dispute.waiting_since:
                        found.late.add(dispute.id)
                else:
                    found.resolved.append(
                        disputes.Span(span.opened, span.resolved, amount, span.stopped)
                    )
        return sorted(
            groups.values(), key=lambda one: (-one.amount, -one.still_amount, one.name)
        )

    @api.model
    def _is_open_on(self, dispute, day):
        return not dispute.resolved_on or dispute.resolved_on > day

    @api.model
    def _get_sales(self, company, start, end):
        """Return what was invoiced, tax included: two sums in one query."""
        first = start - relativedelta(months=SALES_MONTHS - 1)
        self.env.flush_all()
        [(month, invoices, period)] = self.env.execute_query(
            SQL(
                """
                SELECT SUM(amount_total_signed) FILTER (WHERE invoice_date >= %(start)s)::text,
                       COUNT(*) FILTER (WHERE invoice_date >= %(start)s),
                       SUM(amount_total_signed)::text
                  FROM account_move
                 WHERE company_id = %(company)s
                   AND move_type IN ('out_invoice', 'out_receipt')
                   AND state = 'posted'
                   AND invoice_date BETWEEN %(first)s AND %(end)s
                """,
                start=start,
                company=company.id,
                first=first,
                end=end,
            )
        )
        return Sales(
            Decimal(month or 0), invoices, Decimal(period or 0), (end - first).days + 1
        )

    # === PDF === #

    @api.model
    def _render(self, company, month, lang):
        """Return the review of a month as PDF.

        :raises UserError: the PDF program failed or is missing
        """
        model = self.with_context(lang=lang).with_company(company)
        review = model._get_review(company.with_env(model.env), month)
        html = model.env["ir.qweb"]._render(
            "account_collections.dispute_review",
            {
                **review,
                # Without Qt's patches everything is printed a quarter smaller.
                "font_size": 9 if _wkhtml().is_patched_qt else 12,
                "amount": functools.partial(
                    model._format_amount, company.currency_id.with_env(model.env)
                ),
                "number": model._format_number,
                "day": functools.partial(format_date, model.env),
                "period": format_date(model.env, review["start"], date_format="MMMM y"),
            },
        )
        return model.env["collection.statement"]._convert(html)

    @api.model
    def _format_amount(self, currency, value):
        return formatLang(self.env, float(value), currency_obj=currency)

    @api.model
    def _format_number(self, value, digits=1):
        """Return a figure as text; a dash where there is none."""
        return "–" if value is None else formatLang(self.env, float(value), digits=digits)

    @api.model
    def _get_file_name(self, company, month, lang):
        return self.with_context(lang=lang).env._(
            "Disputes – %(company)s – %(month)s.pdf",
            company=company.name.replace("/", "-"),
            month=f"{month:%Y-%m}",
        )

    # === MAIL === #

    @api.model
    def _cron_send(self):
        """Mail the review of the past month where its day has come, once; what the mail server
        did not take goes back to the queue, which never tries anything twice."""
        self._find_failed().mark_outgoing()
        for company in self.env["res.company"].search(
            [("collection_dispute_report_partner_ids", "!=", False)]
        ):
            today = company._collection_today()
            if self._is_due(company, today):
                self._send(company, today)
                self.env["ir.cron"]._commit_progress()

    @api.model
    def _find_failed(self):
        """Return the reviews of the last weeks that did not leave."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=RETRY_DAYS)
        return self.env["mail.mail"].search(
            [
                ("model", "=", "res.company"),
                ("state", "=", "exception"),
                ("create_date", ">", since),
            ]
        )

    @api.model
    def _is_due(self, company, today):
        month = self._get_past_month(today)
        sent = company.collection_dispute_reported
        return today.day >= company.collection_dispute_report_day and (
            not sent or sent < month
        )

    @api.model
    def _get_past_month(self, today):
        return today.replace(day=1) - relativedelta(months=1)

    @api.model
    def _send(self, company, today):
        """Hand the review to the mail queue, one mail for each recipient in their language."""
        month = self._get_past_month(today)
        company.collection_dispute_reported = month
        recipients = company.collection_dispute_report_partner_ids.filtered("email_normalized")
        default = company.partner_id.lang or self.env.lang
        for lang, partners in recipients.grouped(lambda one: one.lang or default).items():
            model = self.with_context(lang=lang)
            content = model._render(company, month, lang)
            name = model._get_file_name(company, month, lang)
            body = model.env["ir.qweb"]._render(
                "account_collections.dispute_review_mail",
                {
                    "company": company,
                    "period": format_date(model.env, month, date_format="MMMM y"),
                },
            )
            self.env["mail.mail"].create(
                [
                    {
                        "subject": name.removesuffix(".pdf"),
                        "body_html": body,
                        "email_from": company.email_formatted or self.env.user.email_formatted,
                        "recipient_ids": [Command.link(partner.id)],
                        "auto_delete": False,
                        "model": company._name,
                        "res_id": company.id,
                        "attachment_ids": [
                            Command.create({"name": name, "datas": base64.b64encode(content)})
                        ],
                    }
                    for partner in partners
                ]
            )
