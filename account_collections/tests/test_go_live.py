import base64
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
COUNT = 150


@tagged("post_install", "-at_install")
class TestGoLive(CollectionCommon):
    """A company with 150 overdue invoices installs the product: nothing leaves by surprise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portfolio.action_simulate()
        cls.portfolio.sequence = 100
        cls.north = cls.env["collection.portfolio"].create(
            {
                "name": "North",
                "sequence": 1,
                "company_id": cls.company.id,
                "user_id": cls.owner.id,
                "partner_domain": "[('city', '=', 'Lille')]",
            }
        )
        cls.partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "is_company": True,
                    "email": f"c{number}@customer.example",
                    "city": "Lille" if number % 10 == 0 else "Nice",
                }
                for number in range(COUNT)
            ]
        )
        # 30, 60 and 90 days late, a third each; one invoice posted, its line multiplied.
        for ages, overdue in enumerate((30, 60, 90)):
            some = cls.partners[ages::3]
            line = cls._invoice(some[0], 100, overdue).line_ids.filtered(
                lambda line: line.balance > 0
            )
            cls.env.flush_all()
            cls.env.cr.execute(
                """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                    WHERE attrelid = 'account_move_line'::regclass AND attnum > 0
                      AND NOT attisdropped AND attname NOT IN ('id', 'partner_id')"""
            )
            [columns] = cls.env.cr.fetchone()
            cls.env.cr.execute(
                f"""INSERT INTO account_move_line (partner_id, {columns})
                    SELECT partner, {columns} FROM account_move_line, unnest(%s) AS partner
                     WHERE account_move_line.id = %s""",
                [some[1:].ids, line.id],
            )
        cls.env.invalidate_all()

    def _wizard(self, **values):
        return (
            self.env["collection.go.live"]
            .with_user(self.manager)
            .create({"company_id": self.company.id, **values})
        )

    def _steps(self):
        levels = self.scenario.level_ids.sorted("rank")
        # the wizard counts from the real day, the stories from TODAY: both are overdue
        return [
            Command.create({"days": 0, "level_id": levels[0].id, "date": TODAY - 10 * DAY}),
        ]

    def _sent(self):
        return self.env["collection.reminder"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "=", "sent"),
                ("kind", "!=", "opening"),
            ]
        )

    def test_install_then_activate_one_portfolio(self):
        summary = self._day()
        self.assertEqual((summary["debtors"], summary["reminders"]), (COUNT, 0))
        self.assertEqual(summary["simulated"], COUNT)
        self.assertFalse(self._sent())
        # where items stand: as reminded once, by steps
        with self._at(f"{TODAY} 08:00:00"):
            wizard = self._wizard(step_ids=self._steps())
            wizard.action_set_standing()
            wizard.portfolio_ids = self.north
            self.assertEqual(wizard.action_activate()["res_model"], "collection.run")
        self.assertEqual(self._day()["reminders"], COUNT // 10)
        sent = self._sent()
        self.assertEqual(len(sent), COUNT // 10)
        self.assertEqual(sent.case_id.portfolio_id, self.north)
        self.assertEqual(set(sent.mapped("rank")), {30}, "after the first level, the second")

    def test_standing_from_a_file(self):
        self._day()
        names = self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")], order="id"
        )
        content = "\ufeffdocument;level;date\n"
        for move, rank in zip(names, (20, 30, 60)):
            content += f"{move.name};{rank};{TODAY - 20 * DAY}\n"
        with self._at(f"{TODAY} 08:00:00"):
            self._wizard(file=base64.b64encode(content.encode())).action_set_standing()
        self.north._activate()
        self._day()
        by_rank = dict(
            self.env["collection.reminder"]._read_group(
                [("id", "in", self._sent().ids)], ["rank"], ["__count"]
            )
        )
        waiting = self.env["collection.reminder"].search_count(
            [("case_id.portfolio_id", "=", self.north.id), ("state", "=", "to_approve")]
        )
        # 20 → 30, 30 → the formal notice to approve, 60 → the end of the ladder
        self.assertEqual((by_rank, waiting), ({30: COUNT // 30}, COUNT // 30))

    def test_bad_lines_are_all_named_and_nothing_is_set(self):
        self._sync_cases()
        name = (
            self.env["account.move"]
            .search(
                [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")], limit=1
            )
            .name
        )
        lines = [
            "document,level,date",
            f"{name},20,2026-03-01",
            "NO/SUCH,20,2026-03-01",
            f"{name},twenty,2026-03-01",
            f"{name},20,01/03/2026",
            f"{name},20",
            f"{name},-5,2026-03-01",
            f"{name},20,2026-12-31",
        ]
        wizard = self._wizard(file=base64.b64encode("\n".join(lines).encode()))
        with self._at(f"{TODAY} 08:00:00"), self.assertRaises(UserError) as refused:
            wizard.action_set_standing()
        for number in range(3, 9):
            self.assertIn(f"line {number}:", str(refused.exception))
        self.assertNotIn("line 2:", str(refused.exception))
        self.assertFalse(self.env["collection.reminder"].search([("kind", "=", "opening")]))

    def test_files_that_are_none(self):
        for content in (b"", b"document\nX\n", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00\x01", b"\n\n"):
            with self.subTest(content=content), self.assertRaises(UserError):
                self._wizard(file=base64.b64encode(content)).action_set_standing()

    def test_standing_set_twice_the_last_one_counts(self):
        self._day()
        levels = self.scenario.level_ids.sorted("rank")
        with self._at(f"{TODAY} 08:00:00"):
            self._wizard(step_ids=self._steps()).action_set_standing()
            wizard = self._wizard(step_ids=self._steps())
            wizard.step_ids.level_id = levels[1]
            wizard.action_set_standing()
        openings = self.env["collection.reminder"].search([("kind", "=", "opening")])
        self.assertEqual(len(openings.filtered(lambda one: one.state == "sent")), COUNT)
        facts, _made = self._decided(self.partners[0])
        self.assertEqual([item.rank for item in facts.items], [30])

    def test_levels_are_found_by_their_scenario_too(self):
        """They are shown by both names: each of them finds them."""
        levels = self.env["collection.level"].with_context(show_scenario=True)
        for words in (self.scenario.name, self.scenario.level_ids[0].name):
            found = [level for level, _name in levels.name_search(words, limit=None)]
            self.assertIn(self.scenario.level_ids[0].id, found)

    def test_nothing_to_set_and_nothing_to_activate(self):
        with self.assertRaises(UserError):
            self._wizard().action_set_standing()
        with self.assertRaises(UserError):
            self._wizard().action_activate()

    def test_daily_cap(self):
        self._sync_cases()
        self.north._activate()
        self.company.collection_daily_cap = 6
        self._day()
        self.assertEqual(len(self._sent()), 6)
        self._noon()
        self.assertEqual(len(self._sent()), 6, "the same day, no more")
        self._noon(TODAY + DAY)
        self.assertEqual(len(self._sent()), 12)
        self.company.collection_daily_cap = 0
        self._noon(TODAY + DAY)
        self.assertEqual(len(self._sent()), COUNT // 10)

    def test_preview_writes_no_decision_and_no_reminder(self):
        preview = self.env["collection.preview"].with_user(self.manager).create({"date": TODAY})
        preview.action_compute()
        self.assertEqual(len(preview.line_ids), COUNT)
        self.assertEqual(set(preview.line_ids.mapped("outcome")), {"remind"})
        cases = self.env["collection.case"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(cases), COUNT)
        self.assertFalse(cases.decision_ids)
        self.assertFalse(cases.reminder_ids)

    def test_a_case_that_goes_back_to_simulation_stays_silent(self):
        """Between run and departure the case is given to a portfolio that is not live."""
        self._sync_cases()
        self.north._activate()
        self._morning()
        case = self._case(self.partners[0])
        case.portfolio_id = self.portfolio
        self._noon()
        self.assertEqual(
            (case.reminder_ids.state, case.reminder_ids.end_reason), ("cancelled", "not_live")
        )
        self.assertEqual(len(self._sent()), COUNT // 10 - 1)

    def test_back_to_simulation_withdraws_what_waits(self):
        self._sync_cases()
        self.north._activate()
        self._morning()
        self.north.with_user(self.manager).action_simulate()
        self._noon()
        self.assertFalse(self._sent())

    def test_cases_know_country_and_salesperson_from_the_start(self):
        partner = self._customer("Abroad", country_id=self.env.ref("base.be").id)
        partner.user_id = self.owner
        self._invoice(partner, 100, overdue=10)
        self._sync_cases()
        found = self.env["collection.case"].search([("country_id.code", "=", "BE")])
        self.assertEqual((found.partner_id, found.salesperson_id), (partner, self.owner))
