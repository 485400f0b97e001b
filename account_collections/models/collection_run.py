import gc
import logging
from collections import Counter
from contextlib import contextmanager
from functools import partial

from odoo import api, fields, models
from odoo.service.model import retrying
from odoo.tools import SQL, format_date

from ..engine.decide import Decision, Situation, decide
from ..engine.guards import STANDARD

_logger = logging.getLogger(__name__)

#: Cases decided, and committed, together. Memory is bounded by one batch.
BATCH_SIZE = 2000

#: First key of the advisory lock that one run holds on its company.
LOCK_SPACE = 0x434F4C4C


@contextmanager
def without_cycle_search():
    """Let Python look for no unreachable cycles while a batch is worked on.

    The many objects of a batch would make it search all of Odoo's, for as long as the batch
    itself takes, and in vain: facts and decisions know no cycles, they end with their batch.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class CollectionRun(models.Model):
    """A day's decisions for one company: what was reviewed and what came of it."""

    _name = "collection.run"
    _description = "Collection Run"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting to start"), ("running", "Running"), ("done", "Done")],
        default="waiting",
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    case_total = fields.Integer(string="Cases", readonly=True)
    case_done = fields.Integer(string="Reviewed", readonly=True)
    last_case_id = fields.Integer(
        readonly=True, help="Where to go on after an interruption."
    )
    progress = fields.Float(compute="_compute_progress")
    summary = fields.Json(readonly=True)
    summary_html = fields.Html(compute="_compute_summary_html", sanitize=False)

    _day_unique = models.UniqueIndex("(company_id, date)")

    @api.depends_context("lang")
    @api.depends("date")
    def _compute_display_name(self):
        for run in self:
            run.display_name = format_date(self.env, run.date)

    @api.depends("case_total", "case_done", "state")
    def _compute_progress(self):
        for run in self:
            done = run.state == "done"
            run.progress = 100 if done else 100 * run.case_done / (run.case_total or 1)

    @api.depends_context("lang")
    @api.depends("summary")
    def _compute_summary_html(self):
        for run in self:
            run.summary_html = self.env["ir.qweb"]._render(
                "account_collections.run_summary",
                {
                    "summary": run.summary,
                    # Counted now, so that levels are named in the reader's language.
                    "by_level": run._count_reminders(),
                    "label": self.env["collection.reason"]._get_label,
                },
            )

    # === ENTRY POINTS === #

    @api.model
    def _cron_run(self):
        """Decide, company by company, where its hour has come and today's run is not done."""
        for company in self.env["res.company"].search([]):
            today = company._collection_today()
            run = self.search([("company_id", "=", company.id), ("date", "=", today)])
            due = company._collection_run_is_due() and run.state != "done"
            if due or run.state in ("waiting", "running"):
                try:
                    self._run_company(company, today)
                except Exception:
                    # What is wrong in one company keeps no other from its run.
                    self.env.cr.rollback()
                    _logger.exception("The run of %s failed", company.name)

    @api.model
    def action_run_now(self):
        """Ask for today's run of the current company; the scheduled action does the work.

        :raises AccessError: for those who may not change cases
        """
        self.env["collection.case"].check_access("write")
        company = self.env.company
        run = self._open(company, company._collection_today())
        self.env.ref("account_collections.ir_cron_run")._trigger()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": run.id,
            "view_mode": "form",
            "name": self.env._("Run of the Day"),
        }

    @api.model
    def _run_company(self, company, today):
        """Take and write the decisions of ``today`` for all cases of ``company``.

        Work is committed batch by batch; a run that was interrupted goes on where it stood,
        and a second one for the same company at the same time does nothing.

        :return: the run; none when another worker has only just begun it
        """
        with self._exclusive(company) as free:
            if not free:
                _logger.info("Another run of %s is under way.", company.name)
                return self._find(company, today)
            run = self._open(company, today)
            self.env["ir.cron"]._commit_progress()
            if run.state == "waiting":
                retrying(run._start, self.env)
            if run._review_cases() and self.env["collection.prepare"]._prepare_waiting(company):
                run._finish()
        return run

    # === STEPS === #

    @api.model
    def _find(self, company, today):
        # Runs are written by the product on behalf of whoever asked for one.
        return self.sudo().search([("company_id", "=", company.id), ("date", "=", today)])

    @api.model
    def _open(self, company, today):
        """Return the run of ``company`` on ``today``, to begin, to go on or to begin again."""
        run = self._find(company, today)
        if not run:
            return run.create({"company_id": company.id, "date": today})
        if run.state == "done":
            run.write({"state": "waiting", "last_case_id": 0, "case_done": 0})
        return run

    def _start(self):
        """Give new debtors their cases and portfolios, and count what there is to review."""
        company = self.company_id
        new_cases = self.env["collection.debtor"]._sync(company)
        self._wake_archived()
        new_cases |= self.env["collection.case"].search(
            [("company_id", "=", company.id), ("portfolio_id", "=", False)]
        )
        self.env["collection.portfolio"]._assign(new_cases)
        self.env["collection.hold"]._announce_ended(company, self.date)
        self.env["collection.promise"]._judge(company, self.date)
        self._refresh_figures()
        self.env.flush_all()
        [(total,)] = self.env.execute_query(SQL("SELECT COUNT(*) %s", self._from_cases()))
        self.write(
            {
                "state": "running",
                "started_at": fields.Datetime.now(),
                "case_total": total,
                "last_case_id": 0,
                "case_done": 0,
            }
        )

    def _review_cases(self):
        """Decide batch after batch; return False when the time of the job is over."""
        cron = self.env["ir.cron"]
        seconds_left = cron._commit_progress(remaining=self.case_total - self.case_done)
        while cases := self._next_batch():
            if not seconds_left:
                return False
            self._process_safely(cases)
            self.write(
                {"last_case_id": cases.ids[-1], "case_done": self.case_done + len(cases)}
            )
            left = max(self.case_total - self.case_done, 0)
            seconds_left = cron._commit_progress(len(cases), remaining=left)
            self.env.invalidate_all()
        return True

    def _next_batch(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT cases.id %s AND cases.id > %s ORDER BY cases.id LIMIT %s",
                self._from_cases(),
                self.last_case_id,
                BATCH_SIZE,
            )
        )
        return self.env["collection.case"].browse(case for (case,) in rows)

    def _from_cases(self):
        """Return FROM and WHERE of the cases to review.

        Those with open items, and those whose last answer was not yet that nothing is owed:
        the work of a run grows with what is open, not with all customers there ever were.
        """
        return SQL(
            """
              FROM collection_case cases
         LEFT JOIN collection_decision decision ON decision.id = cases.decision_id
             WHERE cases.company_id = %s AND cases.active
               AND (decision.outcome IS DISTINCT FROM 'clear' OR %s)
            """,
            self.company_id.id,
            self._has_items(),
        )

    @api.model
    def _has_items(self):
        """Return the condition on ``cases`` that something is open."""
        return SQL(
            """
            EXISTS (SELECT FROM collection_debtor debtor
                           JOIN account_move_line line
                             ON line.company_id = debtor.company_id
                            AND line.partner_id = debtor.partner_id
                           JOIN account_account account ON account.id = line.account_id
                     WHERE debtor.case_id = cases.id
                       AND account.account_type = 'asset_receivable'
                       AND line.parent_state = 'posted'
                       AND line.reconciled IS NOT TRUE)
            """
        )

    def _wake_archived(self):
        """Bring archived cases back that have open items again: no debt is out of sight."""
        self.env.cr.execute(
            SQL(
                """UPDATE collection_case cases SET active = TRUE
                    WHERE cases.company_id = %s AND cases.active IS NOT TRUE AND %s""",
                self.company_id.id,
                self._has_items(),
            )
        )
        self.env["collection.case"].invalidate_model(["active"])

    def _process_safely(self, cases):
        """Process a batch; when it fails, each case alone, so that one harms no other."""
        try:
            retrying(
                partial(self._process_batch, cases, self.company_id, self.date), self.env
            )
        except Exception as error:
            self.env.cr.rollback()
            if len(cases) > 1:
                _logger.warning("A batch failed, its cases are taken one by one: %s", error)
                for case in cases:
                    self._process_safely(case)
            else:
                _logger.warning("Case %s failed: %s", cases.id, error, exc_info=True)
                facts = self.env["collection.gather"]._get_bare_facts(cases)
                self.env["collection.apply"]._apply(
                    facts, {cases.id: _failure(error)}, self.date
                )

    @api.model
    @without_cycle_search()
    def _process_batch(self, cases, company, today):
        """Gather, decide and apply for cases of one company; return the new reminders' ids."""
        facts, decisions = self._decide_batch(cases, today)
        return self.env["collection.apply"]._apply(facts, decisions, today)

    @api.model
    @without_cycle_search()
    def _decide_batch(self, cases, today):
        """Gather and decide, writing nothing.

        :return: ({case id: facts}, {case id: decision})
        """
        facts = self.env["collection.gather"]._gather_facts(cases, today)
        guards = self._get_guards()
        return facts, {
            key: self._decide_one(fact, today, guards) for key, fact in facts.items()
        }

    @api.model
    def _decide_one(self, fact, today, guards):
        """Decide one case; an error of one guard is that case's answer and no other's."""
        try:
            return decide(fact, today, guards)
        except Exception as error:
            _logger.warning("No decision on case %s", fact.key, exc_info=True)
            return _failure(error)

    @api.model
    def _get_guards(self):
        """Return the registry of guards; add-ons extend it with their own."""
        return STANDARD

    def _finish(self):
        self.env.flush_all()
        self.write(
            {
                "state": "done",
                "ended_at": fields.Datetime.now(),
                "summary": self._read_summary(),
            }
        )
        self.env["ir.cron"]._commit_progress()

    @contextmanager
    def _exclusive(self, company, space=LOCK_SPACE):
        """Hold the right to run ``company``, over commits, until the end or the worker's death.

        :param int space: what the right is for; by default the run
        :return: False when another worker holds it
        """
        key = (space, company.id)
        [(free,)] = self.env.execute_query(SQL("SELECT pg_try_advisory_lock(%s, %s)", *key))
        # A new transaction: what the previous holder committed must be in our snapshot.
        self.env["ir.cron"]._commit_progress()
        try:
            yield free
        except Exception:
            self.env.cr.rollback()
            raise
        finally:
            if free:
                self.env.cr.execute(SQL("SELECT pg_advisory_unlock(%s, %s)", *key))

    # === SUMMARY === #

    def _get_summary(self):
        """Return what the run did, as a plain dictionary (documented in the README)."""
        self.ensure_one()
        return self.summary or self._read_summary()

    def _read_summary(self):
        """Count the decisions of the day: four queries, whatever their number."""
        scope = SQL(
            """FROM collection_decision decision
               JOIN collection_case cases ON cases.decision_id = decision.id
              WHERE cases.company_id = %s AND decision.date_to >= %s""",
            self.company_id.id,
            self.date,
        )
        outcomes = self.env.execute_query(
            SQL(
                """SELECT decision.outcome, decision.reason, COUNT(*),
                          SUM(decision.item_count), SUM(decision.overdue)
                   %s GROUP BY decision.outcome, decision.reason""",
                scope,
            )
        )
        excluded = self.env.execute_query(
            SQL(
                """SELECT entry ->> 0, SUM((entry -> 2 ->> 'count')::int)
                     FROM (SELECT jsonb_array_elements(decision.trace) AS entry %s) traced
                    WHERE entry -> 2 ? 'count' GROUP BY 1""",
                scope,
            )
        )
        excluded = {code: int(count) for code, count in excluded}
        reminders = self._count_reminders()
        held = {reason: n for outcome, reason, n, *_rest in outcomes if outcome == "hold"}
        return {
            "date": fields.Date.to_string(self.date),
            "debtors": sum(row[2] for row in outcomes),
            "open_items": int(sum(row[3] or 0 for row in outcomes)),
            "overdue": round(float(sum(row[4] or 0 for row in outcomes)), 2),
            "excluded_items": sum(excluded.values()),
            "excluded_by_reason": excluded,
            "reminders": sum(reminders.values()),
            "by_level": reminders,
            "simulated": self.env["collection.case"].search_count(
                [("company_id", "=", self.company_id.id), ("decision_id.simulated", "=", True)]
            ),
            "held": sum(held.values()),
            "held_by_reason": held,
            "by_reason": {reason: n for _outcome, reason, n, *_rest in outcomes},
            "errors": sum(row[2] for row in outcomes if row[0] == "error"),
        }

    def _count_reminders(self):
        """Return {'level / channel': count} of the reminders that this day's run created."""
        groups = self.env["collection.reminder"]._read_group(
            [("company_id", "=", self.company_id.id), ("decision_date", "=", self.date),
             ("kind", "not in", ("opening", "voice", "correction", "agreement"))],
            ["level_id", "channel", "kind"],
            ["__count"],
        )
        channels = dict(
            self.env["collection.reminder"]._fields["channel"]._description_selection(self.env)
        )
        kinds = dict(
            self.env["collection.reminder"]._fields["kind"]._description_selection(self.env)
        )
        counts = Counter()
        for level, channel, kind, count in groups:
            # Levels of several scenarios may share a name.
            counts[f"{level.name or kinds[kind]} / {channels[channel]}"] += count
        return dict(counts)


def _failure(error):
    """Return the decision on a case whose decision failed: shown, and never escalating."""
    text = f"{type(error).__name__}: {error}"[:500]
    return Decision("error", "error", Situation(), {"error": text})
