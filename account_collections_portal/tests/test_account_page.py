from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from .access_common import PAGE, AccountCommon


@tagged("post_install", "-at_install")
class TestAccountPage(AccountCommon):
    # === BY LINK === #

    def test_a_link_opens_its_account_and_no_other(self):
        page = self._open()
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.invoice.name, page.text)
        self.assertNotIn(self.foreign.name, page.text)
        self.assertNotIn("access_token", page.url, "the token leaves the address")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("noindex", page.headers["X-Robots-Tag"])

    def test_asking_for_another_account_shows_ones_own(self):
        self._open()
        page = self.url_open(f"{PAGE}?case={self.foreign_case.id}")
        self.assertNotIn(self.foreign.name, page.text)
        document = self.url_open(f"{PAGE}/document/{self.foreign.id}")
        self.assertEqual(document.status_code, 404)

    def test_without_a_link_nothing_is_shown(self):
        for path in (PAGE, f"{PAGE}/pdf", f"{PAGE}/document/{self.invoice.id}"):
            page = self.url_open(f"{path}?case={self.case.id}")
            self.assertEqual(page.status_code, 404, path)
            self.assertNotIn(self.invoice.name, page.text)

    def test_links_that_open_nothing_look_alike(self):
        good = self.case._sign()
        with self._at(fields.Datetime.now() - timedelta(days=50)):
            expired = self.case._sign()
        texts = set()
        half = good[: len(good) // 2]
        for token in (expired, good[:-3], half, "x", "", "é", "A" * 5000, good + "A" * 8):
            page = self.url_open(f"{PAGE}?access_token={token}")
            self.assertEqual(page.status_code, 404, token)
            texts.add(page.text.split("<main")[1].split("</main>")[0])
        self.assertEqual(len(texts), 1)

    def test_revoked_links_open_nothing_even_where_they_were_used(self):
        self._open()
        self.case.with_user(self.owner).action_revoke_links()
        self.assertEqual(self.url_open(PAGE).status_code, 404)
        self.assertEqual(self._open().status_code, 200, "a new one does")

    def test_the_visit_is_shown_on_the_case(self):
        self.assertFalse(self.case.portal_first_seen)
        self._open()
        self.assertTrue(self.case.portal_first_seen)
        first = self.case.portal_first_seen
        self.assertEqual((first.minute, self.case.portal_last_seen), (0, first))
        with self._at(first + timedelta(hours=3, minutes=10)):
            self._open()
        self.assertEqual(self.case.portal_first_seen, first)
        self.assertEqual(self.case.portal_last_seen, first + timedelta(hours=3))

    def test_guessing_is_slowed_down(self):
        statuses = [
            self.url_open(f"{PAGE}?access_token=guess{number}").status_code
            for number in range(32)
        ]
        self.assertEqual(statuses[0], 404)
        self.assertEqual(statuses[-1], 429)

    def test_a_link_opens_in_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.opener.headers["Accept-Language"] = "en-US"
        page = self._open()
        self.assertIn("Votre contact", page.text)
        for answer in (*page.history, page):
            self.assertEqual(answer.headers.get("Cache-Control"), "no-store", answer.url)
        self.assertIn("Votre contact", self.url_open(PAGE).text)
        self.assertIn("Your contact", self.url_open(f"/en{PAGE}").text, "as the visitor chooses")
        page = self._open()
        self.assertIn("Your contact", page.text, "and again, by the same link")
        self.url_open(f"/fr{PAGE}")
        for answer in self._open().history:
            self.assertEqual(answer.headers.get("Cache-Control"), "no-store", answer.url)

    # === CONFIRMATION === #

    def _confirm(self, answer):
        page = self.url_open(PAGE)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(f"{PAGE}/confirm", data={"answer": answer, "csrf_token": token})

    def test_nothing_before_the_confirmation(self):
        self.company.collection_link_confirmation = True
        page = self._open()
        self.assertNotIn(self.invoice.name, page.text)
        self.assertNotIn("120.00", page.text)
        document = self.url_open(f"{PAGE}/document/{self.invoice.id}")
        self.assertNotIn("pdf", document.headers["Content-Type"])
        for wrong in ("0000", "INV", self.foreign.name, "' OR 1=1 --", "<b>"):
            self.assertNotIn(self.invoice.name, self._confirm(wrong).text, wrong)

    def test_a_document_number_confirms(self):
        self.company.collection_link_confirmation = True
        self._open()
        self.assertIn(self.invoice.name, self._confirm(self.invoice.name.lower()).text)

    def test_a_registration_number_confirms(self):
        self.company.collection_link_confirmation = True
        self._open()
        self.assertIn(self.invoice.name, self._confirm("552 100 554").text)

    def test_confirmations_are_limited(self):
        self.company.collection_link_confirmation = True
        self._open()
        token = self.url_open(PAGE).text.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"answer": "00000", "csrf_token": token}
        statuses = [self.url_open(f"{PAGE}/confirm", data=data).status_code for _turn in range(6)]
        self.assertEqual(statuses[-1], 429)

    # === LOGGED IN === #

    def test_a_contact_sees_the_account_of_the_legal_entity(self):
        self._log_in(self.customer)
        page = self.url_open(PAGE)
        self.assertIn(self.invoice.name, page.text)
        for odd in ("0", "-1", "x", "9" * 99, "²"):
            self.assertEqual(self.url_open(f"{PAGE}?case={odd}").status_code, 404, odd)
        foreign = self.url_open(f"{PAGE}?case={self.foreign_case.id}")
        self.assertEqual(foreign.status_code, 404)
        self.assertNotIn(self.foreign.name, foreign.text)
        self.assertIn("Account Statement", self.url_open("/my").text)
        asked = {"params": {"counters": ["collection_account_count"]}}
        self.assertEqual(
            self.url_open("/my/counters", json=asked).json()["result"],
            {"collection_account_count": 1},
        )

    def test_our_users_see_what_they_may_read(self):
        self.authenticate("owner", "owner")
        self.assertIn(self.invoice.name, self.url_open(f"{PAGE}?case={self.case.id}").text)
        self.assertIn(self.invoice.name, self.url_open(f"{PAGE}?search=INV").text, "still there")
        new_test_user(self.env, "plain", "base.group_user")
        self.authenticate("plain", "plain")
        self.assertEqual(self.url_open(f"{PAGE}?case={self.case.id}").status_code, 404)

    # === CONTENT === #

    def test_totals_filters_and_search(self):
        self._invoice(self.customer, 30, overdue=-400)
        self._invoice(self.customer, 50, overdue=20, move_type="out_refund")
        page = self._open().text
        [total] = self.case._get_portal_figures()["totals"]
        self.assertEqual(
            (total["balance"], total["overdue"], total["credits"], total["count"]),
            (100, 120, -50, 3),
        )
        self.assertIn("100.00", page)
        overdue = self.url_open(f"{PAGE}?filterby=overdue").text
        self.assertIn(self.invoice.name, overdue)
        self.assertNotIn("RINV", overdue.split('id="account_items"')[1].split("</table>")[0])
        self.assertIn("No open item matches", self.url_open(f"{PAGE}?search=nothing").text)
        pages = ("page=-1", "page=9999", "page=x", f"page={'9' * 99}")
        for odd in (*pages, "filterby=x", "sortby=x", "search=%25"):
            self.assertEqual(self.url_open(f"{PAGE}?{odd}").status_code, 200, odd)

    def test_markup_stays_text(self):
        self.customer.name = "<script>alert(1)</script>"
        self.invoice.ref = "<img src=x onerror=alert(1)>"
        page = self._open().text
        self.assertNotIn("<script>alert(1)", page)
        self.assertNotIn("<img src=x", page)

    def test_a_document_as_pdf(self):
        self._open()
        self.assertIn(f"/document/{self.invoice.id}", self.url_open(PAGE).text)
        document = self.case._get_portal_document(self.invoice.id)
        self.assertEqual(document, self.invoice)
        self.assertFalse(self.case._get_portal_document(self.foreign.id))

    # === MAIL === #

    def test_only_the_mail_that_leaves_holds_a_token(self):
        plain = self.case._get_portal_url()
        message = self.case.message_post(body="x", partner_ids=self.customer.ids)
        mail = self.env["mail.mail"].create(
            {
                "mail_message_id": message.id,
                "body_html": f'<a href="{plain}">See your account</a>',
                "recipient_ids": [Command.set(self.customer.ids)],
            }
        )
        self.assertIn("access_token=", mail._prepare_outgoing_body())
        self.assertNotIn("access_token=", mail.body_html)
        mail.recipient_ids = self.owner.partner_id
        self.assertNotIn("access_token=", mail._prepare_outgoing_body())
