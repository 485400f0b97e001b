from odoo.addons.account_collections.tests.common import TODAY
from odoo.tests import tagged

from .access_common import PAGE
from .forms_common import PDF, PNG, FormCommon


@tagged("post_install", "-at_install")
class TestContest(FormCommon):
    """A customer contests an item, follows it and answers."""

    def setUp(self):
        super().setUp()
        self.item = self._item(self.invoice)
        self.shown = f"/contest?item={self.item.id}"
        self.typed = {
            "reason": str(self.reason.id),
            "amount": "30.00",
            "text": "Ten are missing.\nSee the note.",
            "name": "Ann Clerk",
        }

    def _disputes(self):
        return self.env["collection.dispute"].search([("case_id", "=", self.case.id)])

    def _contest(self, **changes):
        self._enter()
        return self._send(self.shown, **{**self.typed, **changes})

    # === STORY === #

    def test_contested_routed_followed_answered_rejected_and_dunned_again(self):
        answer = self._contest(files=[("photo.png", PNG), ("C:\\notes\\delivery.pdf", PDF)])
        dispute = self._disputes()
        self.assertEqual(
            answer.url.partition("?")[0], f"{self.base_url()}{PAGE}/dispute/{dispute.id}"
        )
        self.assertIn("we have received it", answer.text)
        self.assertEqual(
            (dispute.source, dispute.state, dispute.user_id, dispute.team_id),
            ("portal", "new", self.handler, self.team),
        )
        self.assertEqual(dispute.line_ids.amount_currency, 30)
        self.assertEqual(dispute.description, self.typed["text"])
        said = dispute.portal_message_ids
        self.assertEqual(
            said.attachment_ids.sorted("id").mapped("name"), ["photo.png", "delivery.pdf"]
        )
        self.assertFalse(said.author_id, "by link only the name is known")
        self.assertIn("Ann Clerk", said.email_from)
        self.assertIn("Ten are missing.<br", said.body)
        self.assertEqual(dispute.activity_ids.user_id, self.handler)
        self.assertFalse(dispute.activity_ids.create_uid.share, "else it opens for few")
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 90})

        # The handler asks; a note among colleagues stays among them.
        self._say(dispute, "They always complain", subtype_xmlid="mail.mt_note")
        self._say(dispute, "Colleagues only", partner_ids=self.owner.partner_id.ids)
        self._say(
            dispute,
            "Which pallet?",
            partner_ids=self.customer.ids,
            attachments=[("pallets.pdf", PDF)],
        )
        dispute.with_user(self.handler).action_await()
        page = self.url_open(f"{PAGE}/dispute/{dispute.id}")
        self.assertIn("We need your answer", page.text)
        self.assertIn("Which pallet?", page.text)
        for secret in (
            "They always complain",
            "Colleagues only",
            self.handler.name,
            self.handler.email,
        ):
            self.assertNotIn(secret, page.text)

        self._send(f"/dispute/{dispute.id}", text="The second", name="Ann Clerk")
        self.assertEqual(dispute.state, "investigating", "the clock runs again")
        self.assertIn("The customer answered", dispute.activity_ids.mapped("summary"))
        self._send(f"/dispute/{dispute.id}", text="And the third", name="Ann Clerk")
        self.assertIn("The customer wrote", dispute.activity_ids.mapped("summary"))

        self._resolve(dispute, "rejected", note="Our driver has the receipt")
        page = self.url_open(f"{PAGE}/dispute/{dispute.id}")
        self.assertIn("do not agree: the amount is due", page.text)
        self.assertNotIn("Our driver", page.text)
        self.assertNotIn("<form", page.text.split("Messages")[1].split("footer")[0])
        self.assertEqual(self._claimed(self.customer, TODAY), {self.invoice.name: 120})

    def _say(self, dispute, body, subtype_xmlid="mail.mt_comment", **values):
        dispute.with_user(self.handler).message_post(
            body=body, message_type="comment", subtype_xmlid=subtype_xmlid, **values
        )

    def test_files_of_what_the_customer_reads_and_no_others(self):
        self._contest(files=[("photo.png", PNG)])
        dispute = self._disputes()
        self._say(dispute, "See this", partner_ids=self.customer.ids, attachments=[("a.pdf", PDF)])
        self._say(dispute, "Ours", subtype_xmlid="mail.mt_note", attachments=[("b.pdf", PDF)])
        theirs = self._dispute(self.foreign, 10)
        self._say(theirs, "x", partner_ids=self.other_customer.ids, attachments=[("c.pdf", PDF)])
        path = f"{PAGE}/dispute/{dispute.id}"
        self.assertNotIn("b.pdf", self.url_open(path).text)
        for file in (dispute | theirs).message_ids.attachment_ids:
            answer = self.url_open(f"{path}/file/{file.id}")
            if file.name in ("photo.png", "a.pdf"):
                self.assertEqual(answer.content, file.raw)
                self.assertIn("attachment", answer.headers["Content-Disposition"])
                self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            else:
                self.assertEqual(answer.status_code, 404, file.name)
        foreign = theirs.message_ids.attachment_ids
        answer = self.url_open(f"{PAGE}/dispute/{theirs.id}/file/{foreign.id}")
        self.assertEqual(answer.status_code, 404)

    def test_a_contact_who_is_logged_in_is_the_author(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._log_in_as(clerk)
        self._send(self.shown, **self.typed)
        self.assertEqual(self._disputes().portal_message_ids.author_id, clerk)

    def test_the_item_leads_to_the_form_and_back(self):
        page = self._enter()
        self.assertIn(f"/contest?case={self.case.id}&amp;item={self.item.id}", page.text)
        self.assertIn('value="120.00"', self.url_open(f"{PAGE}{self.shown}").text)
        self._send(self.shown, **self.typed)
        page = self.url_open(PAGE).text
        self.assertIn("What you contest", page)
        self.assertIn('value="90.00"', self.url_open(f"{PAGE}{self.shown}").text, "what is left")

    def test_without_an_item_it_is_chosen(self):
        self._enter()
        page = self.url_open(f"{PAGE}/contest").text
        self.assertIn(self.invoice.name, page)
        self.assertNotIn(self.foreign.name, page)
        self.assertIn(
            "No open document matches", self.url_open(f"{PAGE}/contest?search=nothing").text
        )

    # === ONCE === #

    def test_the_same_form_sent_twice_makes_one_dispute(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        first = self._post("/contest", hidden, **self.typed)
        again = self._post("/contest", hidden, **self.typed)
        self.assertEqual(first.url, again.url)
        self.assertEqual(len(self._disputes()), 1)
        self.assertEqual(len(self._disputes().portal_message_ids), 1)

    def test_what_is_contested_already_is_not_contested_again(self):
        self._contest(amount="120.00")
        hidden = {"key": "0" * 32, "item": self.item.id, "csrf_token": self._csrf()}
        answer = self._post("/contest", hidden, **self.typed)
        self.assertIn("contested already", self._refusal(answer))
        self.assertEqual(len(self._disputes()), 1)

    def _csrf(self):
        return self._hidden(self.url_open(f"{PAGE}/message"))["csrf_token"]

    # === REFUSED === #

    def test_amounts_that_are_none(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        for odd, words in {
            "": "not an amount",
            "-5": "not an amount",
            "0": "above zero",
            "0.00": "above zero",
            "120.01": "larger than what is still open",
            "9" * 16: "larger than",
            "9" * 40: "not an amount",
            "1.005": "no smaller unit",
            "12,50": "not an amount",
            "1e2": "not an amount",
            "nan": "not an amount",
            "inf": "not an amount",
            "²": "not an amount",
            "٣": "not an amount",
            "<script>alert(1)</script>": "not an amount",
            "1; DROP TABLE": "not an amount",
        }.items():
            self.env["collection.portal.attempt"].search([]).unlink()
            answer = self._post("/contest", hidden, **{**self.typed, "amount": odd})
            self.assertIn(words, self._refusal(answer), odd)
            self.assertNotIn("<script>alert", answer.text)
        self.assertFalse(self._disputes())

    def test_reasons_that_are_not_offered(self):
        self.price.is_on_portal = False
        self._enter()
        page = self.url_open(f"{PAGE}{self.shown}")
        self.assertNotIn(f'value="{self.price.id}"', page.text)
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.reason.copy({"company_id": other.id, "user_id": False, "team_id": False})
        for reason in (self.price.id, foreign.id, "x", "", -1, 2**40):
            answer = self._send(self.shown, **{**self.typed, "reason": str(reason)})
            self.assertIn("choose a reason", self._refusal(answer), reason)

    def test_words_and_name_are_needed(self):
        self.assertIn("few words", self._refusal(self._contest(text=" \n\x00 ")))
        self.assertIn("your name", self._refusal(self._contest(name=" ")))
        self.assertFalse(self._disputes())

    def test_items_of_others_look_like_none(self):
        self._enter()
        foreign = self._item(self.foreign)
        hidden = {"key": "0" * 32, "csrf_token": self._csrf()}
        credit = self._item(self._invoice(self.customer, 20, overdue=5, move_type="out_refund"))
        texts = set()
        for item in (foreign.id, credit.id, 2**30 + foreign.id, 0, -1, "x", "9" * 30, "' OR 1=1"):
            answer = self._post("/contest", hidden, **{**self.typed, "item": item})
            self.assertEqual(answer.status_code, 404, item)
            texts.add(answer.text.split("<main")[1].split("</main>")[0])
            self.assertNotIn(self.foreign.name, self.url_open(f"{PAGE}/contest?item={item}").text)
        self.assertEqual(len(texts), 1)
        self.assertFalse(self.env["collection.dispute"].search([("source", "=", "portal")]))

    def test_paid_meanwhile(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        self._pay(self.invoice)
        answer = self._post("/contest", hidden, **self.typed)
        self.assertEqual(answer.status_code, 404)
        self.assertIn("paid or settled meanwhile", answer.text)

    def test_disputes_of_others_look_like_none(self):
        theirs = self._dispute(self.foreign, 10, description="secret words")
        self._enter()
        hidden = {"key": "0" * 32, "csrf_token": self._csrf()}
        for number in (theirs.id, 0, 10**9):
            path = f"/dispute/{number}"
            self.assertEqual(self.url_open(f"{PAGE}{path}").status_code, 404)
            answer = self._post(path, hidden, text="hello", name="Ann")
            self.assertEqual(answer.status_code, 404)
            self.assertNotIn("secret", answer.text)
        self.assertFalse(theirs.portal_message_ids)

    def test_without_a_link_there_is_nothing(self):
        dispute = self._dispute(self.invoice, 10)
        for path in ("/contest", self.shown, f"/dispute/{dispute.id}", "/message"):
            self.assertEqual(self.url_open(f"{PAGE}{path}").status_code, 404, path)

    def test_before_the_confirmation_nothing_is_sent(self):
        self.company.collection_link_confirmation = True
        page = self._enter()
        hidden = {
            "key": "0" * 32,
            "item": self.item.id,
            "csrf_token": self._hidden(page)["csrf_token"],
        }
        answer = self._post("/contest", hidden, **self.typed)
        self.assertNotIn(self.invoice.name, answer.text)
        self.assertFalse(self._disputes())

    def test_a_form_of_another_site_is_refused(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        good = hidden["csrf_token"]
        for token in ("", "x", ("1" if good[0] == "0" else "0") + good[1:]):
            answer = self._post("/contest", {**hidden, "csrf_token": token}, **self.typed)
            self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._disputes())

    def test_a_form_without_its_key_is_asked_for_again(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        for key in ("", "x" * 32, "../../x", "0" * 33):
            answer = self._post("/contest", {**hidden, "key": key}, **self.typed)
            self.assertIn("out of date", self._refusal(answer))

    def test_our_own_users_send_nothing(self):
        self.authenticate("owner", "owner")
        shown = f"{self.shown}&case={self.case.id}"
        answer = self._send(shown, **self.typed)
        self.assertIn("as its customer does", self._refusal(answer))
        self.assertFalse(self._disputes())

    def test_a_user_of_another_customer_sees_nothing(self):
        self._log_in_as(
            self.env["res.partner"].create({"name": "X", "parent_id": self.other_customer.id})
        )
        for path in (f"{self.shown}&case={self.case.id}", f"/contest?case={self.case.id}"):
            self.assertEqual(self.url_open(f"{PAGE}{path}").status_code, 404)
        self.assertNotIn(self.invoice.name, self.url_open(f"{PAGE}{self.shown}").text)

    def test_flooding_is_slowed_down(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        statuses = [
            self._post("/contest", hidden, **{**self.typed, "amount": ""}).status_code
            for _turn in range(21)
        ]
        self.assertEqual(statuses[0], 422)
        self.assertEqual(statuses[-1], 429)

    # === OFFERED === #

    def test_not_offered_by_the_company_or_to_the_segment(self):
        self._enter()
        hidden = self._hidden(self.url_open(f"{PAGE}{self.shown}"))
        self.case.sudo().scenario_id = self.scenario
        for record in (self.company, self.scenario):
            record.collection_offer_disputes = False
            self.assertNotIn("/contest", self.url_open(PAGE).text)
            self.assertEqual(self.url_open(f"{PAGE}{self.shown}").status_code, 404)
            self.assertEqual(self._post("/contest", hidden, **self.typed).status_code, 404)
            record.collection_offer_disputes = True
        self.assertEqual(self.url_open(f"{PAGE}{self.shown}").status_code, 200)

    def test_the_companys_own_text(self):
        self.company.collection_text_disputes = "<p>Ring first</p><script>alert(1)</script>"
        self._enter()
        page = self.url_open(f"{PAGE}{self.shown}").text
        self.assertIn("Ring first", page)
        self.assertNotIn("<script>alert(1)", page)
