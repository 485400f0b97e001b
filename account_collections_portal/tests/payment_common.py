import json
from html import unescape
from re import search

from odoo.addons.account_collections.tests.common import TODAY, CollectionCommon
from odoo.tests import HttpCase, new_test_user, tagged

PAGE = "/my/account-statement"
IBAN = "FR7630004000031234567890143"


@tagged("post_install", "-at_install")
class PaymentCommon(CollectionCommon, HttpCase):
    """A customer with three late invoices, and Odoo's demo provider for their company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_link_confirmation = False
        cls.company.collection_announced_days = 5
        cls.provider = cls._provider(cls.env.ref("payment.payment_provider_demo"))
        cls.method = cls.env.ref("payment_demo.payment_method_demo")
        cls.first = cls._invoice(cls.customer, 120, overdue=20)
        cls.second = cls._invoice(cls.customer, 80, overdue=15)
        cls.third = cls._invoice(cls.customer, 300, overdue=4)
        cls.foreign = cls._invoice(cls.other_customer, 77, overdue=20)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)
        cls.foreign_case = cls._case(cls.other_customer)
        cls.env["collection.portal.attempt"].search([]).unlink()

    @classmethod
    def _provider(cls, provider):
        own = provider.sudo().copy(
            {"company_id": cls.company.id, "state": "test", "is_published": True}
        )
        own.journal_id = cls.company_data["default_journal_bank"]
        return own

    @classmethod
    def _wire(cls):
        """Return the provider and the method of transfers to the company's bank account."""
        account = {"acc_number": IBAN, "partner_id": cls.company.partner_id.id}
        journal = cls.company_data["default_journal_bank"]
        journal.bank_account_id = cls.env["res.partner.bank"].create(account)
        wire = cls._provider(cls.env.ref("payment.payment_provider_transfer"))
        wire.qr_code = True
        method = cls.env.ref("payment_custom.payment_method_wire_transfer").sudo()
        method.active = True
        return wire, method

    @classmethod
    def _enable_euro(cls):
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls._set_rate(euro, 2.0, "2020-01-01")
        return euro

    @classmethod
    def _set_rate(cls, currency, rate, day="2026-01-01"):
        cls.env["res.currency.rate"].create(
            {"name": day, "rate": rate, "currency_id": currency.id, "company_id": cls.company.id}
        )

    # === WHAT A VISITOR DOES === #

    def _open(self, case=None):
        return self.url_open((case or self.case)._get_signed_url())

    @classmethod
    def _item(cls, move):
        cls.env.flush_all()
        return cls.env["collection.item"].search([("move_id", "=", move.id)])

    def _basket(self, case, move):
        case = case.sudo()
        return case._take(case._find_chosen(set(self._item(move).ids)), {}, True)

    def _choose(self, *moves, **amounts):
        """Open the payment page of some documents; ``amounts`` by the attribute's name."""
        query = [f"item={item.id}" for move in moves for item in self._item(move)]
        query += [
            f"amount_{self._item(getattr(self, name)).id}={text}"
            for name, text in amounts.items()
        ]
        return self.url_open(f"{PAGE}/pay?{'&'.join(query)}")

    def _form(self, page):
        """Return what Odoo's payment form on a page would bring back."""
        form = search(r'<form[^>]*id="o_payment_form"[^>]*>', page.text).group()
        return {
            name: unescape(search(rf'data-{name.replace("_", "-")}="([^"]*)"', form).group(1))
            for name in ("amount", "access_token", "transaction_route")
        }

    def _begin(self, page, **values):
        """Click on Pay; return the answer of the transaction route."""
        form = self._form(page)
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.method.id,
            "token_id": None,
            "amount": float(form["amount"]),
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": PAGE,
            "is_validation": False,
            "access_token": form["access_token"],
            **values,
        }
        return self._call(form["transaction_route"], params)

    def _call(self, route, params):
        answer = self.url_open(
            route,
            data=json.dumps({"jsonrpc": "2.0", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def _begun(self, page, **values):
        """Click on Pay; return the transaction."""
        answer = self._begin(page, **values)
        self.assertIn("result", answer, answer.get("error"))
        self.assertIn("reference", answer["result"], answer["result"])
        return self._transaction(answer["result"]["reference"])

    def _leave(self):
        """Come back with an empty browser."""
        self.opener.cookies.clear()
        self.authenticate(None, None)

    def _transaction(self, reference):
        return self.env["payment.transaction"].sudo().search([("reference", "=", reference)])

    def _answer(self, transaction, state, process=True):
        """The demo provider answers; Odoo does what follows."""
        self._call(
            "/payment/demo/simulate_payment",
            {"reference": transaction.reference, "payment_details": "1",
             "simulated_state": state},
        )
        if process:
            transaction._post_process()
        return transaction

    def _paid(self, *moves, **amounts):
        """Choose, pay and have it confirmed; return the transaction."""
        return self._answer(self._begun(self._choose(*moves, **amounts)), "done")

    def _portal_user(self, partner, login):
        return new_test_user(
            self.env, login, "base.group_portal", email=f"{login}@customer.example",
            partner_id=partner.id,
        )

    # === WHAT FOLLOWS === #

    def _withheld(self, today=TODAY):
        """Return {code: amount} of what is withheld from the customer's items."""
        _facts, decision = self._decided(self.customer, today)
        return {
            code: float(seen["amount"])
            for code, stopped, seen in decision.trace
            if stopped and "amount" in seen
        }

    def _work(self):
        """Return what the owner of the case has to do about payments."""
        return self.env["mail.activity"].search(
            [("res_model", "=", "collection.case"), ("res_id", "=", self.case.id),
             ("summary", "ilike", "online payment")]
        )
