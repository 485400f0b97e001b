from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestHostileCalls(CollectionCommon):
    """What a program may call with a person's key, and what comes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.reader = new_test_user(
            cls.env, "reader", "account_collections.group_collection_readonly", **companies
        )
        cls.visitor = new_test_user(cls.env, "visitor", "base.group_portal")
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)
        cls._morning()
        cls.case = cls._case(cls.customer)
        cls.reminder = cls.case.reminder_ids

    # === WHAT LEAVES === #

    def test_a_document_that_one_may_not_read_leaves_with_no_reminder(self):
        """The product sends with its own rights: nobody lends them to look at other papers."""
        attachments = self.env["ir.attachment"]
        secret = attachments.sudo().create({"name": "salaries.pdf", "raw": b"secret"})
        reminder = self.reminder.with_user(self.owner)
        for command in (Command.link(secret.id), Command.set(secret.ids)):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                reminder.write({"attachment_ids": [command]})
        self.env.invalidate_all()
        self.assertNotIn(secret, self.reminder.attachment_ids)
        own = attachments.with_user(self.owner).create({"name": "terms.pdf", "raw": b"ours"})
        reminder.write({"attachment_ids": [Command.link(own.id)]})
        self._noon()
        self.assertEqual(self.reminder.state, "sent")
        self.assertEqual(self.reminder.mail_message_id.attachment_ids.mapped("name"), ["terms.pdf"])

    def test_a_recipient_of_another_company_is_out_of_reach(self):
        elsewhere = self._create_company(name="Elsewhere")
        stranger = self._customer("Stranger", company_id=elsewhere.id)
        with self.assertRaises(AccessError):
            self.reminder.with_user(self.owner).recipient_id = stranger

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_a_reader_writes_to_nobody(self):
        case = self.case.with_user(self.reader)
        before = len(case.message_ids)
        for attempt in (
            lambda: case.message_post(body="Pay!", partner_ids=self.customer.ids),
            lambda: case.activity_schedule("mail.mail_activity_data_todo", TODAY, summary="Pay!"),
            lambda: case.message_subscribe(partner_ids=self.customer.ids),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        self.assertEqual(len(self.case.message_ids), before)
        self.case.with_user(self.owner).message_post(body="Called them")
        self.assertEqual(len(self.case.message_ids), before + 1)

    # === OUT OF SIGHT === #

    def test_a_case_with_open_items_is_not_put_out_of_sight(self):
        case = self.case.with_user(self.owner)
        with self.assertRaisesRegex(UserError, "open items"):
            case.action_archive()
        self._pay(self.invoice)
        case.action_archive()
        self.assertFalse(self.case.active)

    def test_a_new_debt_brings_an_archived_case_back(self):
        self._pay(self.invoice)
        self.case.action_archive()
        self._morning(TODAY + DAY)
        self.assertFalse(self.case.active, "nothing is owed")
        self._invoice(self.customer, 300, overdue=10)
        self._day(TODAY + 2 * DAY)
        self.assertTrue(self.case.active)
        self.assertEqual((self._reminder(self.customer).amount, self.case.overdue), (300, 300))

    # === SWITCHES === #

    def test_nothing_goes_live_but_by_the_wizard(self):
        portfolios = self.env["collection.portfolio"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "by hand"):
            self.portfolio.with_user(self.manager).is_live = False
        made = portfolios.with_context(default_is_live=True).create({"name": "Quiet"})
        also = portfolios.create({"name": "Loud", "is_live": True})
        self.assertEqual((made + also).mapped("is_live"), [False, False])

    def test_a_portfolio_stays_in_its_company(self):
        elsewhere = self._create_company(name="Elsewhere")
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.portfolio.company_id = elsewhere
        self.env.invalidate_all()
        self.env["collection.portfolio"].create({"name": "Empty"}).company_id = elsewhere

    def test_a_preview_stays_in_the_user_s_companies(self):
        elsewhere = self._create_company(name="Elsewhere")
        preview = self.env["collection.preview"].with_user(self.owner)
        with self.assertRaisesRegex(AccessError, "own companies"):
            preview.create({"company_id": elsewhere.id}).action_compute()

    # === PAUSES AND OWNERS === #

    def test_the_end_of_a_pause_is_not_hushed_up(self):
        holds = self.env["collection.hold"].with_user(self.owner)
        values = {"case_id": self.case.id, "reason": "other", "date_end": TODAY + 5 * DAY}
        for secret in ({"announced": True}, {"lifted_on": TODAY}):
            with self.assertRaisesRegex(UserError, "by hand"):
                holds.create({**values, **secret})
        forged = holds.with_context(default_announced=True, default_lifted_on=TODAY)
        hold = forged.create({**values, "date_start": TODAY})
        self.assertEqual((hold.lifted_on, hold.announced), (False, False))
        with self.assertRaisesRegex(UserError, "by hand"):
            hold.announced = True
        with self._at(f"{TODAY} 08:00:00"):
            self.case.with_user(self.owner).action_lift_hold()
        self.assertEqual((hold.lifted_on, hold.announced), (TODAY, True))

    def test_work_is_given_to_colleagues(self):
        case = self.case.with_user(self.owner)
        hold = self.env["collection.hold"].create(
            {"case_id": self.case.id, "reason": "other", "date_end": TODAY + DAY}
            | {"date_start": TODAY}
        )
        for record in (case, hold.with_user(self.owner)):
            with self.assertRaisesRegex(UserError, "no colleague"), self.env.cr.savepoint():
                record.user_id = self.visitor
        with self.assertRaisesRegex(UserError, "no colleague"):
            case.with_user(self.manager).create(
                {"partner_id": self.owner.partner_id.id, "user_id": self.visitor.id}
            )
        absences = self.env["collection.substitution"].with_user(self.owner)
        with self.assertRaisesRegex(UserError, "no colleague"):
            absences.create({"substitute_id": self.visitor.id, "date_to": fields.Date.today()})
        self.env.invalidate_all()
        self.assertEqual(self.case.user_id, self.owner)

    # === SETTINGS === #

    @mute_logger("odoo.sql_db")
    def test_settings_that_would_stop_everything_are_refused(self):
        """An hour that never comes, or a cap below zero, would keep all silently from leaving."""
        for values in (
            {"collection_run_hour": 24},
            {"collection_run_hour": -1},
            {"collection_depart_hour": 25},
            {"collection_daily_cap": -1},
            {"collection_max_pause_days": -1},
            {"collection_small_residual": -5},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.company.write(values)
                self.env.flush_all()
            self.env.invalidate_all()
        self.company.write({"collection_run_hour": 0, "collection_depart_hour": 23.9833})
        self.assertEqual(self.company._collection_local_hour(TODAY).minute, 59)

    # === LEVELS DELETED === #

    def test_a_level_deleted_under_what_failed_sends_nothing_unapproved(self):
        """Sent again, the reminder of a level that is gone is asked anew, and does not leave."""
        self.scenario.level_ids[0].approval = True
        self._invoice(self.other_customer, 100, overdue=10)
        self._morning(TODAY + DAY)
        reminder = self._reminder(self.other_customer)
        self.assertEqual(reminder.state, "to_approve")
        reminder.sudo()._set_state("failed", failure="broken")
        self.scenario.level_ids[0].unlink()
        with self._at(f"{TODAY + DAY} 10:00:00"):
            reminder.with_user(self.owner).action_send_again()
        self._noon(TODAY + DAY)
        self.assertEqual(reminder.state, "cancelled")
        self.assertFalse(reminder.mail_message_id)

    def test_a_level_deleted_while_a_person_has_its_task(self):
        """The step stays with its owner, and still tells which one it was."""
        self.reminder._withdraw()
        self.scenario.level_ids[0].channel = "task"
        self._day(TODAY + DAY)
        task = self._reminder(self.customer)
        self.assertEqual(task.state, "to_do")
        self.scenario.level_ids[0].unlink()
        self._day(TODAY + 2 * DAY)
        self.assertEqual(self.case.decision_id.reason, "task_open")
        task.activity_id.action_feedback()
        self.assertEqual((task.state, task.level_name), ("sent", "Courteous"))

    # === MONEY === #

    def test_a_currency_archived_while_an_invoice_is_open(self):
        currency = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        self._invoice(self.other_customer, 200, overdue=10, currency_id=currency.id)
        currency.active = False
        self._day(TODAY + DAY)
        reminder = self._reminder(self.other_customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 100))
        self.assertEqual(reminder.item_ids.currency_id, currency)
        self.assertIn("CHF", reminder._format_amount(*reminder._get_totals()[0][::-1]))

    def test_dates_that_nobody_can_mean(self):
        reminder = self.reminder.with_user(self.owner)
        with self.assertRaises(ValueError), self.env.cr.savepoint():
            reminder.depart_at = "tomorrow"
        reminder.depart_at = fields.Datetime.to_datetime("9999-12-31")
        self._noon()
        self.assertEqual(self.reminder.state, "scheduled", "it waits, and is seen to wait")
