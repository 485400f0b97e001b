from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestEdits(CollectionCommon):
    """What a person changes before it leaves: both texts are kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.customer, 500, 20)
        cls._morning()
        cls.reminder = cls._reminder(cls.customer)
        cls.mine = cls.reminder.with_user(cls.owner)

    def test_what_the_template_said_and_what_was_sent(self):
        subject, body = self.reminder.subject, self.reminder.body
        self.mine.body = "<p>You owe 500.0.</p><p>Call me <b>today</b>.</p>"
        self.mine.subject = "Our talk"
        self.mine.body = "<p>You owe 500.0.</p><p>Call me tomorrow.</p>"
        self.assertEqual(self.reminder.original_subject, subject)
        self.assertEqual(self.reminder.original_body, body, "the template's, not the first edit")
        self.assertEqual(
            self.reminder._get_changes(),
            [
                ("old", subject),
                ("new", "Our talk"),
                ("same", "You owe 500.0."),
                ("new", "Call me tomorrow."),
            ],
        )
        changes = self.mine.changes
        self.assertIn("text-decoration-line-through", changes)
        self._noon()
        self.assertEqual(self.reminder.state, "sent")
        self.assertEqual(self.reminder.original_body, body)
        self.assertIn("tomorrow", self.reminder.mail_message_id.body)

    def test_markup_in_a_change_is_text(self):
        self.mine.subject = "<script>evil()</script>"
        self.assertIn("&lt;script&gt;", self.mine.changes)
        self.assertNotIn("<script>", self.mine.changes)

    def test_what_nobody_changed_shows_nothing(self):
        self.assertFalse(self.reminder.changes)
        self.assertFalse(self.reminder.original_body)

    def test_the_original_is_not_for_people_to_write(self):
        with self.assertRaises(UserError):
            self.mine.original_body = "<p>I never wrote that</p>"
