from html import unescape

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .payment_common import PAGE, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentInput(PaymentCommon):
    """Bad input and attacks: each has an answer, and no answer tells of another customer."""

    def _refusal(self, page):
        """Return what a page refuses with, and no form to pay."""
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("o_payment_form", page.text)
        return unescape(page.text.split('id="refusal"')[1].split(">", 1)[1].split("</p>")[0])

    def _error(self, answer):
        result = answer["result"]
        self.assertEqual(set(result), {"state", "state_message"})
        self.assertFalse(self._begun_ones())
        return result["state_message"]

    def _begun_ones(self):
        transactions = self.env["payment.transaction"].sudo()
        return transactions.search([("collection_key", "!=", False)])

    # === WHAT IS CHOSEN === #

    def test_amounts_that_are_none(self):
        self.company.collection_part_payment = True
        self._open()
        for sentence, odds in {
            "This is not an amount": (
                "-1", "-0", "x", "1e3", "NaN", "Infinity", "0x10", "1,2,3", "100,00", "²", "١٢",
                "<b>1</b>", "1'--", "9" * 17,
            ),
            "Give an amount above zero": ("0", "0.00", "0.001"),
            "no smaller unit": ("12.345",),
            "can be paid": ("120.01", "999999999999"),
        }.items():  # fmt: skip
            for odd in odds:
                refusal = self._refusal(self._choose(self.first, first=odd))
                self.assertIn(sentence, refusal, odd)
                self.assertIn(self.first.name, refusal, "of several it says which one")
        self.assertNotIn("<b>1</b>", self._choose(self.first, first="<b>1</b>").text)
        self.assertIn("o_payment_form", self._choose(self.first, first="120.00").text)

    def test_items_that_are_not_theirs_look_like_those_that_are_paid(self):
        own, foreign = self._item(self.second), self._item(self.foreign)
        self._pay(self.second)
        self._open()
        texts = set()
        for odd in (foreign.id, own.id, 0, -1, "x", "9" * 9, "9" * 30, "²", "1 OR 1=1"):
            page = self.url_open(f"{PAGE}/pay", params={"item": odd})
            texts.add(self._refusal(page))
            self.assertNotIn(self.foreign.name, page.text)
        both = self.url_open(
            f"{PAGE}/pay?item={self._item(self.first).id}&item={foreign.id}"
        )
        texts.add(self._refusal(both))
        self.assertNotIn(self.first.name, both.text)
        self.assertEqual(len(texts), 1, texts)

    def test_nothing_chosen_and_things_that_are_no_choice(self):
        self._open()
        self.assertIn("Choose what you want", self._refusal(self.url_open(f"{PAGE}/pay")))
        for odd in ("x", "1", "1-2-3", "-", f"{self.company.id}-999999", "999999-1", "é-1"):
            self.assertIn("no longer open", self._refusal(
                self.url_open(f"{PAGE}/pay", params={"all": odd})), odd)

    def test_the_same_item_twice_is_paid_once(self):
        self._open()
        item = self._item(self.first).id
        page = self.url_open(f"{PAGE}/pay?item={item}&item={item}&item=0{item}")
        self.assertEqual(self._begun(page).amount, 120)

    def test_another_companys_items(self):
        other = self._create_company(name="Other")
        self.assertNotEqual(other, self.company)
        self._open()
        page = self.url_open(f"{PAGE}/pay?all={other.id}-{other.currency_id.id}")
        self.assertIn("no longer open", self._refusal(page))

    # === WHAT COMES BACK === #

    def test_another_amount_than_was_shown(self):
        self._open()
        page = self._choose(self.first)
        for odd in (1, 119.99, 0, -120, 1e9, None, "120", True, [120]):
            self.assertIn("expired", self._error(self._begin(page, amount=odd)), odd)

    def test_tokens_that_were_not_given(self):
        self._open()
        page = self._choose(self.first)
        good = self._form(page)["access_token"]
        case = self.foreign_case.sudo()
        foreign = case._sign_basket(self._basket(self.foreign_case, self.foreign))
        link = self.case._sign()
        for odd in (foreign, link, good[:-4], good + "AAAA", "", "x", "é", None, 7, [], {}):
            self.assertIn("expired", self._error(self._begin(page, access_token=odd)), odd)
        self.assertFalse(self.foreign_case.sudo()._get_portal_pending())

    def test_a_choice_is_worth_nothing_in_another_session(self):
        self._open()
        page = self._choose(self.first)
        form = self._form(page)
        self._leave()
        params = {"access_token": form["access_token"], "amount": 120.0, "flow": "direct",
                  "provider_id": self.provider.id, "payment_method_id": self.method.id}
        self.assertIn("expired", self._error(self._call(form["transaction_route"], params)))

    def test_a_revoked_link_pays_nothing(self):
        self._open()
        page = self._choose(self.first)
        self.case.with_user(self.owner).action_revoke_links()
        self.assertIn("expired", self._error(self._begin(page)))

    def test_nothing_is_paid_before_the_confirmation(self):
        self._open()
        page = self._choose(self.first)
        self.company.collection_link_confirmation = True
        self.assertIn("expired", self._error(self._begin(page)))
        self.assertNotIn(self.first.name, self._choose(self.first).text)

    def test_ways_that_are_not_offered(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        token = self.env["payment.token"].sudo().create(
            {"provider_id": self.provider.id, "payment_method_id": self.method.id,
             "partner_id": stranger.id, "provider_ref": "x", "demo_simulated_state": "done"}
        )
        own = token.copy({"partner_id": self.customer.id, "provider_ref": "y"})
        other = self.env.ref("payment.payment_provider_demo").sudo()
        self.assertNotEqual(other.company_id, self.company)
        self._open()
        page = self._choose(self.first)
        for odd in (
            {"provider_id": other.id},
            {"provider_id": 0},
            {"provider_id": "1"},
            {"payment_method_id": self.env.ref("payment_custom.payment_method_wire_transfer").id},
            {"payment_method_id": None},
            {"flow": "token", "token_id": token.id},
            {"flow": "token", "token_id": own.id},
            {"flow": "offline"},
            {"flow": "validation", "is_validation": True},
        ):
            self.assertIn("expired", self._error(self._begin(page, **odd)), odd)
        self.provider.state = "disabled"
        self.assertIn("expired", self._error(self._begin(page)))

    def test_where_one_lands_is_ours_to_say(self):
        self._open()
        transaction = self._begun(
            self._choose(self.first), landing_route="https://elsewhere.example"
        )
        self.assertTrue(transaction.landing_route.startswith(f"{PAGE}/paid/"))

    def test_other_values_than_the_form_has_change_nothing(self):
        self._open()
        transaction = self._begun(
            self._choose(self.first), partner_id=self.other_customer.id, currency_id=1,
            reference_prefix="EVIL", custom_create_values={"amount": 1},
        )
        self.assertEqual(transaction.partner_id, self.customer)
        self.assertEqual(transaction.amount, 120)
        self.assertNotIn("EVIL", transaction.reference)

    def test_a_form_of_another_site_pays_nothing(self):
        """A browser sends no JSON across sites unasked, and a form is not JSON."""
        self._open()
        page = self._choose(self.first)
        form = self._form(page)
        answer = self.url_open(
            form["transaction_route"],
            data={"access_token": form["access_token"], "amount": "120"},
        )
        self.assertGreaterEqual(answer.status_code, 400)
        self.assertFalse(self.case.sudo()._get_portal_pending())
        self.assertFalse(self._begun_ones())

    def test_payments_begun_are_limited(self):
        self._open()
        page = self._choose(self.first)
        answers = [self._begin(page, amount=1) for _turn in range(42)]
        self.assertIn("expired", self._error(answers[0]))
        self.assertIn("too many", self._error(answers[-1]))

    # === WHO MAY SEE WHAT === #

    def test_a_payment_of_somebody_else_is_not_found(self):
        self._open()
        transaction = self._begun(self._choose(self.first))
        self._leave()
        self._open(self.foreign_case)
        page = self.url_open(transaction.landing_route)
        self.assertEqual(page.status_code, 404)
        self.assertNotIn(transaction.reference, page.text)
        self.assertNotIn(self.first.name, page.text)
        for odd in ("0", "999999999"):
            self.assertEqual(self.url_open(f"{PAGE}/paid/{odd}").status_code, 404)

    def test_without_a_link_no_page_of_payments(self):
        for path in ("pay", f"pay?item={self._item(self.first).id}", "paid/1"):
            page = self.url_open(f"{PAGE}/{path}")
            self.assertEqual(page.status_code, 404, path)
            self.assertNotIn(self.first.name, page.text)

    def test_not_offered_by_the_company_or_to_the_segment(self):
        self._open()
        page = self._choose(self.first)
        self.case.sudo().scenario_id = self.scenario
        self.company.collection_part_payment = True
        for record, pay, part in (
            (self.company, "collection_portal_pay", "collection_part_payment"),
            (self.scenario, "collection_offer_pay", "collection_offer_parts"),
        ):
            record[pay] = False
            self.assertNotIn("account_pay", self.url_open(PAGE).text)
            self.assertEqual(self._choose(self.first).status_code, 404)
            self.assertIn("expired", self._error(self._begin(page)))
            record.write({pay: True, part: False})
            self.assertIn("paid in full only", self._choose(self.third, third="100").text)
            record[part] = True
        self.assertIn("o_payment_form", self._choose(self.third, third="100").text)

    def test_a_user_removed_from_the_customer_pays_nothing_more(self):
        """Neither what was chosen before; what was begun before is theirs and pays."""
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._portal_user(clerk, "clerk")
        self.authenticate("clerk", "clerk")
        begun = self._begun(self._choose(self.second))
        page = self._choose(self.first)
        clerk.parent_id = self.other_customer
        answer = self._begin(page)
        self.assertEqual(answer["result"]["state"], "error")
        self.assertIn("expired", answer["result"]["state_message"])
        self.assertEqual(self.url_open(begun.landing_route).status_code, 404)
        page = self._choose(self.first)
        self.assertNotIn(self.first.name, page.text)
        self.assertNotIn("o_payment_form", page.text)
        self._answer(begun, "done")
        self.assertEqual((self.first.amount_residual, self.second.amount_residual), (120, 0))

    def test_who_may_read_what_was_chosen(self):
        self._open()
        part = self._begun(self._choose(self.first)).collection_part_ids
        self.assertTrue(part.with_user(self.owner).move_name)
        self.assertTrue(part.with_user(self.owner).search([("state", "=", "draft")]))
        with self.assertRaises(AccessError):
            part.with_user(self.owner).write({"amount": 1})
        with self.assertRaises(AccessError):
            part.with_user(self.manager).unlink()
        elsewhere = new_test_user(
            self.env, "elsewhere", "account_collections.group_collection_manager",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[Command.set(self.env.ref("base.main_company").ids)],
        )
        portal = self._portal_user(self.customer, "client")
        for user in (elsewhere, portal):
            with self.assertRaises(AccessError):
                part.with_user(user).read(["move_name"])
