"""The books that a ledger is posted into: company, journals, currencies, customers."""

import hashlib
import re

from .reading import LedgerError

CHART = "generic_coa"
SALES, BANK, ENTRIES = "LEDGS", "LEDGB", "LEDGE"
# The file's numbers are kept, and no sequence may be read into them: Odoo would take 2012 in a
# number for a year, refuse it on an invoice of another year, and look for the number before.
NO_SEQUENCE = r"^(?P<seq>)(?P<suffix>.*)$"


class Books:
    """The environment's company, ready for invoices and payments in the ledger's currencies.

    :param currency: code of the company's currency
    :raise LedgerError: Odoo does not know the currency
    :raise UserError: the company keeps its books in another one, and has entries already
    """

    def __init__(self, env, currency):
        self.env = env
        self.company = env.company
        if not self.company.chart_template:
            env["account.chart.template"].try_loading(CHART, self.company, install_demo=False)
        self._set_company_currency(currency)
        self.sales = self._sales_journal()
        self.bank = self._bank_journal()

    def commit(self):
        """End a batch: what it did stays, and the memory it took is given back."""
        self.env.cr.commit()
        self.env.invalidate_all()

    def _set_company_currency(self, code):
        currency = self.find_currencies({code}).get(code)
        if not currency:
            raise LedgerError(f"the company's currency {code} is not known to Odoo")
        currency.active = True
        if self.company.currency_id != currency:
            self.company.currency_id = currency

    def find_currencies(self, codes):
        """Map the codes that Odoo knows to their records, active or not."""
        Currency = self.env["res.currency"].with_context(active_test=False)
        return {currency.name: currency for currency in Currency.search([("name", "in", [*codes])])}

    def _sales_journal(self):
        """A journal of the ledger's own: the company's keeps its numbers, and lends its account."""
        Journal = self.env["account.journal"]
        domain = [*Journal._check_company_domain(self.company), ("type", "=", "sale")]
        account = Journal.search([*domain, ("code", "!=", SALES)], limit=1).default_account_id
        return self._journal(SALES, "sale", "Ledger invoices", default_account_id=account.id)

    def _bank_journal(self):
        """A journal where payments are at the bank at once: the file says when they were."""
        journal = self._journal(BANK, "bank", "Ledger payments")
        methods = journal.inbound_payment_method_line_ids + journal.outbound_payment_method_line_ids
        methods.payment_account_id = journal.default_account_id
        return journal

    def entries_journal(self):
        """The journal of what is neither invoice nor payment: openings, roundings, transfers."""
        return self._journal(ENTRIES, "general", "Ledger entries")

    def equity_account(self):
        """Where the other side of an opening entry is posted.

        :raise LedgerError: the chart of accounts has no equity
        """
        Account = self.env["account.account"]
        domain = [
            *Account._check_company_domain(self.company),
            ("account_type", "in", ("equity", "equity_unaffected")),
        ]
        account = Account.search(domain, order="account_type, id", limit=1)
        if not account:
            raise LedgerError("the company's chart of accounts has no equity account")
        return account

    def _journal(self, code, kind, name, **vals):
        Journal = self.env["account.journal"]
        found = Journal.search([("company_id", "=", self.company.id), ("code", "=", code)])
        return found or Journal.create(
            {
                "code": code,
                "type": kind,
                "name": name,
                "company_id": self.company.id,
                "sequence_override_regex": NO_SEQUENCE,
                "sequence": 100,  # never the default for what people enter
                **vals,
            }
        )

    def set_rates(self, rates):
        """Activate the currencies, and record their rates where there is none for the day.

        :param rates: {(currency, date): units of it for one unit of the company's currency}
        """
        Rate = self.env["res.currency.rate"]
        known = {
            (rate.currency_id, rate.name)
            for rate in Rate.search([("company_id", "=", self.company.id)])
        }
        for currency in {currency for currency, _date in rates}:
            currency.active = True
        Rate.create(
            [
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": date,
                    "rate": float(rate),
                }
                for (currency, date), rate in rates.items()
                if (currency, date) not in known
            ]
        )

    def find_or_create_customers(self, names, ledger):
        """Map what identifies the customers in the file to their partners.

        :param names: {identification: name}
        :param ledger: name of the file's mapping, and of the domain of the e-mail addresses
        """
        Partner = self.env["res.partner"]
        partners = {partner.ref: partner for partner in Partner.search([("ref", "in", [*names])])}
        missing = sorted(names.keys() - partners.keys())
        created = Partner.create(
            [self._prepare_customer_vals(ref, names[ref], ledger) for ref in missing]
        )
        return partners | dict(zip(missing, created))

    def _prepare_customer_vals(self, ref, name, ledger):
        return {
            "name": name,
            "ref": ref,
            "is_company": True,
            "email": email(ref, f"{ledger}.example"),
        }


def email(customer, domain):
    """An address of the customer's own, always the same one.

    >>> email("3993-QUNVJ", "ibm.example")  # a domain reserved by RFC 2606: nobody gets this mail
    '3993-qunvj-6be09188@ibm.example'
    """
    readable = re.sub("[^a-z0-9]+", "-", customer.lower())[:40].strip("-")
    unique = hashlib.sha256(customer.encode()).hexdigest()[:8]
    return f"{readable}-{unique}@{domain}".lstrip("-")
