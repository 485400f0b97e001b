from datetime import timedelta

from odoo import fields
from odoo.addons.account_collections.tests.common import TODAY
from odoo.tests import tagged
from odoo.tools import mute_logger

from .access_common import PAGE, AccountCommon

HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@tagged("post_install", "-at_install")
class TestAccountAccess(AccountCommon):
    def test_a_colleague_without_an_account_is_led_to_the_cases(self):
        self.authenticate("owner", "owner")
        page = self.url_open(PAGE)
        self.assertEqual(page.status_code, 404)
        notice = page.text.split("<h1")[1].split("</main>")[0]
        self.assertIn("customers' page", notice)
        self.assertIn('href="/odoo/collections-cases"', notice)
        self.assertNotIn(PAGE, notice, "no way round in a circle")

    # === LINKS AND THE BROWSER === #

    def test_several_links_in_one_browser_do_not_mix(self):
        self._open()
        self._open(self.foreign_case)
        for case, own, other in (
            (self.case, self.invoice, self.foreign),
            (self.foreign_case, self.foreign, self.invoice),
        ):
            page = self._see(case)
            self.assertIn(own.name, page)
            self.assertNotIn(other.name, page)
        document = self.url_open(f"{PAGE}/document/{self.foreign.id}/files?case={self.case.id}")
        self.assertEqual(document.status_code, 404, "of the other account")
        self.case.with_user(self.owner).action_revoke_links()
        self.assertEqual(self.url_open(f"{PAGE}?case={self.case.id}").status_code, 404)
        self.assertIn(self.foreign.name, self._see(self.foreign_case), "the other one stays")

    def test_a_planted_session_does_not_follow_into_the_account(self):
        self.url_open(PAGE)
        planted = self.opener.cookies["session_id"]
        self._open()
        self.assertNotEqual(self.opener.cookies["session_id"], planted)
        own = self.opener.cookies["session_id"]
        self._open(self.foreign_case)
        self.assertNotEqual(self.opener.cookies["session_id"], own)
        own = self.opener.cookies["session_id"]
        self._open()
        self.assertEqual(self.opener.cookies["session_id"], own, "forms that are open still work")

    @mute_logger("odoo.http")
    def test_every_answer_bears_the_headers(self):
        link = self.case._get_signed_url()
        answers = [
            self.url_open(link, allow_redirects=False),
            self.url_open(PAGE),
            self.url_open(f"{PAGE}/document/{self.foreign.id}"),
            self.url_open(f"{PAGE}/xlsx"),
            self.url_open(f"{PAGE}/confirm", data={"answer": "x"}),
            self.url_open(f"{PAGE}?access_token=x"),
        ]
        self.assertEqual([one.status_code for one in answers], [303, 200, 404, 200, 400, 404])
        for answer in answers:
            for name, value in HEADERS.items():
                self.assertEqual(answer.headers.get(name), value, (answer.url, name))

    def test_refusals_are_counted(self):
        self._open()
        for _turn in range(3):
            self.url_open(f"{PAGE}/document/{self.foreign.id}")
        attempts = self.env["collection.portal.attempt"]
        self.assertEqual(attempts.search_count([("kind", "=", "document")]), 3)

    def test_a_flood_is_answered_and_fills_nothing(self):
        attempts = self.env["collection.portal.attempt"]
        answers = [attempts._is_allowed("document", "flood") for _turn in range(80)]
        self.assertEqual(answers, [True] * 60 + [False] * 20)
        self.assertEqual(attempts.search_count([("kind", "=", "document")]), 60)
        self.assertTrue(attempts._is_allowed("document", "somebody else"))
        attempts.search([]).sudo().tried_at = fields.Datetime.now() - timedelta(minutes=30)
        self.env.flush_all()
        self.assertTrue(attempts._is_allowed("document", "flood"), "a few minutes later")

    def test_a_whole_office_comes_by_one_link(self):
        self.company.collection_link_confirmation = True
        for _clerk in range(8):
            self.opener.cookies.clear()
            data = {"answer": self.invoice.name, "csrf_token": self._get_form_token(self._open())}
            page = self.url_open(f"{PAGE}/confirm", data={**data, "case": self.case.id})
            self.assertIn(self.invoice.name, page.text)

    # === LETTERS === #

    def test_a_letter_s_code_opens_nothing_without_confirmation(self):
        path = self.case._get_letter_url().removeprefix(self.case.get_base_url())
        self.assertRegex(path, rf"^{PAGE}/letter/[2-9A-Z]{{5}}-[2-9A-Z]{{5}}$")
        start, code = path.rsplit("/", 1)
        page = self.url_open(f"{start}/{code.lower().replace('-', '%20')}")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.invoice.name, page.text)
        for route in ("", "/pdf", f"/document/{self.invoice.id}/files", "/payments"):
            self.assertNotIn(self.invoice.name, self._see(self.case, route), route)
        data = {"answer": self.invoice.name, "csrf_token": self._get_form_token(page)}
        page = self.url_open(f"{PAGE}/confirm", data={**data, "case": self.case.id})
        self.assertIn(self.invoice.name, page.text)

    def test_codes_that_name_nothing_look_alike(self):
        code = self.case._get_letter_url().rpartition("/")[2]
        self.assertEqual(self.case._get_letter_url().rpartition("/")[2], code, "while it is valid")
        self.case.portal_code_until = TODAY - timedelta(days=1)
        statuses = [
            self.url_open(f"{PAGE}/letter/{one}").status_code
            for one in (code, "AAAAA-AAAAA", "%20", "é", "A" * 3000, "'--")
        ]
        self.assertEqual(set(statuses), {404})
        self.assertNotEqual(self.case._get_letter_url().rpartition("/")[2], code, "a new one")
        revoked = self.case._get_letter_url()
        self.case.with_user(self.owner).action_revoke_links()
        self.assertEqual(self.url_open(revoked).status_code, 404)

    def test_codes_are_guessed_slowly(self):
        statuses = [self.url_open(f"{PAGE}/letter/{n}AAAA-AAAAA").status_code for n in range(22)]
        self.assertEqual((statuses[0], statuses[-1]), (404, 429))

    # === LOGGED IN === #

    def test_a_user_removed_from_the_customer_loses_it_at_once(self):
        clerk = self._log_in(self.customer)
        self.assertIn(self.invoice.name, self._see(self.case))
        clerk.parent_id = False
        for path in ("", "/pdf", "/xlsx", "/payments", f"/document/{self.invoice.id}"):
            answer = self.url_open(f"{PAGE}{path}?case={self.case.id}")
            self.assertEqual(answer.status_code, 404, path)
        clerk.parent_id = self.other_customer
        self.assertIn(self.foreign.name, self.url_open(PAGE).text)
        self.assertNotIn(self.invoice.name, self.url_open(PAGE).text)

    def test_a_branch_sees_no_document_of_another(self):
        self.company.collection_split = "branch"
        north, south = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.customer.id} for name in ("North", "South")]
        )
        ours = self._invoice(north, 100, overdue=10)
        theirs = self._invoice(south, 200, overdue=10)
        self._map_again()
        case = self._case(north)
        self.assertEqual(case._get_portal_document(ours.id), ours)
        self.assertFalse(case._get_portal_document(theirs.id))
        self._open(case)
        self.assertNotIn(theirs.name, self._see(case))
        self.assertEqual(
            self.url_open(f"{PAGE}/document/{theirs.id}/files?case={case.id}").status_code, 404
        )
        self._log_in(self.customer)
        self.assertIn("South", self.url_open(PAGE).text, "the legal entity sees its branches")

    def test_a_payer_sees_its_share_and_nothing_else(self):
        payer = self._customer("Payeur", company_registry=False)
        shared = self._invoice(
            self.customer, 300, 10, collection_payer_id=payer.id, collection_payer_share=40
        )
        self._pay(self.invoice, 50)
        self._map_again()
        case = self._case(payer)
        self._open(case)
        page = self._see(case)
        self.assertIn(shared.name, page)
        self.assertIn("120.00", page)
        self.assertIn("Your share of this document", page)
        self.assertIn("Dupont", page, "it is told whose invoice it is")
        for hidden in (self.invoice.name, "300.00", "180.00", "50.00"):
            self.assertNotIn(hidden, page)
        self.assertFalse(case._get_portal_document(self.invoice.id))
        self.assertFalse(case._get_portal_payments(10), "the customer's payments are not its own")

    def test_a_group_sees_its_members_where_the_company_allows_it(self):
        self.other_customer.collection_head_id = self.customer
        self._log_in(self.customer)
        self.assertEqual(
            self.url_open(f"{PAGE}?case={self.foreign_case.id}").status_code, 404
        )
        self.company.collection_portal_group = True
        self.assertIn(self.foreign.name, self._see(self.foreign_case))
        self.company.collection_portal_group = False
        self.assertNotIn(self.foreign.name, self._see(self.foreign_case))

    def test_a_member_sees_the_group_s_account_where_the_company_allows_it(self):
        self.company.collection_group = True
        (self.customer | self.other_customer).company_registry = False
        self.other_customer.collection_head_id = self.customer
        self._map_again()
        self._pay(self.invoice, 13)
        self._log_in(self.other_customer)
        page = self.url_open(PAGE).text
        self.assertIn(f"{self.foreign.name}</a>", page, "its own part of the group's account")
        self.assertIn("77.00", page)
        for hidden in (self.invoice.name, "Dupont", "107.00", "184.00", "13.00", "/pdf?", "/pay?",
                       "/contest", "/promise", "/instalments"):
            self.assertNotIn(hidden, page)
        self.assertNotIn("13.00", self._see(self.case, "/payments"))
        document = f"{PAGE}/document/%s/files?case={self.case.id}"
        self.assertEqual(self.url_open(document % self.foreign.id).status_code, 200)
        self.assertEqual(self.url_open(document % self.invoice.id).status_code, 404)
        for path in ("/pdf", "/xlsx", "/pay?all=1-1", "/contest", "/promise", "/instalments"):
            self.assertEqual(self.url_open(f"{PAGE}{path}").status_code, 404, path)
        self.assertEqual(self.url_open(f"{PAGE}/message").status_code, 200)
        self.company.collection_portal_group = True
        page = self._see(self.case)
        for words in ("Who owes it", self.invoice.name, self.foreign.name, "For: Martin"):
            self.assertIn(words, page)
        narrowed = self._see(self.case, member=self.other_customer.id)
        self.assertNotIn(f"{self.invoice.name}</a>", narrowed)
        self.assertIn(f"{self.foreign.name}</a>", narrowed)

    # === PRIVACY === #

    def test_nothing_is_noted_where_the_company_does_not_want_it(self):
        self._open()
        self.assertTrue(self.case.portal_last_seen)
        self.company.collection_link_seen = False
        self.assertFalse(self.case.portal_last_seen, "what was kept is deleted")
        self._open()
        self.assertFalse(self.case.portal_first_seen)

    def test_an_erased_case_has_no_link_left(self):
        self._open()
        link, letter = self.case._get_signed_url(), self.case._get_letter_url()
        self.env["collection.erasure"].sudo()._erase_cases(self.case, "person")
        self.assertFalse(self.case.portal_first_seen)
        for address in (link, letter):
            self.assertEqual(self.url_open(address).status_code, 404)

    def test_an_answer_that_quotes_the_reminder_keeps_no_token(self):
        link = self.case._get_signed_url()
        message = self.case.message_post(body=f"> See {link}\nWe pay.", message_type="email")
        token = link.partition("access_token=")[2]
        self.assertNotIn(token, message.body)
        self.assertIn("We pay.", message.body)
