import logging

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime
from odoo.tools.translate import LazyTranslate

from ..engine import chain

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

#: Events checked, and committed, together: memory is bounded by their messages.
BATCH_SIZE = 2000

#: Problems that are kept; all are counted.
MAX_PROBLEMS = 200

#: What each kind of problem says.
SENTENCES = {
    "missing": _lt("Events %(first)s to %(last)s are missing: they were deleted."),
    "inserted": _lt("Event %(number)s was put in afterwards (row %(row)s)."),
    "moved": _lt("Event %(number)s is not at its place: it was sealed as number %(place)s."),
    "altered": _lt("Event %(number)s was changed (row %(row)s): %(what)s."),
    "resealed": _lt("Event %(number)s does not match its seal (row %(row)s)."),
    "value_altered": _lt("%(what)s was changed after event %(number)s (row %(row)s)."),
    "value_missing": _lt("%(what)s was deleted after event %(number)s (row %(row)s)."),
    "erased": _lt("%(what)s of event %(number)s was erased without a record of it (row %(row)s)."),
    "rewritten": _lt("The seal of event %(number)s is not the one that was known before."),
}

#: What the parts of a message are called.
CONTENTS = {
    "fact": _lt("The fact “%(part)s”"),
    "reminder": _lt("The text of reminder %(key)s (%(part)s)"),
    "message": _lt("Message %(key)s (%(part)s)"),
    "mail": _lt("E-mail %(key)s (%(part)s)"),
    "attachment": _lt("Attachment %(key)s"),
}


