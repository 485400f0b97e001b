from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..engine import chain
from .evidence_common import CHECK_LOGGER, EvidenceCommon


@tagged("post_install", "-at_install")
class TestEvidenceTampering(EvidenceCommon):
    """Whatever is done in the database to what was sealed is named."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminder = cls._sent()
        cls._seal()

    def _sealed(self):
        self._assert_sound()
        return self.reminder, self._events(self.reminder, "sent")

    @mute_logger(CHECK_LOGGER)
    def test_each_part_of_a_message(self):
        reminder, event = self._sealed()
        message, attachment = reminder.mail_message_id, reminder.attachment_ids
        other = self.env["ir.attachment"].create({"name": "x", "raw": b"You owe nothing"})
        content = other.store_fname or None, other.db_datas or None
        for kind, text, change, *values in (
            (
                "value_altered",
                f"Message {message.id} (body)",
                "UPDATE mail_message SET body = body || '!' WHERE id = %s",
                message.id,
            ),
            (
                "value_altered",
                "subject",
                "UPDATE mail_message SET subject = 'x' WHERE id = %s",
                message.id,
            ),
            (
                "value_altered",
                "email_from",
                "UPDATE mail_message SET email_from = 'x' WHERE id = %s",
                message.id,
            ),
            (
                "value_altered",
                "subject",
                "UPDATE collection_reminder SET subject = 'x' WHERE id = %s",
                reminder.id,
            ),
            (
                "value_altered",
                "body",
                "UPDATE collection_reminder SET body = 'x' WHERE id = %s",
                reminder.id,
            ),
            (
                "value_altered",
                "E-mail",
                "UPDATE mail_mail SET body_html = 'x' WHERE mail_message_id = %s",
                message.id,
            ),
            ("value_missing", "was deleted", "DELETE FROM mail_message WHERE id = %s", message.id),
            (
                "value_altered",
                f"Attachment {attachment.id}",
                "UPDATE ir_attachment SET store_fname = %s, db_datas = %s WHERE id = %s",
                *content,
                attachment.id,
            ),
            (
                "value_missing",
                "Attachment",
                "DELETE FROM ir_attachment WHERE id = %s",
                attachment.id,
            ),
        ):
            with self.subTest(change=change), self.cr.savepoint() as savepoint:
                self._sql(change, *values)
                self._assert_named(kind, event, text)
                savepoint.rollback()

    @mute_logger(CHECK_LOGGER)
    def test_each_column_of_an_event(self):
        _reminder, event = self._sealed()
        other = self._invoice(self.other_customer, 100, overdue=10)
        self._sync_cases()
        case = self._case(other.partner_id)
        for assignment, name in (
            (SQL("event = 'failed'"), "event was sent, is failed"),
            (SQL("happened_at = happened_at - interval '1 day'"), "happened_at was"),
            (SQL("user_id = %s", self.owner.id), "user was"),
            (SQL("user_id = NULL"), "user was"),
            (SQL("case_id = %s", case.id), "case was"),
            (SQL("reminder_id = NULL"), "reminder was"),
            (SQL("""facts = jsonb_set(facts, '{channel}', '"task"')"""), "facts was"),
            (SQL("""facts = facts || '{"amount": 1}'"""), "facts was"),
            (SQL("sealed_at = NULL"), "sealed_at was"),
            (SQL("digests = '{}'"), "digests was"),
        ):
            with self.subTest(name=name), self.cr.savepoint() as savepoint:
                self._sql("UPDATE collection_evidence SET %s WHERE id = %s", assignment, event.id)
                self._assert_named("altered", event, name)
                savepoint.rollback()

    @mute_logger(CHECK_LOGGER)
    def test_what_row_and_chain_say_of_an_event(self):
        reminder, event = self._sealed()
        claimed = self._events(reminder, "claimed")
        number = claimed.sequence
        for kind, text, change, harmed in (
            (
                "value_altered",
                "The fact “to”",
                """UPDATE collection_evidence SET facts = jsonb_set(facts, '{to}', '"x@y"')
                    WHERE id = %s""",
                event,
            ),
            (
                "resealed",
                "does not match its seal",
                """UPDATE collection_evidence SET event = 'failed',
                          payload = replace(payload, '"event":"sent"', '"event":"failed"')
                    WHERE id = %s""",
                event,
            ),
            (
                "erased",
                "erased without a record",
                """UPDATE collection_evidence SET salts = '{}', facts = facts - 'to'
                    WHERE id = %s""",
                event,
            ),
            (
                "missing",
                f"Events {number} to {number} are missing",
                "DELETE FROM collection_evidence WHERE id = %s",
                claimed,
            ),
            (
                "altered",
                "event was sent, is <b>x</b>",
                "UPDATE collection_evidence SET event = '<b>x</b>' WHERE id = %s",
                event,
            ),
        ):
            with self.subTest(kind=kind), self.cr.savepoint() as savepoint:
                there = harmed if kind != "missing" else None
                self._sql(change, harmed.id)
                check = self._assert_named(kind, there, text)
                self.assertNotIn("<b>", check.problems_html, "what differs is shown as text")
                if kind == "altered":
                    self.assertIn("&lt;b&gt;", check.problems_html)
                if kind == "missing":
                    self.assertEqual(check.problem_count, 1)
                savepoint.rollback()

    @mute_logger(CHECK_LOGGER)
    def test_the_last_events_were_deleted(self):
        self._sealed()
        last = self._events()[-1]
        number = last.sequence
        self._sql("DELETE FROM collection_evidence WHERE id = %s", last.id)
        self._assert_named("missing", text=f"Events {number} to {number}")
        # and the end of the chain made to fit: an earlier check remembers
        before = self._events()[-1]
        self._sql(
            "UPDATE collection_chain SET sequence = %s, seal = %s WHERE company_id = %s",
            before.sequence,
            before.seal,
            self.company.id,
        )
        self._assert_named("rewritten")

    @mute_logger(CHECK_LOGGER)
    def test_events_that_changed_places(self):
        reminder, event = self._sealed()
        claimed = self._events(reminder, "claimed")
        places = claimed.sequence, event.sequence
        for sequence, key in ((-1, claimed.id), (places[0], event.id), (places[1], claimed.id)):
            self._sql("UPDATE collection_evidence SET sequence = %s WHERE id = %s", sequence, key)
        check = self._assert_named("moved")
        self.assertIn(f"sealed as number {places[1]}", check.first_problem)
        self.assertEqual(check.problems[0]["sequence"], places[0])

    @mute_logger(CHECK_LOGGER)
    def test_an_event_that_was_put_in(self):
        _reminder, event = self._sealed()
        number = event.sequence
        self._sql(
            "UPDATE collection_evidence SET sequence = -sequence - 1 WHERE sequence >= %s", number
        )
        self._sql("UPDATE collection_evidence SET sequence = -sequence WHERE sequence < 0")
        self._sql(
            """INSERT INTO collection_evidence
                      (case_id, company_id, event, happened_at, facts, digests, salts,
                       sequence, payload, seal)
               SELECT case_id, company_id, 'answered', happened_at, '{}', '{}', '{}',
                      %s, '{"sequence":%s}', seal
                 FROM collection_evidence WHERE id = %s""",
            number,
            number,
            event.id,
        )
        check = self._verify()
        self.assertEqual(check.outcome, "broken")
        self.assertEqual(check.problems[0]["sequence"], number)
        self.assertIn(check.problems[0]["kind"], ("inserted", "resealed"))

    @mute_logger(CHECK_LOGGER)
    def test_a_chain_that_was_made_anew(self):
        _reminder, event = self._sealed()
        self._sql("UPDATE collection_evidence SET event = 'failed' WHERE id = %s", event.id)
        self._sql(
            "UPDATE collection_evidence SET sequence = NULL, seal = NULL WHERE company_id = %s",
            self.company.id,
        )
        self._sql(
            "UPDATE collection_chain SET sequence = 0, seal = %s WHERE company_id = %s",
            chain.GENESIS,
            self.company.id,
        )
        self._seal()
        self._assert_named("rewritten", text="not the one that was known before")

    @mute_logger(CHECK_LOGGER)
    def test_every_problem_is_counted_the_first_comes_first(self):
        reminder, event = self._sealed()
        claimed = self._events(reminder, "claimed")
        self._sql("UPDATE collection_evidence SET event = 'failed' WHERE id = %s", claimed.id)
        self._sql("UPDATE mail_message SET body = 'x' WHERE id = %s", reminder.mail_message_id.id)
        check = self._assert_named("altered", claimed)
        self.assertEqual(check.problem_count, 2)
        self.assertIn("Message", check.problems_html)


@tagged("post_install", "-at_install")
class TestTamperingWithoutFiles(EvidenceCommon):
    """Documents may lie in the database instead of the file store."""

    @mute_logger(CHECK_LOGGER)
    def test_an_attachment_in_the_database(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        reminder = self._sent()
        self._seal()
        self._assert_sound()
        self._sql(
            "UPDATE ir_attachment SET db_datas = 'x' WHERE id = %s", reminder.attachment_ids.id
        )
        self._assert_named("value_altered", self._events(reminder, "sent"), "Attachment")
