import re

from markupsafe import Markup
from odoo import Command
from odoo.addons.account_collections.tests.common import CollectionCommon
from odoo.tests import tagged

from ..models.mail_mail import PLACEHOLDER


@tagged("post_install", "-at_install")
class TestAccountMail(CollectionCommon):
    """Reminders show the way to the account; what is kept of them opens nothing."""

    def setUp(self):
        super().setUp()
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        self._invoice(self.customer, 120, overdue=20)
        self._morning()
        self.case = self._case(self.customer)
        self.reminder = self._reminder(self.customer)

    def test_the_code_of_a_mail_leads_where_its_button_leads(self):
        body = self.reminder.body
        self.assertTrue(PLACEHOLDER.search(body))
        self.assertNotIn("access_token", body)
        mail = self.env["mail.mail"].create(
            {
                "mail_message_id": self.case.message_post(
                    body="x", partner_ids=self.customer.ids
                ).id,
                "body_html": body,
                "recipient_ids": [Command.set(self.customer.ids)],
            }
        )
        [email] = mail._prepare_outgoing_list()
        [link] = set(re.findall(r'https?://[^"\s]+access_token=[\w-]+', email["body"]))
        [(name, picture, mimetype)] = email["attachments"]
        self.assertIn(f'src="cid:{name}"', email["body"])
        self.assertEqual(mimetype, "image/png")
        self.assertEqual(picture, self.case._draw_code(link))
        message = self.env["ir.mail_server"]._build_email__(
            "a@company.example", ["b@customer.example"], "x", email["body"], subtype="html",
            attachments=email["attachments"],
        )
        [part] = [one for one in message.walk() if one.get_content_type() == "image/png"]
        self.assertEqual(part["Content-ID"], f"<{name}>")
        self.assertEqual(part.get_content_disposition(), "inline")
        self.assertNotIn("access_token", mail.body_html)

    def test_an_answer_that_quotes_a_link_keeps_no_token_but_ours_work(self):
        body = Markup('<a href="/my/invoices/1?access_token=s3cret">Pay online</a>')
        answer = self.case.message_post(body=body, message_type="email")
        self.assertNotIn("s3cret", answer.body)
        ours = self.case.message_post(body=body, message_type="comment")
        self.assertIn("s3cret", ours.body, "its reader is to pay by it")

    def test_a_letter_shows_the_way_and_no_token(self):
        letter = self.env["collection.letter"]._prepare_letter(self.reminder)
        self.assertIn(self.case._get_letter_url(), letter.body)
        self.assertIn("data:image/png;base64,", letter.body)
        self.assertNotIn("access_token", letter.body)
