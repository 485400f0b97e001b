import csv
import io
import json
import re
import zipfile
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from pathlib import Path

import pytz
from odoo import api, models
from odoo.tools import SQL, split_every

from ..engine import chain

#: Files that come with the add-on, for the reader of a pack: the engine's own, and its use.
READER_FILES = {
    "chain.py": Path(chain.__file__),
    "verify.py": Path(__file__).parents[1] / "pack" / "verify.py",
}

#: Events, and messages, read together.
BATCH_SIZE = 500

#: What starts a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CollectionPack(models.AbstractModel):
    """The evidence of a case as a ZIP that a reader without Odoo opens and checks.

    ============================  =====================================================
    ``index.html``                what happened, in order, and how to check it
    ``events.csv``                the same for a spreadsheet
    ``events.jsonl``              one event a line: payload, seal, facts, digests, salts
    ``contents.json``             texts of the messages, by the names of their digests
    ``chain.csv``                 the company's chain over the same time: digests, seals
    ``messages/``                 each message, an e-mail as ``.eml``, another as HTML
    ``attachments/``              each document once
    ``verify.py``, ``chain.py``   check all of it with Python's standard library
    ============================  =====================================================

    Other customers' events are in the chain by their digests only. What identifies the holder
    of a link is left out.
    """

    _name = "collection.pack"
    _description = "Evidence Pack of a Collection Case"

    @api.model
    def _write(self, case, stream):
        """Write the ZIP of a case to a binary stream, in the language of the environment.

        :raises AccessError: for those who may not read the case
        """
        case.check_access("read")
        case.env["collection.evidence"].check_access("read")
        # Whoever reads a case reads its evidence; messages and documents have rights of their
        # own, by which an auditor of collections would miss some.
        case = case.sudo()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as pack:
            names = self._write_events(pack, case)
            files = self._write_messages(pack, case)
            attachments = self._write_attachments(pack, names)
            self._write_contents(pack, names)
            segment = self._write_chain(pack, case)
            for name, path in READER_FILES.items():
                pack.writestr(name, path.read_bytes())
            self._write_index(pack, case, files, attachments, segment)

    @api.model
    def _get_file_name(self, case):
        return f"evidence-{case.id}-{self._clean(case.partner_id.name)}.zip"

    # === EVENTS === #

    @api.model
    def _get_events(self, case):
        """Return the evidence of a case: what is sealed in its order, then what is not."""
        evidence = case.env["collection.evidence"]
        sealed = evidence.search(
            [("case_id", "=", case.id), ("sequence", "!=", False)], order="sequence"
        )
        return sealed + evidence.search(
            [("case_id", "=", case.id), ("sequence", "=", False)], order="id"
        )

    @api.model
    def _write_events(self, pack, case):
        """Write the events for programs and spreadsheets.

        :return: names of all contents that they prove
        """
        names = set()
        table = io.StringIO()
        rows = csv.writer(table)
        rows.writerow(self._get_columns())
        with pack.open("events.jsonl", "w") as lines:
            for batch in self._split(self._get_events(case)):
                for event in batch:
                    lines.write(json.dumps(self._tell_event(event)).encode() + b"\n")
                    rows.writerow([spreadsheet(cell) for cell in self._tell_row(event)])
                    names |= {name for name in event.salts or () if not name.startswith("fact.")}
                self.env.invalidate_all()
        pack.writestr("events.csv", b"\xef\xbb\xbf" + table.getvalue().encode())
        return names

    @api.model
    def _get_columns(self):
        return [
            self.env._("Number"),
            self.env._("Date (UTC)"),
            self.env._("Event"),
            self.env._("Reminder"),
            self.env._("User"),
            self.env._("Facts"),
            self.env._("Seal"),
        ]

    @api.model
    def _tell_row(self, event):
        return [
            event.sequence or "",
            event.happened_at,
            self._get_label(event),
            event.reminder_id.id or "",
            event.user_id.name or "",
            json.dumps(event.facts or {}, ensure_ascii=False),
            event.seal or "",
        ]

    @api.model
    def _tell_event(self, event):
        return {
            "id": event.id,
            "sequence": event.sequence or None,
            "event": event.event,
            "happened_at": str(event.happened_at),
            "facts": event.facts or {},
            "digests": event.digests or {},
            "salts": event.salts or {},
            "payload": event.payload or None,
            "seal": event.seal or None,
        }

    @api.model
    def _get_label(self, event):
        labels = dict(event._fields["event"]._description_selection(self.env))
        return labels.get(event.event, event.event)

    @api.model
    def _write_contents(self, pack, names):
        """Write the texts that were digested, as they stand; documents are files of their own."""
        content = self.env["collection.evidence.content"]
        with pack.open("contents.json", "w") as lines:
            lines.write(b"{\n")
            separator = b""
            for batch in split_every(BATCH_SIZE, sorted(names)):
                for name, value in content._read(set(batch)).items():
                    pair = f"{json.dumps(name)}: {json.dumps(value)}"
                    lines.write(separator + pair.encode())
                    separator = b",\n"
            lines.write(b"\n}\n")

    # === MESSAGES === #

    @api.model
    def _write_messages(self, pack, case):
        """Write what went out and what came back.

        :return: list of (date, subject, file name), oldest first
        """
        written = []
        gone = case.reminder_ids.filtered(
            lambda one: one.state in ("sent", "unconfirmed") and one.kind != "opening"
        )
        by_message = {one.mail_message_id: one for one in gone if one.mail_message_id}
        messages = case.env["mail.message"].search(
            [
                ("model", "=", case._name),
                ("res_id", "=", case.id),
                "|",
                ("message_type", "=", "email"),
                ("id", "in", [message.id for message in by_message]),
            ]
        )
        for batch in self._split(messages | case.env["mail.message"].union(*by_message)):
            for message in batch:
                name = f"messages/message-{message.id}.eml"
                pack.writestr(name, self._make_mail(message))
                written.append((message.date, message.subject or "", name))
        for reminder in gone.filtered(lambda reminder: not reminder.mail_message_id):
            name = f"messages/reminder-{reminder.id}.html"
            html = self.env["ir.qweb"]._render(
                "account_collections.pack_message", {"reminder": reminder}
            )
            pack.writestr(name, chain.mask_tokens(str(html)))
            written.append((reminder.sent_at or reminder.claimed_at, reminder.subject or "", name))
        return sorted(written, key=lambda one: (str(one[0]), one[2]))

    @api.model
    def _make_mail(self, message):
        """Return a message as an e-mail file, as it was rendered for its recipient."""
        mail = message.env["mail.mail"].search([("mail_message_id", "=", message.id)], limit=1)
        made = MIMEMultipart()
        partners = mail.recipient_ids or message.notified_partner_ids
        to = [partner.email_formatted for partner in partners if partner.email_formatted]
        headers = {
            "From": message.email_from,
            "To": mail.email_to or ", ".join(to) or message.incoming_email_to,
            "Cc": mail.email_cc or message.incoming_email_cc,
            "Reply-To": message.reply_to,
            "Subject": message.subject,
            "Date": message.date and format_datetime(pytz.utc.localize(message.date)),
            "Message-ID": message.message_id,
        }
        for name, value in headers.items():
            if value:
                made[name] = Header(" ".join(value.split()), "utf-8", maxlinelen=998)
        body = chain.mask_tokens(str(mail.body_html or message.body or ""))
        made.attach(MIMEText(body, "html", "utf-8"))
        for attachment in message.attachment_ids:
            made.attach(self._make_part(attachment))
        return made.as_bytes()

    @api.model
    def _make_part(self, attachment):
        """Return an attachment as a part of an e-mail file."""
        part = MIMEApplication(attachment.raw or b"")
        part.add_header("Content-Disposition", "attachment", filename=attachment.name or "")
        return part

    @api.model
    def _write_attachments(self, pack, names):
        """Write each document once.

        :return: list of (name of its digest, file name)
        """
        ids = sorted(int(name.split(".")[1]) for name in names if name.startswith("attachment."))
        written = []
        # One document at a time is in memory.
        for attachment in self.env["ir.attachment"].sudo().browse(ids).exists():
            name = f"attachments/{attachment.id}-{self._clean(attachment.name)}"
            pack.writestr(name, attachment.raw or b"")
            attachment.invalidate_recordset()
            written.append((f"attachment.{attachment.id}", name))
        pack.writestr("attachments.json", json.dumps(dict(written), indent=1))
        return written

    # === CHAIN === #

    @api.model
    def _write_chain(self, pack, case):
        """Write the company's chain from the first to the last sealed event of a case.

        :return: dict(first, last, seal): what the index says of it
        """
        [(first, last)] = self.env.execute_query(
            SQL("SELECT MIN(sequence), MAX(sequence) FROM collection_evidence WHERE case_id = %s",
                case.id)
        )  # fmt: skip
        segment = {"first": first, "last": last, "seal": ""}
        with pack.open("chain.csv", "w") as lines:
            lines.write(b"number,digest,seal\n")
            at = (first or 1) - 1
            if first and at:
                lines.write(f"{at},,{self._read_seals(case, at - 1, at)[0][2]}\n".encode())
            while last and at < last:
                rows = self._read_seals(case, at, min(at + BATCH_SIZE * 10, last))
                if not rows:
                    break
                for row in rows:
                    lines.write(",".join(map(str, row)).encode() + b"\n")
                at, _digest, segment["seal"] = rows[-1]
        return segment

    @api.model
    def _read_seals(self, case, after, until):
        """Return (number, digest of the payload, seal): nothing of whom events are about."""
        return self.env.execute_query(
            SQL(
                """SELECT sequence, encode(sha256(convert_to(payload, 'UTF8')), 'hex'), seal
                     FROM collection_evidence
                    WHERE company_id = %s AND sequence > %s AND sequence <= %s
                    ORDER BY sequence""",
                case.company_id.id,
                after,
                until,
            )
        )

    # === INDEX === #

    @api.model
    def _write_index(self, pack, case, files, attachments, segment):
        chain_row = self.env["collection.chain"]._get(case.company_id)
        html = self.env["ir.qweb"]._render(
            "account_collections.pack_index",
            {
                "case": case,
                "events": self._get_events(case),
                "label": self._get_label,
                "read_out": self.env["collection.wording"]._read_out,
                "files": files,
                "attachments": attachments,
                "segment": segment,
                "chain": chain_row,
                "language": (self.env.lang or "en_US").replace("_", "-"),
            },
        )
        pack.writestr("index.html", "<!DOCTYPE html>\n" + str(html))

    @api.model
    def _clean(self, name):
        """Return a name that is a plain file name everywhere."""
        return re.sub(r"[^\w.\- ]", "_", name or "").strip(". ")[-80:] or "unnamed"

    @api.model
    def _split(self, records):
        """Yield batches of records: memory is bounded by one."""
        return split_every(BATCH_SIZE, records.ids, records.browse)


def spreadsheet(value):
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
