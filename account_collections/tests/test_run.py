from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..models import collection_run
from ..models.collection_run import CollectionRun
from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
SUNDAY = TODAY + 4 * DAY


@tagged("post_install", "-at_install")
class TestRun(CollectionCommon):
    """The scheduled action: when it decides, what stops it, how it goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Europe/Paris"  # an hour ahead in March
        cls.company.collection_run_hour = 7
        cls._invoice(cls.customer, 100, overdue=10)
        cls._invoice(cls.other_customer, 200, overdue=10)

    def _cron(self, now):
        """Wake the scheduled action at ``now`` (UTC)."""
        with self.committing() as env, self._at(now):
            env["collection.run"]._cron_run()

    def _run_of(self, day=TODAY):
        return self.env["collection.run"].search(
            [("company_id", "=", self.company.id), ("date", "=", day)]
        )

    def test_it_decides_once_from_its_local_hour_on(self):
        self._cron(f"{TODAY} 05:59:00")
        self.assertFalse(self._run_of())
        self._cron(f"{TODAY} 06:01:00")
        run = self._run_of()
        self.assertEqual((run.state, run.case_done, run.progress), ("done", 2, 100))
        self._cron(f"{TODAY} 06:16:00")
        self.assertEqual(run.ended_at.minute, 1, "not again the same day")

    def test_it_rests_on_closed_days(self):
        self._cron(f"{SUNDAY} 10:00:00")
        self.assertFalse(self._run_of(SUNDAY))
        self._cron(f"{SUNDAY + DAY} 10:00:00")
        self.assertEqual(self._run_of(SUNDAY + DAY).state, "done")

    def test_run_now_asks_the_scheduled_action(self):
        with self._at(f"{SUNDAY} 10:00:00"):
            action = self.env["collection.run"].with_user(self.manager).action_run_now()
        run = self._run_of(SUNDAY)
        self.assertEqual((action["res_id"], run.state), (run.id, "waiting"))
        self._cron(f"{SUNDAY} 10:01:00")
        self.assertEqual(run.state, "done")
        self.assertIn("Courteous", run.summary_html)

    def test_one_company_keeps_no_other_from_its_run(self):
        other = self.env["res.company"].create({"name": "Broken"})
        run_company = CollectionRun._run_company

        def failing(records, company, today):
            if company != self.company:
                raise ValueError(f"{company.id} is broken")
            return run_company(records, company, today)

        with (
            patch.object(CollectionRun, "_run_company", failing),
            self.assertLogs("odoo.addons.account_collections", "ERROR") as logs,
        ):
            self._cron(f"{TODAY} 12:00:00")
        self.assertIn(f"{other.id} is broken", "".join(logs.output))
        self.assertEqual(self._run_of().state, "done")

    def test_a_run_out_of_time_goes_on_where_it_stood(self):
        """One case a batch, and no time left after the first."""
        reviewed = []
        process = CollectionRun._process_batch

        def noting(records, cases, company, today):
            reviewed.append(cases.partner_id)
            return process(records, cases, company, today)

        with (
            patch.object(collection_run, "BATCH_SIZE", 1),
            patch.object(CollectionRun, "_process_batch", noting),
        ):
            with patch.object(
                self.env.registry["ir.cron"],
                "_commit_progress",
                lambda *_args, **_values: 0 if reviewed else 60,
            ):
                self._morning()
            run = self._run_of()
            self.assertEqual((run.state, run.case_done), ("running", 1))
            self._morning()
        self.assertEqual((run.state, run.case_done), ("done", 2))
        self.assertEqual(len(reviewed), len(set(reviewed)), "no case twice")
        self.assertEqual(run.summary["reminders"], 2)

    def test_a_case_whose_customer_moved_under_a_group_is_mapped_anew(self):
        self._morning()
        group = self._customer("Group")
        self.customer.write({"is_company": False, "parent_id": group.id})
        summary = self._morning(TODAY + DAY)
        self.assertEqual(self._case(group).overdue, 100)
        self.assertEqual(self._case(self.customer).outstanding, 0)
        self.assertEqual(summary["errors"], 0)
