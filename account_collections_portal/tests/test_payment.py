from datetime import timedelta

from odoo import fields
from odoo.addons.account_collections.tests.common import TODAY
from odoo.tests import tagged

from .payment_common import PAGE, PaymentCommon


@tagged("post_install", "-at_install")
class TestPayment(PaymentCommon):
    """From the link in a reminder to money in the ledger, and what dunning makes of it."""

    def test_two_items_are_paid_by_a_link(self):
        page = self._open()
        self.assertIn('name="item"', page.text)
        page = self._choose(self.first, self.second)
        self.assertIn("200.00", page.text)
        transaction = self._begun(page)
        self.assertEqual(transaction.amount, 200)
        self.assertEqual(transaction.partner_id, self.customer)
        self._answer(transaction, "done")
        self.assertEqual(self.first.amount_residual, 0)
        self.assertEqual(self.second.amount_residual, 0)
        self.assertEqual(self.third.amount_residual, 300)
        self.assertTrue(all(transaction.collection_part_ids.mapped("is_settled")))
        after = self.url_open(transaction.landing_route)
        self.assertIn("Thank you", after.text)
        self.assertEqual(after.headers["Cache-Control"], "no-store")
        self.assertNotIn("access_token", transaction.landing_route)

    def test_everything_less_credits(self):
        self._invoice(self.customer, 50, overdue=3, move_type="out_refund")
        self._open()
        page = self.url_open(f"{PAGE}/pay?all={self.company.id}-{self.company.currency_id.id}")
        transaction = self._begun(page)
        self.assertEqual(transaction.amount, 450, "never more than the net")
        self._answer(transaction, "done")
        invoices = self.first | self.second | self.third
        self.assertEqual(set(invoices.mapped("amount_residual")), {0})
        self.env.flush_all()
        self.assertFalse(self.env["collection.item"].search([("case_id", "=", self.case.id)]))

    def test_a_credit_larger_than_the_debt_pays_it_alone(self):
        self._invoice(self.customer, 900, overdue=3, move_type="out_refund")
        self._open()
        page = self.url_open(f"{PAGE}/pay?all={self.company.id}-{self.company.currency_id.id}")
        self.assertIn("There is nothing to pay", page.text)
        self.assertNotIn("o_payment_form", page.text)

    def test_a_part_where_parts_are_allowed(self):
        self._open()
        refused = self._choose(self.third, third="100")
        self.assertIn("paid in full only", refused.text)
        self.company.collection_part_payment = True
        self.assertIn("at least", self._choose(self.third, third="49.99").text)
        page = self._choose(self.first, self.third, third="100.00")
        self._answer(self._begun(page), "done")
        self.assertEqual(self.third.amount_residual, 200)
        self.assertEqual(self.first.amount_residual, 0)

    def test_what_is_contested_is_not_in_everything(self):
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        self.case._dispute_quick(
            reason, self._item(self.third).line_id, 300.0, description="Not delivered"
        )
        case = self.case.sudo()
        [(company, currency)] = case._get_portal_figures()["debts"]
        self.assertEqual(company, self.company)
        everything = case._find_everything(company.id, currency.id)
        self.assertEqual(case._take(everything, {}, False).total, 200)

    # === ONE CLICK === #

    def test_two_clicks_are_one_payment(self):
        self._open()
        page = self._choose(self.first)
        transaction = self._begun(page)
        self.assertEqual(self._begun(page), transaction)
        self._answer(transaction, "done")
        self.assertEqual(self._begun(page), transaction, "a click that comes after the money")
        self.assertEqual(len(self.env["account.payment"].search(
            [("payment_transaction_id", "=", transaction.id)])), 1)

    def test_an_old_click_is_no_click(self):
        self._open()
        page = self._choose(self.first)
        with self._at(fields.Datetime.now() - timedelta(minutes=30)):
            old = self._begun(page)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - INTERVAL '30 min' "
            "WHERE id = %s", [old.id],
        )
        new = self._begun(page)
        self.assertNotEqual(new, old)
        self._answer(old, "done")
        self._answer(new, "done")
        self.assertEqual(self.first.amount_residual, 0)
        self.assertEqual(new.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable").amount_residual, -120)

    def test_what_is_in_payment_is_not_paid_again(self):
        self._open()
        stale = self._choose(self.first, self.second)
        self._answer(self._begun(self._choose(self.first)), "pending")
        self.assertIn("under way already", self._choose(self.first).text)
        answer = self._begin(stale)
        self.assertIn("no longer open", answer["result"]["state_message"])
        self.assertFalse(self.first._has_to_be_paid(), "nor on Odoo's own invoice page")
        self.assertIn("in payment", self.url_open(PAGE).text)

    # === DUNNING === #

    def test_a_payment_under_way_holds_at_once(self):
        self._open()
        with self._at(f"{TODAY} 10:00:00"):
            transaction = self._begun(self._choose(self.first, self.second))
            self.assertEqual(self._withheld(), {}, "a click alone holds nothing")
            self._answer(transaction, "pending")
        self.assertEqual(self._withheld(), {"online_payment": 200})
        self.assertEqual(self._withheld(TODAY + timedelta(days=30)), {"online_payment": 200})
        self.assertEqual(self._withheld(TODAY + timedelta(days=31)), {})
        self._answer(transaction, "cancel")
        self.assertEqual(self._withheld(), {}, "cancelled, it is free at once")

    def test_confirmed_money_holds_until_it_is_booked(self):
        self._open()
        transaction = self._begun(self._choose(self.first))
        self._answer(transaction, "done", process=False)
        self.assertEqual(self._withheld(), {"online_payment": 120})
        transaction._post_process()
        self.assertEqual(self._withheld(), {})

    def test_a_run_says_why_it_is_silent(self):
        self._open()
        with self._at(f"{TODAY} 05:00:00"):
            self._answer(
                self._begun(self._choose(self.first, self.second, self.third)), "pending"
            )
        self._morning()
        self.assertFalse(self._reminder(self.customer))
        texts = [entry["text"] for entry in
                 self.env["collection.reason"]._explain_trace(self.case.decision_id)]
        self.assertTrue(any("the money is on its way" in text for text in texts), texts)

    def test_every_step_is_evidence(self):
        self._open()
        self._answer(self._begun(self._choose(self.first)), "pending")
        self._answer(self._begun(self._choose(self.second)), "error")
        self._paid(self.third)
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertEqual(
            events.sorted("id").mapped("event"),
            ["payment_processing", "payment_failed", "payment_done"],
        )
        self.assertIn(self.third.name, events[:1].facts["documents"])

    # === AFTERWARDS === #

    def test_a_failed_payment_says_so_and_can_be_tried_again(self):
        self._open()
        transaction = self._answer(self._begun(self._choose(self.first)), "error")
        after = self.url_open(transaction.landing_route)
        self.assertIn("Nothing was paid", after.text)
        self.assertIn(f"pay?case={self.case.id}&amp;item={self._item(self.first).id}", after.text)
        self.assertNotEqual(self._begun(self._choose(self.first)), transaction)

    def test_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.assertIn("Payer la sélection", self._open().text, "as the reminder was")
        self.company.collection_part_payment = True
        transaction = self._paid(self.first, self.third, third="100,50")
        self.assertEqual(transaction.amount, 220.5)
        self.assertIn("Merci", self.url_open(transaction.landing_route).text)

    # === LOGGED IN === #

    def test_odoos_own_pages_know_what_is_in_payment(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._portal_user(clerk, "clerk")
        self.authenticate("clerk", "clerk")
        own = f"/my/invoices/{self.first.id}"
        self.assertEqual(self.url_open("/my/invoices").text.count("Pay Now"), 6)
        self.assertIn("o_payment_form", self.url_open(own).text)
        self._answer(self._begun(self._choose(self.first)), "pending")
        self.assertEqual(self.url_open("/my/invoices").text.count("Pay Now"), 4)
        page = self.url_open(own).text
        self.assertIn("A payment of it is under way already", page)
        self.assertNotIn("o_payment_form", page)

    def test_a_saved_method_is_its_owners(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._portal_user(clerk, "clerk")
        self.authenticate("clerk", "clerk")
        transaction = self._begun(self._choose(self.first), tokenization_requested=True)
        self.assertTrue(transaction.tokenize)
        self._answer(transaction, "done")
        self.assertEqual(transaction.token_id.partner_id, clerk)
        self.assertEqual(self.first.amount_residual, 0)
        page = self._choose(self.second)
        self.assertIn(f"o_payment_token_{transaction.token_id.id}", page.text)
        paid = self._begun(page, flow="token", token_id=transaction.token_id.id)
        self.assertEqual(paid.state, "done")
        self.assertEqual(self._begun(page, flow="token", token_id=transaction.token_id.id), paid)

    def test_a_visitor_by_link_saves_and_sees_no_method(self):
        self._open()
        page = self._choose(self.first)
        self.assertNotIn("o_payment_tokenize_container", page.text)
        self.assertFalse(self._begun(page, tokenization_requested=True).tokenize)

    def test_our_users_look_and_do_not_pay(self):
        self.authenticate("owner", "owner")
        self.url_open(f"{PAGE}?case={self.case.id}")
        page = self._choose(self.first)
        self.assertNotIn("o_payment_form", page.text)
        case = self.case.sudo()
        token = case._sign_basket(self._basket(self.case, self.first))
        answer = self._call(f"{PAGE}/pay/transaction", {"access_token": token, "amount": 120})
        self.assertIn("they pay here", answer["result"]["state_message"])
