import io
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import openpyxl
from odoo import api, models
from odoo.exceptions import UserError

from ..engine import limits
from ..engine.cells import Unreadable, read_csv
from ..engine.cover import CENT
from ..engine.reading import Row, read_rows
from .collection_insurance_import import ACCEPTED, CHANGED, NUMBERS, REJECTED, UNCHANGED

#: No insurer knows more buyers of one company, and no spreadsheet is read without an end.
MAX_ROWS = 100_000

#: Headers that are named when the file is not understood: more would hide what is wrong.
SHOWN_HEADERS = 30

#: A workbook that unpacks to more than so many bytes holds something else than limits.
MAX_UNPACKED = 512 * 1024 * 1024


@dataclass(slots=True)
class Finding:
    """A row of the file next to what is known: ``buyer`` is empty for a new one."""

    row: Row
    status: str
    buyer: models.BaseModel


class CollectionInsuranceImport(models.TransientModel):
    """Reads the file and says what it would change; writes nothing."""

    _inherit = "collection.insurance.import"

    # === THE FILE === #

    def _read_rows(self):
        """Return the engine's rows of the file.

        :raises UserError: in the user's words, when it is no file of limits
        """
        self.ensure_one()
        policy = self.policy_id
        try:
            return read_rows(
                self._read_cells(self._get_content()),
                policy.insurer_id._get_layout(policy),
                policy.company_id._collection_today(),
            )
        except Unreadable as error:
            raise UserError(self._explain_file(error)) from error

    @api.model
    def _read_cells(self, data):
        """Return the cells of a CSV file, or of the first sheet of a workbook."""
        cells = self._read_workbook(data) if data.startswith(b"PK") else read_csv(data)
        if len(cells) > MAX_ROWS:
            raise Unreadable("rows")
        return cells

    @api.model
    def _read_workbook(self, data):
        try:
            # Sizes as the archive tells them: nothing beyond them is unpacked.
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                    raise Unreadable("workbook")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 1, values_only=True)
            return [list(row) for row in rows]
        # What a damaged workbook makes of the parts that read it.
        except (
            zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, IndexError, OSError,
            EOFError, SyntaxError,
        ) as error:  # fmt: skip
            raise Unreadable("workbook") from error

    @api.model
    def _explain_file(self, error):
        sentences = {
            "encoding": self.env._("This is neither a CSV file nor an Excel workbook (.xlsx)."),
            "csv": self.env._("This is no CSV file: its quotes do not match."),
            "workbook": self.env._("This workbook cannot be opened: save it again as .xlsx."),
            "empty": self.env._("The file is empty."),
            "rows": self.env._("The file has more than %(count)s rows.", count=MAX_ROWS),
            "header": self.env._(
                "The column “%(header)s” is not in the file. Is it a file of this insurer? Else "
                "change the columns of the insurer.",
                header=error.details.get("header", ""),
            ),
            "identity": self.env._(
                "No column tells the buyer: name the column with the insurer's number, the "
                "registration or VAT number, or our customer code."
            ),
            "amount": self.env._("No column tells the limit: name it."),
        }
        sentence = sentences[error.code]
        if headers := [header for header in error.details.get("headers", ()) if header]:
            sentence += "\n\n" + self.env._(
                "Columns of the file: %(headers)s.\nSay under “Columns and Words” what they tell.",
                headers=" · ".join(header[:40] for header in headers[:SHOWN_HEADERS]),
            )
        return sentence

    @api.model
    def _explain_problem(self, problem):
        """Return in words why a row is rejected."""
        sentences = {
            "amount": self.env._("no amount: “%(text)s”", text=problem.text),
            "amount_requested": self.env._("no amount: “%(text)s”", text=problem.text),
            "announced": self.env._("no date: “%(text)s”", text=problem.text),
            "effective": self.env._("no date: “%(text)s”", text=problem.text),
            "until": self.env._("ends before it begins, or no date: “%(text)s”", text=problem.text),
            "kind": self.env._(
                "unknown decision “%(text)s”: add it to the insurer's words", text=problem.text
            ),
            "temporary": self.env._("neither yes nor no: “%(text)s”", text=problem.text),
            "no_end": self.env._("a temporary limit without a last day"),
            "identity": self.env._("nothing tells the buyer"),
            "policy": self.env._("of another policy: %(text)s", text=problem.text),
            "currency": self.env._("in another currency: %(text)s", text=problem.text),
            "check_digit": self.env._("wrong check digit: %(text)s", text=problem.text),
            "before_announced": self.env._("cut before it was announced: %(text)s",
                                           text=problem.text),
            "twice": self.env._("the same as row %(text)s", text=problem.text),
            "shared_number": self.env._(
                "another buyer of the file has this registration number: %(text)s",
                text=problem.text,
            ),
            "overlap": self.env._("two temporary limits at one time, from %(text)s",
                                  text=problem.text),
            "two_buyers": self.env._("its numbers contradict those of %(text)s", text=problem.text),
        }  # fmt: skip
        return sentences[problem.code]

    # === AGAINST WHAT IS KNOWN === #

    def _compare(self, rows):
        """Return a :class:`Finding` for each row."""
        buyers = self.env["collection.insurance.buyer"].with_context(active_test=False)
        known = buyers.search([("policy_id", "=", self.policy_id.id)])
        history = self.env["collection.insurance.decision"]._read_facts(known)
        index = self._index(known)
        nobody = buyers.browse()
        findings = []
        for row in rows:
            buyer = nobody
            if not row.problems:
                buyer = self._find_buyer(row, index) or nobody
            if not row.problems and buyer:
                self._check_overlap(row, history.get(buyer.id, ()))
            findings.append(Finding(row, self._judge(row, buyer, history), buyer))
        return findings

    @api.model
    def _index(self, buyers):
        """Return {(name of a number, its key): buyer}; what two buyers bear finds none."""
        found, twice = {}, set()
        for buyer in buyers:
            for place in self._places(*(buyer[name] for name in NUMBERS)):
                if found.setdefault(place, buyer) != buyer:
                    twice.add(place)
        return {place: buyer for place, buyer in found.items() if place not in twice}

    @api.model
    def _places(self, insurer_ref, registration, vat, code):
        buyers = self.env["collection.insurance.buyer"]
        keys = (
            ("insurer_ref", buyers._get_key(insurer_ref)),
            ("registration", buyers._get_registration_key(registration)),
            ("vat", buyers._get_key(vat)),
            ("code", buyers._get_key(code)),
        )
        return [(name, key) for name, key in keys if key]

    def _find_buyer(self, row, index):
        """Return the buyer by the surest of its numbers; they must not contradict each other."""
        places = self._places(*(row.values.get(name) for name in NUMBERS))
        found = [index[place] for place in places if place in index]
        if not found:
            return None
        sure = NUMBERS[:2]
        known = dict(self._places(*(found[0][name] for name in NUMBERS)))
        named = {index[place] for place in places if place in index and place[0] in sure}
        if len(named) > 1 or any(
            known.get(name, key) != key for name, key in places if name in sure
        ):
            row.reject("two_buyers", text=found[0].name)
            return None
        return found[0]

    @api.model
    def _check_overlap(self, row, decisions):
        values = row.values
        if not values["temporary"] or values["kind"] in limits.ENDING:
            return
        for other in decisions:
            if (
                other.temporary
                and other.kind not in (*limits.ENDING, *limits.SILENT)
                and not self._is_same(values, other)
                and values["effective"] <= other.until
                and other.effective <= values["until"]
            ):
                row.reject("overlap", "effective", values["effective"])
                return

    @api.model
    def _judge(self, row, buyer, history):
        if row.problems:
            return REJECTED
        if not buyer:
            return ACCEPTED
        if self._prepare_buyer_changes(row.values, buyer):
            return CHANGED
        decisions = history.get(buyer.id, ())
        return UNCHANGED if self._is_known(row.values, decisions) else CHANGED

    @api.model
    def _is_known(self, values, decisions):
        """Whether a row says nothing new; one without dates is compared with what is in force."""
        if values["dated"]:
            return any(self._is_same(values, one) for one in decisions)
        latest = max(
            (one for one in decisions if one.temporary == values["temporary"]),
            key=lambda one: (one.begins, one.announced, one.reference),
            default=None,
        )
        return latest is not None and (
            (latest.kind, latest.amount, latest.until)
            == (values["kind"], _cents(values["amount"]), values.get("until"))
        )

    @api.model
    def _is_same(self, values, decision):
        """Whether a row tells a decision that is known; what it leaves out tells nothing."""
        if values["is_announced"] and values["announced"] != decision.announced:
            return False
        return (
            values["kind"], _cents(values["amount"]), values["effective"], values.get("until"),
            values["temporary"], values.get("reference", ""),
        ) == (
            decision.kind, decision.amount, decision.effective, decision.until,
            decision.temporary, decision.reference,
        )  # fmt: skip

    @api.model
    def _prepare_buyer_changes(self, values, buyer):
        """Return what a row adds to a buyer: a new grade, numbers that it had not."""
        vals = {}
        if values.get("grade") and values["grade"] != buyer.grade:
            vals["grade"] = values["grade"]
        for name in NUMBERS:
            if values.get(name) and not buyer[name]:
                vals[name] = values[name]
        return vals

    @api.model
    def _group_by_status(self, findings):
        groups = defaultdict(list)
        for finding in findings:
            groups[finding.status].append(finding)
        return groups


def _cents(amount):
    return Decimal(amount).quantize(CENT)
