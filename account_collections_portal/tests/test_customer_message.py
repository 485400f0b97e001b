from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..controllers import inputs
from .access_common import PAGE
from .forms_common import PDF, PNG, FormCommon, office_file


@tagged("post_install", "-at_install")
class TestCustomerMessage(FormCommon):
    """A customer writes to the collector, with files."""

    def setUp(self):
        super().setUp()
        self._enter()

    def _write(self, files=(), **typed):
        return self._send("/message", files=files, **{"text": "Hello", "name": "Ann", **typed})

    def _messages(self):
        return self.case.message_ids.filtered(lambda one: one.message_type == "email")

    def test_it_lands_in_the_case_pauses_and_is_work(self):
        answer = self._write(files=[("advice.pdf", PDF)], text="We paid <b>yesterday</b>")
        self.assertIn("we have received your message", answer.text)
        message = self._messages()
        self.assertIn("Ann", message.email_from)
        self.assertIn("&lt;b&gt;yesterday", message.body)
        self.assertEqual(message.attachment_ids.name, "advice.pdf")
        self.assertTrue(self.case.unanswered_since)
        self.assertEqual(self.case.hold_ids.reason, "reply")
        self.assertEqual(self.case.activity_ids.user_id, self.owner)
        self.assertFalse(self.case.activity_ids.create_uid.share, "else it opens for few")
        self.assertEqual(
            self.env["collection.evidence"]
            .search([("case_id", "=", self.case.id)])
            .mapped("event"),
            ["answered"],
        )

    def test_a_contact_who_is_logged_in_is_the_author(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._log_in_as(clerk)
        self._write()
        self.assertEqual(self._messages().author_id, clerk)

    def test_sent_twice_it_is_there_once(self):
        hidden = self._hidden(self.url_open(f"{PAGE}/message"))
        for _turn in range(2):
            self._post("/message", hidden, text="Hello", name="Ann")
        self.assertEqual(len(self._messages()), 1)

    def test_what_was_typed_stays_typed(self):
        answer = self._write(name="")
        self.assertIn("your name", self._refusal(answer))
        self.assertIn(">Hello</textarea>", answer.text)

    def test_not_offered(self):
        self.company.collection_offer_messages = False
        self.assertNotIn("/message", self.url_open(PAGE).text)
        self.assertEqual(self.url_open(f"{PAGE}/message").status_code, 404)

    # === FILES === #

    def test_files_are_what_their_content_says(self):
        word = office_file("[Content_Types].xml", "word/document.xml")
        macros = office_file("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
        good = [("a.pdf", PDF), ("b.PNG", PNG), ("c.docx", word)]
        self._write(files=good)
        self.assertEqual(len(self._messages().attachment_ids), 3)
        for name, content in (
            ("page.pdf", b"<html><script>alert(1)</script></html>"),
            ("page.html", b"<html></html>"),
            ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("program.exe", b"MZ" + b"\0" * 200),
            ("program.pdf", b"MZ" + b"\0" * 200),
            ("photo.pdf", PNG),
            ("text.docx", macros),
            ("archive.docx", office_file("evil.exe")),
            ("archive.zip", office_file("evil.exe")),
            ("broken.docx", b"PK\x03\x04" + b"x" * 50),
            ("empty.pdf", b""),
            ("note.txt", b"Hello"),
            ("noending", PDF),
        ):
            self.env["collection.portal.attempt"].search([]).unlink()
            answer = self._write(files=[(name, content)])
            self.assertIn("cannot be attached", self._refusal(answer), name)
        self.assertEqual(len(self._messages()), 1)

    def test_names_of_files_hold_no_path_and_no_markup_that_acts(self):
        names = ["../../etc/passwd.pdf", "C:\\x\\y.pdf", "<img src=x onerror=alert(1)>.pdf"]
        answer = self._write(files=[(name, PDF) for name in names])
        self.assertEqual(
            set(self._messages().attachment_ids.mapped("name")),
            {"passwd.pdf", "y.pdf", "<img src=x onerror=alert(1)>.pdf"},
        )
        self.assertNotIn("<img src=x", answer.text)

    def test_too_many_and_too_large(self):
        answer = self._write(files=[(f"{number}.pdf", PDF) for number in range(6)])
        self.assertIn("5 files at most", self._refusal(answer))
        large = PDF + b"\0" * inputs.LARGEST_FILE
        self.assertIn("too large", self._refusal(self._write(files=[("large.pdf", large)])))
        self.assertFalse(self._messages())

    def test_what_is_huge_is_refused_by_its_announced_length(self):
        hidden = self._hidden(self.url_open(f"{PAGE}/message"))
        huge = b"\0" * (inputs.LARGEST_FORM + 1)
        answer = self._post("/message", hidden, [("huge.pdf", huge)], text="Hello", name="Ann")
        self.assertEqual(answer.status_code, 413)
        self.assertIn("These files are too large", answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertFalse(self._messages())

    # === EVERY TEXT === #

    def test_markup_and_scripts_stay_text_in_every_form(self):
        evil, name = "<script>alert(1)</script>", "<img src=x onerror=alert(1)>\r\nBcc: a@x.example"
        day = fields.Date.to_string(self.company._collection_today() + timedelta(days=3))
        self.owner.name = evil
        typed = {"text": evil, "name": name, "date": day}
        item = self._item(self.invoice).id
        self._write(**typed)
        self._send("/instalments", count="9", **typed)
        self._send(f"/contest?item={item}", "/contest", amount="20", reason=self.reason.id, **typed)
        self._send("/promise", amount="50", **typed)
        case = self.case.sudo()
        self.assertTrue(case.dispute_ids and case.promise_ids and case.plan_ids)
        for path in (
            "", f"/dispute/{case.dispute_ids.id}", f"/promise/{case.promise_ids.id}",
            f"/plan/{case.plan_ids.id}", f"?search={evil}", f"/pay?item={evil}",
            f"/contest?item={evil}",
        ):  # fmt: skip
            page = self.url_open(f"{PAGE}{path}").text
            self.assertIn("<main", page, path)
            self.assertNotIn(evil, page, path)
            self.assertNotIn("<img src=x", page, path)
        messages = case.message_ids | case.dispute_ids.message_ids
        notes = case.activity_ids | case.dispute_ids.activity_ids
        for body in (*messages.mapped("body"), *notes.mapped("note")):
            self.assertNotIn("<script", body or "")
            self.assertNotIn("<img src=", body or "")
        self.assertNotIn("\n", "".join(messages.filtered("email_from").mapped("email_from")))
