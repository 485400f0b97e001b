from unittest.mock import patch

from odoo import Command
from odoo.addons.base.tests.common import BaseCommon
from odoo.tests import new_test_user

#: A company of this name that is there serves instead of a new one, see :func:`make_companies`.
COMPANY = "company_1_data"

#: Companies of such names are ready to become whatever others a test asks for.
SPARE = "spare company %s"
SPARES = 2

#: Users of such logins are ready to become those that each class of tests asks for, and are
#: archived until then: making one takes eight times as long as renaming it.
SPARE_USER = "spare %s"

ACCOUNTMAN = (
    "account.group_account_manager",
    "account.group_account_user",
    "base.group_system",
    "base.group_user",
)


class CompanyCommon(BaseCommon):
    """A company that invoices in USD, and an accountant who may do everything in it.

    Odoo's own base class for accounting makes products, taxes and terms as well, which takes
    seconds for each class of tests; we invoice lines of text.
    """

    @classmethod
    def setup_independent_user(cls):
        return take_user(
            cls.env,
            "accountman",
            name="Because I am accountman!",
            email="accountman@test.com",
            group_ids=cls.get_default_groups().ids,
            company_id=cls.env.company.id,
        )

    @classmethod
    def get_default_groups(cls):
        optional = ("product.group_product_manager", "stock.group_stock_manager")
        groups = super().get_default_groups()
        for name in ACCOUNTMAN:
            groups |= cls.env.ref(name)
        for name in optional:
            groups |= cls.env.ref(name, raise_if_not_found=False) or cls.env["res.groups"]
        return groups

    @classmethod
    def setup_independent_company(cls, **kwargs):
        ready = cls.env["res.company"].search([("name", "=", COMPANY)], limit=1)
        if not ready:
            return cls._create_company(name=COMPANY, **kwargs)
        cls.env.user.company_ids = [Command.link(ready.id)]
        return ready

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_data = cls._accounting(cls.env.company)

    def setUp(self):
        # Odoo forgets all that it has cached after each test. What a test changes it makes
        # invalid; everything else stays true, and costs a quarter of the time to find again.
        registry, stale = self.registry, set()
        clear = registry.clear_cache

        def note(*names):
            stale.update(names or ["default"])
            clear(*names)

        with patch.object(registry, "clear_all_caches", lambda: stale and clear(*stale)):
            super().setUp()
        self.startPatcher(patch.object(registry, "clear_cache", note))

    @classmethod
    def _create_company(cls, **values):
        ready = cls.env["res.company"].search([("name", "=like", SPARE % "%")], limit=1)
        if ready:
            ready.write({"name": "Test Company", **values})
            cls.env.user.company_ids = [Command.link(ready.id)]
            return ready
        company = super()._create_company(**values)
        _load_chart(company)
        if values.get("currency_id"):  # not the chart's
            company.currency_id = values["currency_id"]
        return company

    @classmethod
    def setup_other_company(cls):
        """Return what :attr:`company_data` is, for another company."""
        return cls._accounting(cls._create_company(name="company_2"))

    @classmethod
    def setup_other_currency(cls, code, rates=(("1900-01-01", 1), ("2016-01-01", 3))):
        return super().setup_other_currency(code, rates=rates)

    @classmethod
    def _accounting(cls, company):
        """The accounts and journals of a company that tests write to, named as Odoo's tests do."""
        accounts = cls.env["account.account"].with_company(company)
        journals = cls.env["account.journal"]
        partners = cls.env["res.partner"].with_company(company)
        receivable = partners._fields["property_account_receivable_id"]

        def account(account_type):
            own = accounts._check_company_domain(company)
            return accounts.search([*own, ("account_type", "=", account_type)], limit=1)

        def journal(journal_type):
            return journals.search(
                [("company_id", "=", company.id), ("type", "=", journal_type)], limit=1
            )

        return {
            "company": company,
            "default_account_receivable": receivable.get_company_dependent_fallback(partners),
            "default_account_revenue": account("income"),
            "default_account_expense": account("expense"),
            "default_account_assets": account("asset_fixed"),
            "default_journal_bank": journal("bank"),
            "default_journal_misc": journal("general"),
        }


def make_companies(env):
    """Make the companies for all tests of a database, and users: a chart takes seconds."""
    for name in (COMPANY, *(SPARE % number for number in range(SPARES))):
        _load_chart(env["res.company"].create({"name": name}))
    for login, groups in {
        "accountman": ACCOUNTMAN,
        "owner": ("account_collections.group_collection_user",),
        "boss": ("account_collections.group_collection_manager",),
    }.items():
        spare = new_test_user(env, SPARE_USER % login, ",".join(groups))
        spare.active = spare.partner_id.active = False


def take_user(env, login, groups="base.group_user", **values):
    """Return what ``new_test_user`` does; of a login that was made ready, that user."""
    spare = env["res.users"].with_context(active_test=False)
    spare = spare.search([("login", "=", SPARE_USER % login)])
    if not spare:
        return new_test_user(env, login, groups, **values)
    group_ids = values.pop("group_ids", None) or [env.ref(name).id for name in groups.split(",")]
    spare.partner_id.active = True
    spare.write(
        {
            "active": True,
            "login": login,
            "password": login.ljust(8, "x"),
            "name": f"{login} ({groups})",
            "group_ids": [Command.set(group_ids)],
            "company_ids": [Command.set([values["company_id"]])],
            **values,
        }
    )
    return env["res.users"].browse(spare.id)


def _load_chart(company):
    """Give a company the generic chart of accounts, with payments that make an entry at once."""
    charts = company.env["account.chart.template"].with_company(company)
    charts.try_loading("generic_coa", company=company, install_demo=False)
    if not company.account_fiscal_country_id:
        company.account_fiscal_country_id = charts.env.ref("base.us")
    bank = company.env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
    )
    for lines, account in (
        (bank.inbound_payment_method_line_ids, "account_journal_payment_debit_account_id"),
        (bank.outbound_payment_method_line_ids, "account_journal_payment_credit_account_id"),
    ):
        lines[:1].payment_account_id = charts.ref(account)
