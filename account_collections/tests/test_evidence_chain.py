from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import chain
from .common import TODAY
from .evidence_common import CHECK_LOGGER, EvidenceCommon


@tagged("post_install", "-at_install")
class TestEvidenceChain(EvidenceCommon):
    """What left is proved and sealed, and what is no tampering is none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminder = cls._sent()

    # === WHAT IS PROVED === #

    def test_a_message_is_proved_as_it_left(self):
        reminder = self.reminder
        event = self._events(reminder, "sent")
        message = reminder.mail_message_id
        self.assertEqual(event.company_id, self.company)
        self.assertEqual(
            event.facts,
            {
                "channel": "email",
                "from": message.email_from,
                "message_id": reminder.message_id,
                "recipient": "Dupont",
                "subject": reminder.subject,
                "to": self.customer.email,
            },
        )
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertEqual(
            set(event.digests),
            {
                *(f"fact.{name}" for name in ("from", "recipient", "subject", "to")),
                *(f"reminder.{reminder.id}.{name}" for name in ("subject", "body")),
                *(f"message.{message.id}.{name}" for name in ("subject", "body", "email_from")),
                f"mail.{mail.id}.body_html",
                f"attachment.{reminder.attachment_ids.id}",
            },
        )
        self.assertEqual(set(event.salts), set(event.digests))
        self.assertEqual(
            event.digests["fact.to"], chain.salted(self.customer.email, event.salts["fact.to"])
        )

    def test_two_equal_texts_have_different_digests(self):
        first = self.env["collection.evidence"]._record(self.reminder, "failed", {"why": "x"})
        second = self.env["collection.evidence"]._record(first.reminder_id, "failed", {"why": "x"})
        self.assertNotEqual(first.digests["fact.why"], second.digests["fact.why"])

    def test_numbers_and_known_texts_are_no_personal_data(self):
        event = self.env["collection.evidence"]._record(
            self.reminder, "cancelled", {"reason": "paid", "amount": 12.5, "ids": [1], "who": ["A"]}
        )
        self.assertEqual(set(event.digests), {"fact.who"})

    # === NOT CHANGED BY ODOO'S OWN MEANS === #

    def test_what_was_sent_is_neither_edited_nor_deleted(self):
        reminder = self.reminder
        message = reminder.mail_message_id
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        case = reminder.case_id
        for attempt in (
            lambda: case._message_update_content(message, body="Better"),
            lambda: message.unlink(),
            lambda: mail.unlink(),
            lambda: reminder.attachment_ids.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "it is evidence"), self.cr.savepoint():
                attempt()

    def test_other_messages_and_documents_are_as_free_as_ever(self):
        case = self.reminder.case_id
        note = case.message_post(body="A note", message_type="comment")
        document = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": case._name, "res_id": case.id}
        )
        case._message_update_content(note, body="Better")
        (document | note.attachment_ids).unlink()
        note.unlink()

    # === SEALED === #

    def test_events_are_numbered_and_linked(self):
        head = self._seal()
        events = self._events().sorted("sequence")
        self.assertEqual(events.mapped("sequence"), list(range(1, len(events) + 1)))
        seal = chain.GENESIS
        for event in events:
            seal = chain.link(seal, chain.digest(event.payload))
            self.assertEqual(event.seal, seal)
        self.assertEqual((head.sequence, head.seal), (len(events), seal))
        self.assertEqual(head.waiting, 0)

    def test_no_personal_text_is_sealed(self):
        reminder = self.reminder
        self._seal()
        payload = self._events(reminder, "sent").payload
        for text in (self.customer.email, "Dupont", reminder.subject, reminder.body):
            self.assertNotIn(text, payload)

    def test_sealed_again_goes_on(self):
        first = self._seal()
        number, seal = first.sequence, first.seal
        self.assertEqual(self._seal().seal, seal, "nothing new")
        self.env["collection.evidence"]._record(self._reminder(self.customer), "resent")
        self.assertEqual(self._seal().sequence, number + 1)
        self._assert_sound()

    def test_what_commits_late_is_not_lost(self):
        """A slow transaction's event has a lower id than those that were sealed before it."""
        reminder = self.reminder
        late, early = (
            self.env["collection.evidence"]._record(reminder, "failed", {"n": n}) for n in (1, 2)
        )
        # as if not visible yet
        self._sql("UPDATE collection_evidence SET company_id = NULL WHERE id = %s", late.id)
        self._seal()
        self._sql(
            "UPDATE collection_evidence SET company_id = %s WHERE id = %s", self.company.id, late.id
        )
        self._seal()
        self.assertEqual(late.sequence, early.sequence + 1)
        self._assert_sound()

    def test_in_batches(self):
        module = "odoo.addons.account_collections.models."
        with (
            self._patched(f"{module}collection_chain.BATCH_SIZE", 2),
            self._patched(f"{module}collection_chain_check.BATCH_SIZE", 2),
        ):
            self._seal()
            check = self._assert_sound()
        self.assertGreater(check.sequence, 2)

    def _patched(self, name, value):
        return patch(name, value)

    def test_each_company_has_its_own_chain(self):
        self._seal()
        elsewhere = self._seal(self.other_company)
        self.assertEqual((elsewhere.sequence, elsewhere.seal), (0, chain.GENESIS))
        self.assertEqual(self._verify(self.other_company).outcome, "sound")

    def test_the_scheduled_action_seals(self):
        with self.committing() as env:
            env["collection.chain"]._cron_seal()
        self.assertTrue(all(self._events().mapped("sequence")))

    # === WHAT IS NO TAMPERING === #

    def test_a_rolled_back_transaction_leaves_no_gap(self):
        reminder = self.reminder
        with self.cr.savepoint() as savepoint:
            self.env["collection.evidence"]._record(reminder, "failed")
            savepoint.rollback()
        self.env["collection.evidence"]._record(reminder, "resent")
        self._seal()
        self._assert_sound()

    def test_a_reminder_that_was_sent_again_and_written_anew(self):
        reminder = self.reminder
        first = reminder.mail_message_id
        reminder.sudo().write({"state": "failed"})
        with self._at(f"{TODAY} 13:00:00"):
            reminder.with_user(self.owner).action_send_again()
            reminder.with_user(self.owner).body = "<p>Another text</p>"
        reminder.sudo().write({"is_edited": False})
        self._pay(self.invoice, 20)
        self._depart(f"{TODAY} 14:00:00")
        self.assertEqual((reminder.state, reminder.amount), ("sent", 80))
        self._seal()
        self._assert_sound()
        self._sql("UPDATE mail_message SET body = 'x' WHERE id = %s", first.id)
        with mute_logger(CHECK_LOGGER):
            self._assert_named("value_altered", self._events(reminder, "sent")[0])

    def test_an_answer_of_the_customer_is_proved(self):
        reminder = self.reminder
        case = reminder.case_id
        answer = self._answer(reminder, self.customer)
        event = self._events(case, "answered")
        self.assertIn(f"message.{answer.id}.body", event.digests)
        self.assertIn(f"attachment.{answer.attachment_ids.id}", event.digests)
        self.assertFalse(
            [name for name in event.digests if name.startswith("mail.")],
            "what tells us of it is deleted once it has left",
        )
        self._seal()
        self._sql("UPDATE mail_message SET body = 'No' WHERE id = %s", answer.id)
        with mute_logger(CHECK_LOGGER):
            self._assert_named("value_altered", event)

    # === MANY === #

    def test_queries_do_not_grow_with_the_number_of_events(self):
        reminder = self.reminder
        counts = []
        for number in (50, 400):
            self.env["collection.evidence"]._record(
                reminder.browse([reminder.id] * number), "failed", {"why": "x", "n": number}
            )
            self._seal()
            check = self.env["collection.chain.check"].sudo().create(
                {"chain_id": self.env["collection.chain"]._get(self.company).id}
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            with self.committing() as env:
                env["collection.chain.check"].browse(check.id)._verify()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(check.outcome, "sound")
        self.assertLessEqual(counts[1], counts[0] + 2)

    # === WHO === #

    def test_auditor_and_manager_ask_for_a_check(self):
        self._seal()
        head = self.env["collection.chain"]._get(self.company)
        for user in (self.reader, self.manager):
            action = head.with_user(user).action_verify()
            check = self.env["collection.chain.check"].browse(action["res_id"])
            self.assertEqual((check.state, check.user_id), ("waiting", user))
            with self.committing() as env:
                env["collection.chain.check"]._cron_verify()
            self.assertEqual((check.state, check.outcome), ("done", "sound"))
            self.assertEqual((head.checked_by, head.outcome), (user, "sound"))
            self.assertTrue(check.with_user(user).problems is False)

    def test_asked_twice_is_checked_once(self):
        head = self.env["collection.chain"]._get(self.company).with_user(self.reader)
        self.assertEqual(head.action_verify()["res_id"], head.action_verify()["res_id"])

    def test_collectors_and_other_companies_verify_nothing(self):
        head = self.env["collection.chain"]._get(self.company)
        check = self._verify()
        for user in (self.owner, self.stranger):
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    head.with_user(user).action_verify()
                with self.assertRaises(AccessError):
                    check.with_user(user).read(["outcome"])
        self.assertFalse(
            self.env["collection.evidence"].with_user(self.stranger).search_count([])
        )

    def test_nobody_writes_chain_or_check(self):
        head = self.env["collection.chain"]._get(self.company)
        check = self._verify()
        for user in (self.reader, self.manager, self.admin):
            for attempt in (
                lambda user=user: head.with_user(user).write({"seal": "x"}),
                lambda user=user: head.with_user(user).unlink(),
                lambda user=user: check.with_user(user).write({"outcome": "sound"}),
                lambda user=user: check.with_user(user).unlink(),
                lambda user=user: check.with_user(user).create({"chain_id": head.id}),
            ):
                with self.assertRaises(AccessError):
                    attempt()

    def test_the_command_line_s_result(self):
        self._seal()
        with self.committing() as env:
            [result] = env["collection.chain"]._verify_now(self.company.ids)
        self.assertEqual((result["outcome"], result["problems"]), ("sound", []))
        self.assertEqual(result["events"], len(self._events()))
        self._sql("UPDATE collection_evidence SET event = 'failed' WHERE event = 'sent'")
        with self.committing() as env, mute_logger(CHECK_LOGGER):
            [result] = env["collection.chain"]._verify_now(self.company.ids)
        self.assertEqual(result["outcome"], "broken")
        self.assertIn("event was sent, is failed", result["problems"][0])

    def test_an_interrupted_check_goes_on(self):
        self._seal()
        head = self.env["collection.chain"]._get(self.company)
        events = self._events().sorted("sequence")
        check = self.env["collection.chain.check"].sudo().create(
            {
                "chain_id": head.id,
                "state": "running",
                "event_total": head.sequence,
                "sequence": 2,
                "seal": events[1].seal,
            }
        )
        with self.committing() as env:
            env["collection.chain.check"]._cron_verify()
        self.assertEqual((check.outcome, check.sequence), ("sound", head.sequence))

    def test_the_screens_open(self):
        action = self.env["collection.chain"].with_user(self.reader).action_open()
        self.assertEqual(action["res_model"], "collection.chain")
        reminder = self.reminder
        self._seal()
        event = self._events(reminder, "sent")
        self.assertIn(self.customer.email, event.with_user(self.reader).facts_html)
        action = reminder.case_id.with_user(self.reader).action_open_evidence()
        found = self.env["collection.evidence"].with_user(self.reader).search(action["domain"])
        self.assertEqual(len(found), reminder.case_id.evidence_count)


@tagged("post_install", "-at_install")
class TestEvidenceUnderWay(EvidenceCommon):
    """Of what has not left yet, or leaves in another way."""

    def test_what_was_handed_over_by_a_person_is_proved_too(self):
        self._morning()
        reminder = self._reminder(self.customer)
        reminder.sudo().state = "unconfirmed"
        reminder.with_user(self.owner).action_mark_sent()
        event = self._events(reminder, "said_sent")
        self.assertIn(f"reminder.{reminder.id}.body", event.digests)
        self.assertEqual(event.user_id, self.owner)

    def test_what_may_have_left_is_kept(self):
        self._morning()
        reminder = self._reminder(self.customer)
        reminder.sudo().state = "sending"
        with self.committing() as env:
            delivery = env["collection.delivery"]
            delivery._record_unconfirmed(env["collection.reminder"].browse(reminder.id), "Gone")
        event = self._events(reminder, "unconfirmed")
        self.assertEqual(event.facts["body"], reminder.body)
        self.assertEqual(event.facts["to"], self.customer.email)

    def test_no_token_is_kept(self):
        self.template.body_html = '<a href="/my/invoices/1?access_token=s3cret&amp;a=1">Pay</a>'
        reminder = self._sent()
        self.assertIn("s3cret", reminder.mail_message_id.body)
        event = self._events(reminder, "sent")
        name = f"message.{reminder.mail_message_id.id}.body"
        masked = reminder.mail_message_id.body.replace("s3cret", "…")
        self.assertEqual(event.digests[name], chain.salted(masked, event.salts[name]))
        [recorded] = self.env["collection.evidence"]._record(
            reminder, "failed", {"why": "see /my?token=s3cret"}
        )
        self.assertEqual(recorded.facts["why"], "see /my?token=…")
        self.assertNotIn("s3cret", str(self._events().mapped("facts")))

    def test_another_worker_is_sealing(self):
        key = (0x5345414C, self.company.id)
        with self.env.registry.cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", key)
            self.env.cr.execute("SET LOCAL lock_timeout = '5s'")
            self._sent()  # sending waits for no seal
            with self.committing() as env:
                company = env["res.company"].browse(self.company.id)
                self.assertTrue(env["collection.chain"]._seal(company))
            other.execute("SELECT pg_advisory_unlock(%s, %s)", key)
        self.assertFalse(any(self._events().mapped("sequence")))

    def test_merged_customers(self):
        self._invoice(self.other_customer, 200, overdue=10)
        third = self._customer("Bernard")
        self._day()
        self._seal()
        for source, target in ((self.other_customer, self.customer), (self.customer, third)):
            wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
            wizard._merge((source | target).ids, target)
            self.env.invalidate_all()
        self.assertTrue(self._events(event="merged"))
        self._assert_sound()
        self._seal()
        self._assert_sound()

    def test_a_user_who_was_deleted(self):
        self._morning()
        reminder = self._reminder(self.customer)
        reminder.with_user(self.manager).action_withdraw()
        self._seal()
        event = self._events(reminder, "withdrawn")
        self.assertEqual(event.user_id, self.manager)
        self.manager.sudo().unlink()
        self.assertFalse(event.user_id)
        self._assert_sound()