class CollectionChainCheck(models.Model):
    """One verification of a chain: how far it came, and what it found."""

    _name = "collection.chain.check"
    _description = "Check of an Evidence Chain"
    _order = "id desc"
    _rec_name = "create_date"

    chain_id = fields.Many2one(
        "collection.chain", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="chain_id.company_id", store=True)
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting to start"), ("running", "Running"), ("done", "Done")],
        default="waiting",
        required=True,
        readonly=True,
    )
    outcome = fields.Selection([("sound", "Sound"), ("broken", "Chain broken")], readonly=True)
    started_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    event_total = fields.Integer(string="Events", readonly=True)
    sequence = fields.Integer(string="Checked up to", readonly=True)
    seal = fields.Char(readonly=True, help="Of the last event that was checked.")
    progress = fields.Float(compute="_compute_progress")
    problem_count = fields.Integer(string="Problems", readonly=True)
    problems = fields.Json(string="Problems Found", readonly=True)
    first_problem = fields.Char(compute="_compute_sentences")
    problems_html = fields.Html(compute="_compute_sentences", sanitize=False)

    @api.depends_context("lang", "tz")
    @api.depends("create_date")
    def _compute_display_name(self):
        for check in self:
            check.display_name = format_datetime(self.env, check.create_date, dt_format="short")

    @api.depends("event_total", "sequence", "state")
    def _compute_progress(self):
        for check in self:
            done = check.state == "done"
            check.progress = 100 if done else 100 * check.sequence / (check.event_total or 1)

    @api.depends_context("lang")
    @api.depends("problems")
    def _compute_sentences(self):
        for check in self:
            sentences = [self._say(problem) for problem in check.problems or ()]
            check.first_problem = sentences[0] if sentences else False
            check.problems_html = bool(sentences) and self.env["ir.qweb"]._render(
                "account_collections.evidence_problems",
                {"sentences": sentences, "more": check.problem_count - len(sentences)},
            )

    @api.model
    def _say(self, problem):
        """Return the sentence of a problem: which event, which row, what differs."""
        details = problem["details"]
        values = {
            "number": problem["sequence"],
            "first": problem["sequence"],
            "row": problem["key"],
            "last": details.get("last"),
            "place": details.get("place") or "?",
            "what": self._say_what(details),
        }
        sentence = self.env._(SENTENCES[problem["kind"]])
        return sentence % values

    @api.model
    def _say_what(self, details):
        if name := details.get("value"):
            source, key, *part = name.split(".")
            words = {"key": key, "part": part[0] if part else key}
            sentence = self.env._(CONTENTS[source])
            return sentence % words
        return ", ".join(
            self.env._("%(field)s was %(old)s, is %(new)s", field=name, old=old, new=new)
            for name, (old, new) in details.get("fields", {}).items()
        )

    # === THE WALK === #

    @api.model
    def _cron_verify(self):
        """Carry out the checks that were asked for."""
        for check in self.search([("state", "!=", "done")], order="id"):
            if not check._verify():
                return

    def _verify(self):
        """Walk along the chain, batch by batch; an interrupted check goes on where it stood.

        :return: False when the time of the job is over
        """
        self.ensure_one()
        if self.state == "waiting":
            self.write(
                {
                    "state": "running",
                    "started_at": fields.Datetime.now(),
                    "event_total": self.chain_id.sequence,
                    "seal": chain.GENESIS,
                    "problems": [],
                }
            )
        cron = self.env["ir.cron"]
        walk = chain.Walk(self.sequence, self.seal)
        last = (self.sequence, 0 if not self.sequence else self._get_row_id(self.sequence))
        while rows := self._next_rows(last):
            self._note(
                [problem for entry in self._get_entries(rows) for problem in walk.step(entry)]
            )
            last = (rows[-1]["sequence"], rows[-1]["id"])
            self.write({"sequence": walk.sequence, "seal": walk.seal})
            self.env.invalidate_all()
            if not cron._commit_progress(len(rows), remaining=self._count_left()):
                return False
        self._finish(walk)
        return True

    def _finish(self, walk):
        """Compare the end with what was sealed last, and with what earlier checks saw."""
        head = self.chain_id
        # Sealed while we walked: it is for the next check.
        newer = head.sequence > walk.sequence >= self.event_total
        known = (walk.sequence, walk.seal) if newer else (head.sequence, head.seal)
        self._note(walk.end(*known) + self._compare_with_earlier())
        self.write(
            {
                "state": "done",
                "ended_at": fields.Datetime.now(),
                "outcome": "broken" if self.problem_count else "sound",
            }
        )
        head.last_check_id = self
        self.env["ir.cron"]._commit_progress()
        if self.problem_count:
            _logger.warning(
                "The evidence of %s is broken: %s", self.company_id.name, self.first_problem
            )

    def _compare_with_earlier(self):
        """Return a problem for each seal of an earlier check that is another one now."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT earlier.sequence
                  FROM collection_chain_check earlier
             LEFT JOIN collection_evidence evidence
                    ON evidence.company_id = earlier.company_id
                   AND evidence.sequence = earlier.sequence
                 WHERE earlier.chain_id = %s AND earlier.id < %s
                   AND earlier.outcome = 'sound' AND earlier.sequence > 0
                   AND evidence.seal IS DISTINCT FROM earlier.seal
                 ORDER BY earlier.sequence
                """,
                self.chain_id.id,
                self.id,
            )
        )
        return [chain.Problem("rewritten", sequence) for (sequence,) in rows]

    def _note(self, problems):
        """Keep the first problems, count all."""
        if not problems:
            return
        kept = [
            {
                "kind": problem.kind,
                "sequence": problem.sequence,
                "key": problem.key,
                "details": problem.details,
            }
            for problem in problems
        ]
        self.write(
            {
                "problem_count": self.problem_count + len(problems),
                "problems": ((self.problems or []) + kept)[:MAX_PROBLEMS],
            }
        )

    def _count_left(self):
        return max(self.event_total - self.sequence, 0)

    def _get_row_id(self, sequence):
        """Return the row that an interrupted check saw last."""
        rows = self.env.execute_query(
            SQL(
                "SELECT MAX(id) FROM collection_evidence WHERE company_id = %s AND sequence = %s",
                self.company_id.id,
                sequence,
            )
        )
        return rows[0][0] or 0

    def _next_rows(self, last):
        return self.env["collection.evidence"]._read_rows(
            SQL(
                "company_id = %s AND sequence IS NOT NULL AND (sequence, id) > (%s, %s) "
                "ORDER BY sequence, id",
                self.company_id.id,
                *last,
            ),
            BATCH_SIZE,
        )

    # === WHAT IS FOUND === #

    def _get_entries(self, rows):
        """Return the engine's entries of a batch of rows, in a constant number of queries."""
        self._leave_out_superseded(rows)
        names = {
            name for row in rows for name in row["salts"] or () if not name.startswith("fact.")
        }
        contents = self.env["collection.evidence.content"]._read(names)
        self._tell_as_they_stand(rows)
        erased = self._read_erased(rows)
        return [self._make_entry(row, contents, erased) for row in rows]

    def _tell_as_they_stand(self, rows):
        """Put into ``stands`` of each row the text that would be sealed of it today.

        That its case was merged into another, or that its user was deleted, is no change of it.
        """
        evidence = self.env["collection.evidence"]
        changed = []
        for row in rows:
            told = evidence._tell(row)
            row["stands"] = chain.canonical(told)
            if row["stands"] != row["payload"]:
                changed.append((row, told, chain.parse(row["payload"] or "")))
        merges = self._read_merges(changed)
        users = self._read_users(changed)
        for row, told, sealed in changed:
            if _follow(merges, sealed.get("case")) == row["case_id"]:
                told["case"] = sealed.get("case")
            if row["user_id"] is None and sealed.get("user") not in users:
                told["user"] = sealed.get("user")
            row["stands"] = chain.canonical(told)

    def _make_entry(self, row, contents, erased):
        facts, salts = row["facts"] or {}, row["salts"] or {}
        values = {f"fact.{key}": value for key, value in facts.items()}
        values |= {name: contents[name] for name in salts if name in contents}
        return chain.Entry(
            key=row["id"],
            sequence=row["sequence"],
            payload=row["payload"] or "",
            seal=row["seal"] or "",
            stands=row["stands"],
            digests=row["compared"],
            salts=salts,
            values=values,
            erasure_known=row["id"] in erased,
        )

    def _leave_out_superseded(self, rows):
        """Keep in ``compared`` the digests of each row whose values are still to be found.

        A reminder that is sent once more may be written anew: what its earlier sending said is
        in that one's message.
        """
        reminders = [row["reminder_id"] for row in rows if row["reminder_id"]]
        resent = dict(
            self.env.execute_query(
                SQL(
                    """SELECT reminder_id, MAX(id) FROM collection_evidence
                        WHERE event = 'resent' AND reminder_id = ANY(%s) GROUP BY reminder_id""",
                    reminders,
                )
            )
        )
        for row in rows:
            row["compared"] = row["digests"] or {}
            if resent.get(row["reminder_id"], 0) > row["id"]:
                row["compared"] = {
                    name: digest
                    for name, digest in row["compared"].items()
                    if not name.startswith("reminder.")
                }

    def _read_merges(self, changed):
        """Return {merged case: the case it went into}, where a row is not in its first case."""
        if all(sealed.get("case") == row["case_id"] for row, _told, sealed in changed):
            return {}
        return {
            source: chain.parse(payload or "").get("case") or case
            for source, payload, case in self.env.execute_query(
                SQL(
                    """SELECT (facts ->> 'merged_case')::int, payload, case_id
                         FROM collection_evidence
                        WHERE company_id = %s AND event = 'merged'""",
                    self.company_id.id,
                )
            )
        }

    def _read_users(self, changed):
        """Return the users that still exist, where a row has lost its own."""
        lost = [
            sealed["user"]
            for row, _told, sealed in changed
            if row["user_id"] is None and sealed.get("user")
        ]
        return set(self.env["res.users"].with_context(active_test=False).browse(lost).exists().ids)

    def _read_erased(self, rows):
        """Return the events whose personal data a recorded erasure took away."""
        bare = [row for row in rows if (row["digests"] or {}).keys() - (row["salts"] or {}).keys()]
        if not bare:
            return set()
        return {
            key
            for (key,) in self.env.execute_query(
                SQL(
                    """SELECT jsonb_array_elements(facts -> 'events')::int
                         FROM collection_evidence
                        WHERE event = 'erased' AND case_id = ANY(%s)""",
                    list({row["case_id"] for row in bare}),
                )
            )
        }


def _follow(merges, case):
    """Return the case that a case has become."""
    seen = set()
    while case in merges and case not in seen:
        seen.add(case)
        case = merges[case]
    return case
