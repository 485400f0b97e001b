from datetime import timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestCompanies(CollectionCommon):
    """A customer who owes three of our companies hears of one a day, or of all from their lead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.east = cls._sister("East")
        cls.west = cls._sister("West")
        cls.sisters = cls.east | cls.west
        cls.template.body_html = (
            '<t t-call="account_collections.reminder_items"/>'
            '<t t-call="account_collections.reminder_payment"/>'
        )

    @classmethod
    def _sister(cls, name):
        company = cls._create_company(name=name)
        portfolio = cls.portfolio.copy({"company_id": company.id, "name": name})
        portfolio._activate()
        bank = cls.env["res.partner.bank"].create(
            {"acc_number": f"FR76{name.upper()}", "partner_id": company.partner_id.id}
        )
        bank.allow_out_payment = True
        return company

    @classmethod
    def _owe(cls, company, amount, overdue, partner=None, **values):
        bank = company.partner_id.bank_ids[:1]
        return cls._invoice(
            partner or cls.customer,
            amount,
            overdue,
            company_id=company.id,
            **({"partner_bank_id": bank.id} if bank else {}),
            **values,
        )

    def _case_in(self, company, partner=None):
        return self.env["collection.case"].search(
            [("partner_id", "=", (partner or self.customer).id), ("company_id", "=", company.id)]
        )

    def _mornings(self, today=TODAY):
        with self.committing() as env, self._at(f"{today} 06:00:00"):
            for company in env["res.company"].browse((self.company | self.sisters).ids):
                env["collection.run"]._run_company(company, today)

    def _noons(self, today=TODAY):
        with self.committing() as env, self._at(f"{today} 12:00:00"):
            env["collection.delivery"]._depart(
                env["res.company"].browse((self.company | self.sisters).ids)
            )

    def _sent(self):
        self.env.invalidate_all()
        return self.env["collection.reminder"].search(
            [("debtor_id", "=", self.customer.id), ("state", "=", "sent")]
        )

    def _manager_of(self, company):
        return new_test_user(
            self.env,
            f"manager of {company.name}",
            "account_collections.group_collection_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _three_debts(self):
        self._owe(self.company, 100, 10)
        self._owe(self.east, 200, 11)
        self._owe(self.west, 300, 12)

    # === EACH COMPANY BY ITSELF === #

    def test_by_each_one_a_day(self):
        self._three_debts()
        heard = []
        for number in range(3):
            self._mornings(TODAY + number * DAY)
            self._noons(TODAY + number * DAY)
            heard.append(len(self._sent()))
        self.assertEqual(heard, [1, 2, 3])
        self.assertEqual(len(self._sent().company_id), 3)

    def test_who_waits_says_why_and_names_no_figure(self):
        self._three_debts()
        self._mornings()
        decision = self._case_in(self.east).decision_id
        self.assertEqual(decision.reason, "other_company_contact")
        self.assertIn(self.company.name, decision.sentence)
        self.assertEqual(decision.seen, {"company": self.company.name})
        self.assertEqual(decision.next_date, TODAY + DAY)

    def test_partners_of_one_siren_are_one_customer(self):
        twin = self._customer("Dupont bis", company_id=self.east.id)
        self.assertEqual(twin.collection_siren, self.customer.collection_siren)
        self._owe(self.company, 100, 10)
        self._owe(self.east, 200, 10, twin)
        self._mornings()
        self.assertEqual(self._case_in(self.east, twin).decision_id.reason, "other_company_contact")

    def test_two_that_were_created_at_once_do_not_leave_on_one_day(self):
        """Two workers each decided without seeing the other: the second waits its turn."""
        self._owe(self.company, 100, 10)
        self._mornings()
        held = self._reminder(self.customer)
        held.sudo().write({"decision_date": TODAY - DAY})
        self._owe(self.east, 200, 10)
        self._mornings()
        held.sudo().write({"decision_date": TODAY})
        self._noons()
        self.assertEqual(len(self._sent()), 1)
        other = self.env["collection.reminder"].search(
            [("debtor_id", "=", self.customer.id), ("state", "=", "scheduled")]
        )
        self.assertEqual(len(other), 1)
        self.assertEqual(other.depart_at.date(), TODAY + DAY)
        self._noons(TODAY + DAY)
        self.assertEqual(len(self._sent()), 2)

    def test_what_is_paid_meanwhile_leaves_the_day_to_others(self):
        invoice = self._owe(self.company, 100, 10)
        self._mornings()
        self._owe(self.east, 200, 10)
        self._pay(invoice)
        self._noons()
        self.assertFalse(self.env["collection.contact"].sudo().search([]))
        self._mornings()
        self._noons()
        self.assertEqual((self._sent().company_id, self._sent().amount), (self.east, 200))

    def test_a_call_by_a_person_is_not_counted(self):
        self.scenario.level_ids.filtered(lambda one: one.rank == 20).channel = "task"
        self._owe(self.company, 100, 10)
        self._owe(self.east, 200, 11)
        self._mornings()
        self.assertEqual(self._case_in(self.east).decision_id.outcome, "remind")

    # === A LEAD FOR ALL === #

    def _lead(self):
        self.sisters.collection_lead_id = self.company

    def test_a_customer_who_owes_three_companies_gets_one_message(self):
        self._lead()
        self._three_debts()
        self._mornings()
        self._noons()
        sent = self._sent()
        self.assertEqual(len(sent), 1)
        self.assertEqual(sent.company_id, self.company)
        self.assertEqual(sent.amount, 600)
        for company in self.sisters:
            self.assertIn(f"Owed to {company.name}", " ".join(sent.body.split()))
            self.assertIn(f"FR76{company.name.upper()}", sent.body)
        self._mornings(TODAY + DAY)
        self.assertEqual(len(self._sent()), 1)

    def test_who_owes_one_company_only_is_dunned_by_it(self):
        self._lead()
        self._owe(self.east, 200, 11)
        self._mornings()
        self.assertEqual(self._case_in(self.east).reminder_ids.amount, 200)
        self.assertFalse(self._case_in(self.company))

    def test_items_move_to_the_lead_and_back_with_their_rank(self):
        self._owe(self.east, 200, 11)
        self._owe(self.west, 300, 11)
        self._mornings()
        self._noons()
        self._mornings(TODAY + DAY)
        self._noons(TODAY + DAY)
        self._lead()
        self._mornings(TODAY + 2 * DAY)
        facts, _made = self._decided(self.customer, TODAY + 2 * DAY)
        self.assertEqual([item.rank for item in facts.items], [20, 20])
        self.sisters.collection_lead_id = False
        self.env["collection.debtor"]._sync(self.east)
        self.env["collection.debtor"]._sync(self.west)
        case = self._case_in(self.west)
        facts = self.env["collection.gather"].sudo()._gather_facts(case, TODAY + 2 * DAY)
        self.assertEqual([item.rank for item in facts[case.id].items], [20])

    def test_one_company_s_credit_pays_no_other_s_invoice(self):
        self._lead()
        self._owe(self.company, 100, 10)
        self._owe(self.east, 200, 11)
        self._owe(self.east, 500, 5, move_type="out_refund")
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(100))

    def test_other_currencies_are_converted_to_decide_and_told_as_they_are(self):
        currency = self.setup_other_currency("GBP", rates=[("2020-01-01", 4.0)])
        self.east = self._create_company(name="London", currency_id=currency.id)
        self.east.collection_lead_id = self.company
        self._owe(self.company, 100, 10)
        self._owe(self.east, 1000, 11, currency_id=currency.id)
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(350))
        self._morning()
        items = self._reminder(self.customer).item_ids
        self.assertEqual(sorted(items.mapped("amount_currency")), [100, 1000])
        self.assertEqual(sorted(items.mapped("amount")), [100, 250])

    def test_leads_that_cannot_be(self):
        self.east.collection_lead_id = self.company
        with self._refused("cannot lead"):
            self.west.collection_lead_id = self.east
        with self._refused("cannot lead"):
            self.company.collection_lead_id = self.west
        with self._refused("cannot lead"):
            self.west.collection_lead_id = self.west

    # === WHO SEES WHAT === #

    def test_people_see_their_own_company_only(self):
        self._three_debts()
        self._mornings()
        manager = self._manager_of(self.east)
        for model in ("collection.item", "collection.member", "collection.debtor"):
            rows = self.env[model].with_user(manager).search(
                [("partner_id", "=", self.customer.id)]
            )
            self.assertEqual(rows.sudo().company_id, self.east, model)
        foreign = self._case_in(self.company)
        with self.assertRaises(AccessError):
            foreign.with_user(manager).read(["overdue"])

    def test_the_lead_s_people_see_all_the_others_do_not(self):
        self._lead()
        self._three_debts()
        self._mornings()
        manager = self._manager_of(self.company)
        items = self.env["collection.item"].with_user(manager)
        found = items.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sorted(found.mapped("amount")), [100, 200, 300])
        case = self._case_in(self.company).with_user(manager)
        self.assertEqual(len(case.member_ids.read(["partner_id", "company_id", "overdue"])), 3)
        case.reminder_ids.read(["subject", "body", "amount", "item_ids"])
        case.reminder_ids.item_ids.read(["move_name", "amount", "ledger_company_id"])
        case.action_decide_again()
        led = self.env["collection.item"].with_user(self._manager_of(self.west))
        self.assertFalse(led.search([("partner_id", "=", self.customer.id)]))

    def test_payers_of_another_company_are_out_of_sight(self):
        payer = self._customer("Payeur", company_registry=False)
        self.customer.collection_payer_id = payer
        self._three_debts()
        self._mornings()
        rows = self.env["collection.payer"].with_user(self._manager_of(self.west)).search([])
        self.assertEqual(rows.mapped("outstanding"), [300])
