from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.account_collections.models.collection_undertaking import Bound
from odoo.tests import tagged

from .access_common import PAGE
from .forms_common import FormCommon


@tagged("post_install", "-at_install")
class TestPromiseOnline(FormCommon):
    """A customer promises a date within the company's limits."""

    def setUp(self):
        super().setUp()
        self.company.collection_promise_days = 21
        self.company.collection_promise_renewals = 1
        self.today = self.company._collection_today()
        self._enter()

    def _day(self, days):
        return fields.Date.to_string(self.today + timedelta(days=days))

    def _promise(self, shown="/promise", **changes):
        typed = {"amount": "120.00", "date": self._day(5), "name": "Ann Clerk", **changes}
        return self._send(shown, path="/promise", **typed)

    def _promises(self):
        return self.env["collection.promise"].search([("case_id", "=", self.case.id)])

    def _evidence(self):
        return self.env["collection.evidence"].search(
            [("case_id", "=", self.case.id), ("event", "=", "undertaken")]
        )

    # === STORY === #

    def test_promised_with_its_evidence_and_put_off_once(self):
        page = self.url_open(f"{PAGE}/promise").text
        self.assertIn("Until then we do not remind you", page)
        self.assertIn('value="120.00"', page)
        answer = self._promise(text="Our bank <b>agreed</b>")
        promise = self._promises()
        self.assertIn(f"/promise/{promise.id}?", answer.url)
        self.assertIn("We expect the money", answer.text)
        self.assertEqual(
            (promise.amount, promise.channel, promise.state, promise.user_id, promise.renewals),
            (120, "portal", "open", self.owner, 0),
        )
        self.assertEqual(promise.sentence, "Ann Clerk: Our bank <b>agreed</b>")
        proof = self._evidence()
        self.assertEqual(proof.facts["name"], "Ann Clerk")
        self.assertEqual(proof.facts["promise"], promise.id)
        self.assertEqual(set(proof.digests), {"fact.name", "fact.address"})
        self.assertIn("Your promises", self.url_open(PAGE).text)

        answer = self._promise(f"/promise?promise={promise.id}", date=self._day(9), amount="100")
        self.assertEqual(promise.state, "replaced")
        later = self._promises() - promise
        self.assertEqual((later.previous_id, later.renewals, later.amount), (promise, 1, 100))
        self.assertNotIn("Give another day", answer.text)
        page = self.url_open(f"{PAGE}/promise?promise={later.id}").text
        self.assertIn("cannot be once more", page)
        self.assertNotIn("<form", page.split("<h1")[1].split("Your contact")[0])

    def test_without_the_address_where_the_company_keeps_none(self):
        self.company.collection_keep_address = False
        self.assertNotIn("internet address", self.url_open(f"{PAGE}/promise").text)
        self._promise()
        self.assertNotIn("address", self._evidence().facts)

    def test_no_day_is_offered_that_we_cannot_agree_to(self):
        """Of what binds us, such as a credit insurance, the customer hears the day alone."""
        last = self.today + timedelta(days=6)

        def bind(_model, _lines, day):
            return Bound(last, "The insurer asks for it") if day > last else None

        with patch.object(type(self.env["collection.promise"]), "_get_bound", bind):
            page = self.url_open(f"{PAGE}/promise").text
            self.assertIn(f'max="{last}"', page)
            refused = self._promise(date=self._day(7))
            self.assertIn("Choose a day within the limits", self._refusal(refused))
            self.assertNotIn("insurer", page + refused.text)
            self.assertFalse(self._promises())
            self._promise(date=self._day(6))
        self.assertEqual(self._promises().date, last)

    def test_a_contact_who_is_logged_in(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._log_in_as(clerk)
        self._promise()
        self.assertEqual(self._promises().contact_id, clerk)

    def test_one_item_in_its_currency_without_what_is_contested(self):
        foreign = (
            self.env.ref("base.USD")
            if self.company.currency_id.name != "USD"
            else (self.env.ref("base.EUR"))
        )
        foreign.active = True
        dollars = self._invoice(self.customer, 500, overdue=20, currency_id=foreign.id)
        pills = self.url_open(f"{PAGE}/promise").text.split("<h1")[1].split("<form")[0]
        self.assertIn(f"currency={foreign.id}", pills, "one currency at a time")
        self._dispute(dollars, 200)
        item = self._item(dollars)
        page = self.url_open(f"{PAGE}/promise?item={item.id}").text
        self.assertIn('value="300.00"', page)
        self.assertIn(foreign.name, page)
        self.assertNotIn(self.invoice.name, page)
        answer = self._promise(f"/promise?item={item.id}", amount="300.01")
        self.assertIn("larger than what is open", self._refusal(answer))
        self._promise(f"/promise?item={item.id}", amount="300")
        self.assertEqual(self._promises().currency_id, foreign)

    def test_the_same_form_sent_twice_makes_one_promise(self):
        hidden = self._hidden(self.url_open(f"{PAGE}/promise"))
        typed = {"amount": "120", "date": self._day(5), "name": "Ann"}
        urls = {self._post("/promise", hidden, **typed).url for _turn in range(2)}
        self.assertEqual(len(urls), 1)
        self.assertEqual(len(self._promises()), 1)

    # === REFUSED === #

    def test_days_beyond_the_limits(self):
        for odd in (
            self._day(-1),
            self._day(22),
            "",
            "x",
            "2026-02-30",
            "9999-12-31",
            "01/02/2030",
        ):
            answer = self._promise(date=odd)
            self.assertIn("within the limits", self._refusal(answer), odd)
        self.assertFalse(self._promises())

    def test_amounts_beyond_the_limits(self):
        self.assertIn("larger than what is open", self._refusal(self._promise(amount="120.01")))
        self.assertIn("not an amount", self._refusal(self._promise(amount="-1")))
        self.assertIn("above zero", self._refusal(self._promise(amount="0")))
        self.company.collection_portal_promise_amount = 100
        self.assertIn('value="100.00"', self.url_open(f"{PAGE}/promise").text)
        self.assertIn("can be promised here", self._refusal(self._promise(amount="100.01")))
        self._promise(amount="100")
        self.assertEqual(self._promises().amount, 100)

    def test_whoever_promises_gives_a_name(self):
        self.assertIn("your name", self._refusal(self._promise(name="")))

    def test_promises_and_items_of_others(self):
        theirs = self.foreign_case._promise_quick(50, self.today + timedelta(days=3))
        item = self._item(self.foreign)
        self.assertEqual(self.url_open(f"{PAGE}/promise/{theirs.id}").status_code, 404)
        for shown in (
            f"/promise?promise={theirs.id}",
            f"/promise?item={item.id}",
            "/promise?item=x",
        ):
            page = self.url_open(f"{PAGE}{shown}").text
            self.assertNotIn(self.foreign.name, page)
        hidden = self._hidden(self.url_open(f"{PAGE}/promise"))
        typed = {"amount": "50", "date": self._day(3), "name": "Ann"}
        for odd in ({"promise": theirs.id}, {"item": item.id}):
            answer = self._post("/promise", hidden, **odd, **typed)
            self.assertIn("nothing to promise", self._refusal(answer))
        self.assertEqual(theirs.state, "open")
        self.assertFalse(self._promises())

    def test_paid_meanwhile(self):
        hidden = self._hidden(self.url_open(f"{PAGE}/promise"))
        self._pay(self.invoice)
        answer = self._post("/promise", hidden, amount="120", date=self._day(3), name="Ann")
        self.assertIn("nothing to promise", self._refusal(answer))

    def test_not_in_court_and_not_where_it_is_not_offered(self):
        hidden = self._hidden(self.url_open(f"{PAGE}/promise"))
        self.case.sudo().state = "legal"
        self.assertNotIn("/promise", self.url_open(PAGE).text)
        self.assertEqual(self.url_open(f"{PAGE}/promise").status_code, 404)
        self.assertEqual(self._post("/promise", hidden).status_code, 404)
        self.case.sudo().state = "dunning"
        self.company.collection_offer_promises = False
        self.assertEqual(self._post("/promise", hidden).status_code, 404)

    def test_our_own_users_promise_nothing(self):
        self.authenticate("owner", "owner")
        answer = self._promise(f"/promise?case={self.case.id}")
        self.assertIn("as its customer does", self._refusal(answer))

    def test_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids = [Command.link(other.id)]
        stranger = self.env["collection.case"].create(
            {"company_id": other.id, "partner_id": self.customer.id}
        )
        page = self.url_open(f"{PAGE}/promise?case={stranger.id}")
        self.assertEqual(page.status_code, 404, "a link opens one account")
