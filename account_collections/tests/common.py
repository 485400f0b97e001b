from contextlib import contextmanager
from datetime import date, timedelta

import time_machine
from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .company_common import CompanyCommon, take_user

#: A Wednesday, so that neighbouring days are worked.
TODAY = date(2026, 3, 18)


@tagged("post_install", "-at_install")
class CollectionCommon(CompanyCommon):
    """A company with one live portfolio, one scenario of three levels and two customers."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(
            "account_collections.group_collection_admin"
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.collection_small_residual = 5.0
        cls.owner = cls._user("owner", "account_collections.group_collection_user")
        cls.manager = cls._user("boss", "account_collections.group_collection_manager")
        cls.env["collection.scenario"].search([]).active = False
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Reminder",
                "model_id": cls.env["ir.model"]._get_id("collection.reminder"),
                "lang": "{{ object.lang }}",
                "subject": "Reminder for {{ object.debtor_id.name }}",
                "body_html": '<p>You owe <t t-out="object.amount"/>.</p>',
            }
        )
        cls.scenario = cls.env["collection.scenario"].create(
            {
                "name": "Test",
                "is_fallback": True,
                "threshold": 50,
                "level_ids": [
                    cls._level(20, 3, "Courteous"),
                    cls._level(30, 10, "Direct"),
                    cls._level(60, 40, "Formal notice", approval=True, formal_notice=True),
                ],
            }
        )
        cls.portfolio = cls.env["collection.portfolio"].create(
            {"name": "All", "company_id": cls.company.id, "user_id": cls.owner.id}
        )
        cls.portfolio._activate()
        cls.customer = cls._customer("Dupont")
        cls.other_customer = cls._customer("Martin")

    @classmethod
    def _user(cls, login, groups, company=None, **values):
        """Return a new user with these groups, of one company."""
        company = company or cls.company
        return take_user(
            cls.env,
            login,
            groups,
            **{
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "email": f"{login}@company.example",
                **values,
            },
        )

    @classmethod
    def _level(cls, rank, delay, name, **values):
        return Command.create(
            {
                "name": name,
                "rank": rank,
                "delay": delay,
                "template_id": cls.template.id,
                "attach_statement": False,
                "attach_invoices": False,
                **values,
            }
        )

    @classmethod
    def _customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "email": f"{name.lower()}@customer.example",
                "company_registry": "552100554",
                **values,
            }
        )

    @classmethod
    def _invoice(cls, partner, amount, overdue, move_type="out_invoice", **values):
        """Post an invoice whose due date lies ``overdue`` days before ``TODAY``."""
        due = TODAY - timedelta(days=overdue)
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "invoice_date": due - timedelta(days=30),
                "invoice_date_due": due,
                "is_move_sent": True,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]}
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    @contextmanager
    def committing(cls):
        """Yield an environment in which commits are allowed, as in a scheduled action."""
        cls.env.flush_all()
        with cls._sharing_the_cursor(), cls.registry.cursor() as cr:
            yield cls.env(cr=cr, su=True)
        cls.env.invalidate_all()

    @classmethod
    @contextmanager
    def _sharing_the_cursor(cls):
        """Odoo's ``enter_registry_test_mode``, for the preparation of a class too."""
        if cls._registry_patched:  # as in a browser's test, all along
            yield
            return
        cls.registry_patches = cls._registry_test_mode_patches(cr=cls.cr, registry=cls.registry)
        for patch in cls.registry_patches:
            patch.start()
        cls._registry_patched = True
        try:
            yield
        finally:
            cls.registry_leave_test_mode()

    @classmethod
    def _run(cls, today=TODAY):
        """Make the run of ``today`` and return its summary."""
        with cls.committing() as env:
            company = env["res.company"].browse(cls.company.id)
            return env["collection.run"]._run_company(company, today)._get_summary()

    @classmethod
    def _depart(cls, now):
        """Deliver what is due at ``now`` (a UTC datetime, as text)."""
        with cls.committing() as env, cls._at(now):
            env["collection.delivery"]._depart(env["res.company"].browse(cls.company.id))

    def _all_refused(self, attempts):
        """Try each, and leave nothing of what it did."""
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(attempt=number),
                mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"),
                self.assertRaises(UserError),  # AccessError is one
                self.env.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()

    @staticmethod
    def _at(now):
        """Let it be ``now`` (UTC, a datetime or its text) inside a block.

        Not with freezegun, which looks through all of Odoo's modules each time.
        """
        return time_machine.travel(now, tick=False)

    @contextmanager
    def _refused(self, sentence):
        """What is done inside is refused with ``sentence``, and leaves nothing behind."""
        with self.assertRaises(ValidationError) as caught:
            yield
        self.env.invalidate_all()
        self.assertIn(sentence, str(caught.exception))

    def _speak_french(self):
        """Let our texts be there in French, for those whose language it is."""
        if "fr_FR" in dict(self.env["res.lang"].get_installed()):
            return  # and our texts with it, as in every database that our commands make
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["account_collections"], ["fr_FR"])

    @classmethod
    def _case(cls, partner):
        return cls.env["collection.case"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", cls.company.id)]
        )

    @classmethod
    def _morning(cls, today=TODAY):
        """Make the run of ``today`` at six, before anything leaves; return its summary."""
        with cls._at(f"{today} 06:00:00"):
            return cls._run(today)

    @classmethod
    def _noon(cls, today=TODAY):
        """Deliver what leaves on ``today``."""
        cls._depart(f"{today} 12:00:00")

    @classmethod
    def _day(cls, today=TODAY):
        """Run and deliver; return the run's summary."""
        summary = cls._morning(today)
        cls._noon(today)
        return summary

    @classmethod
    def _sync_cases(cls):
        """Give every partner with open items its case, without a decision."""
        cases = cls.env["collection.debtor"].sudo()._sync(cls.company)
        cls.env["collection.portfolio"].sudo()._assign(cases)
        return cases

    def _decided(self, partner, today=TODAY):
        """Return what a run would find and decide: (facts, decision), nothing written."""
        self._sync_cases()
        case = self._case(partner)
        facts, decisions = self.env["collection.run"].sudo()._decide_batch(case, today)
        return facts[case.id], decisions[case.id]

    @classmethod
    def _reminder(cls, partner):
        """Return the last reminder of a customer."""
        return cls._case(partner).reminder_ids[:1]

    # === MONEY === #

    @classmethod
    def _pay(cls, invoice, amount=None, **values):
        """Pay an invoice, or a part of it; a payment is posted and reconciled."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": TODAY, **values})
        )
        if amount:
            wizard.amount = amount
        return wizard._create_payments()

    @classmethod
    def _entry(cls, partner, amount, journal=None, due=None, **values):
        """Post a receivable line of ``amount`` (a debt when positive) with no invoice."""
        receivable = cls.company_data["default_account_receivable"]
        revenue = cls.company_data["default_account_revenue"]
        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": TODAY - timedelta(days=40),
                "journal_id": (journal or cls.company_data["default_journal_bank"]).id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": partner.id,
                            "balance": amount,
                            "date_maturity": due,
                            **values,
                        }
                    ),
                    Command.create({"account_id": revenue.id, "balance": -amount}),
                ],
            }
        )
        move.action_post()
        return move
