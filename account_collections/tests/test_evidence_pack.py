import email
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from email import policy
from pathlib import Path

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import html2plaintext, mute_logger

from .evidence_common import EvidenceCommon


@tagged("post_install", "-at_install")
class TestEvidencePack(EvidenceCommon):
    """The ZIP that proves a case to somebody without Odoo."""

    def _pack(self, case, user=None, lang=None):
        stream = io.BytesIO()
        pack = self.env["collection.pack"].with_user(user or self.reader)
        if lang:
            pack = pack.with_context(lang=lang)
        pack._write(pack.env["collection.case"].browse(case.id), stream)
        return zipfile.ZipFile(stream)

    def _check(self, pack):
        """Run the pack's own program; return (exit code, what it says)."""
        with tempfile.TemporaryDirectory() as folder:
            pack.extractall(folder)
            result = subprocess.run(
                [sys.executable, str(Path(folder, "verify.py"))],
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertFalse(result.stderr)
        return result.returncode, result.stdout

    def _altered(self, pack, name, old, new):
        """Return a pack in which a file says something else."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as copy:
            for other in pack.namelist():
                content = pack.read(other)
                if other == name:
                    self.assertIn(old, content)
                    content = content.replace(old, new, 1)
                copy.writestr(other, content)
        return zipfile.ZipFile(stream)

    # === WHAT IS IN IT === #

    def test_everything_is_in_it(self):
        reminder = self._sent()
        case = reminder.case_id
        self._answer(reminder, self.customer)
        self._seal()
        pack = self._pack(case)
        names = pack.namelist()
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(
            {"index.html", "events.csv", "events.jsonl", "contents.json", "chain.csv",
             "attachments.json", "verify.py", "chain.py"},
            set(names),
        )  # fmt: skip
        message = reminder.mail_message_id
        sent = email.message_from_bytes(
            pack.read(f"messages/message-{message.id}.eml"), policy=policy.default
        )
        self.assertEqual(sent["Message-ID"], reminder.message_id)
        self.assertEqual(sent["Subject"], reminder.subject)
        self.assertIn(self.customer.email, sent["To"])
        html, document = sent.iter_parts()
        self.assertIn("You owe", html.get_content())
        self.assertEqual(document.get_filename(), "statement.txt")
        self.assertEqual(document.get_content(), b"You owe 100")
        documents = {pack.read(name) for name in names if name.startswith("attachments/")}
        self.assertEqual(documents, {b"You owe 100", b"paid"})
        events = [json.loads(line) for line in pack.read("events.jsonl").splitlines()]
        self.assertEqual(
            [event["sequence"] for event in events],
            self._events(case).sorted("sequence").mapped("sequence"),
        )
        index = pack.read("index.html").decode()
        for text in ("Dupont", "order.txt", message.subject, self.company.name):
            self.assertIn(text, index)

    def test_its_own_program_finds_it_sound(self):
        reminder = self._sent()
        self._invoice(self.other_customer, 100, overdue=10)
        self._seal()
        code, said = self._check(self._pack(reminder.case_id))
        self.assertEqual(code, 0, said)
        count = len(self._events(reminder.case_id))
        self.assertIn(f"{count} events, 0 problems", said)
        self.assertIn(self._events(reminder.case_id).sorted("sequence")[-1].seal, said)

    def test_a_part_of_the_chain_is_fastened(self):
        self._invoice(self.other_customer, 100, overdue=10)
        self._sent()
        self._seal()
        case = self._case(self.other_customer)
        self.env["collection.evidence"]._record(case.reminder_ids, "failed", {"why": "x"})
        self.env["collection.evidence"]._record(self._case(self.customer), "answered")
        self.env["collection.evidence"]._record(case.reminder_ids, "resent")
        self._seal()
        for one in (case, self._case(self.customer)):
            code, said = self._check(self._pack(one))
            self.assertEqual(code, 0, said)

    def test_other_customers_are_in_it_by_digest_only(self):
        self._invoice(self.other_customer, 100, overdue=10)
        reminder = self._sent()
        self._seal()
        pack = self._pack(reminder.case_id)
        other = self._events(self._case(self.other_customer))
        self.assertTrue(other)
        for name in pack.namelist():
            content = pack.read(name).decode(errors="replace")
            for text in ("Martin", self.other_customer.email, *other.mapped("payload")):
                self.assertNotIn(text, content, name)

    def test_its_own_program_names_what_was_changed(self):
        reminder = self._sent()
        self._seal()
        pack = self._pack(reminder.case_id)
        attachment = next(name for name in pack.namelist() if name.startswith("attachments/"))
        seal = self._events(reminder, "claimed").seal.encode()
        for name, old, new, said in (
            (attachment, b"owe 100", b"owe 900", "attachment."),
            ("contents.json", b"You owe", b"You are owed", ".body"),
            ("events.jsonl", self.customer.email.encode(), b"x@y.example", "fact.to"),
            ("events.jsonl", b'"event": "sent"', b'"event": "failed"', "says something else"),
            ("chain.csv", seal, b"f" * 64, "does not follow"),
        ):
            with self.subTest(name=name, said=said):
                code, output = self._check(self._altered(pack, name, old, new))
                self.assertEqual(code, 1)
                self.assertIn(said, output)

    def test_no_token_leaves_with_it(self):
        self.template.body_html = '<a href="/my/invoices/1?access_token=s3cret">Pay</a>'
        reminder = self._sent()
        self._seal()
        pack = self._pack(reminder.case_id)
        for name in pack.namelist():
            content = pack.read(name)
            if name.endswith(".eml"):
                [part, _document] = email.message_from_bytes(content).get_payload()
                content += part.get_payload(decode=True)
            self.assertNotIn(b"s3cret", content, name)
        code, said = self._check(pack)
        self.assertEqual(code, 0, said)

    def test_hostile_names(self):
        self.customer.name = "<script>alert(1)</script>/../../Dupont"
        reminder = self._sent()
        reminder.attachment_ids.name = "../../../etc/<b>passwd"
        self.env["collection.evidence"]._record(
            reminder, "failed", {"why": "=HYPERLINK('x')<b>"}
        )
        case = reminder.case_id
        pack = self._pack(case)
        for name in pack.namelist():
            self.assertNotIn("..", name.split("/"))
            self.assertFalse(name.startswith("/"))
        index = pack.read("index.html").decode()
        self.assertNotIn("<script", index)
        self.assertNotIn("<b>", index)
        self.assertRegex(self.env["collection.pack"]._get_file_name(case), r"^[\w.\- ]+\.zip$")

    def test_a_spreadsheet_runs_nothing(self):
        self._sent()
        self.manager.name = "=1+1"
        reminder = self._reminder(self.customer)
        self.env["collection.evidence"].with_user(self.manager)._record(reminder, "resent")
        table = self._pack(reminder.case_id).read("events.csv").decode("utf-8-sig")
        self.assertIn("'=1+1", table)

    def test_what_was_no_email_is_a_page(self):
        self._morning()
        reminder = self._reminder(self.customer)
        reminder.sudo().state = "unconfirmed"
        reminder.with_user(self.owner).action_mark_sent()
        pack = self._pack(reminder.case_id)
        page = pack.read(f"messages/reminder-{reminder.id}.html").decode()
        self.assertIn("You owe", page)

    def test_in_french(self):
        reminder = self._sent()
        self._seal()
        self.env["res.lang"]._activate_lang("fr_FR")
        index = self._pack(reminder.case_id, lang="fr_FR").read("index.html").decode()
        self.assertIn('lang="fr-FR"', index)

    def test_nothing_happened_yet(self):
        self._sync_cases()
        pack = self._pack(self._case(self.customer))
        self.assertEqual(pack.read("events.jsonl"), b"")
        code, said = self._check(pack)
        self.assertEqual((code, said.split(",")[0]), (0, "0 events"))

    def test_ten_thousand_events(self):
        reminder = self._sent()
        record = self.env["collection.evidence"]._record
        record(reminder.browse([reminder.id] * 10_000), "failed", {"why": "no", "number": 7})
        self._seal()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        pack = self._pack(reminder.case_id)
        self.assertLess(self.env.cr.sql_log_count - before, 400)
        code, said = self._check(pack)
        self.assertEqual(code, 0, said)

    # === WHO GETS IT === #

    def test_the_dialog(self):
        reminder = self._sent()
        wizard = (
            self.env["collection.evidence.pack"]
            .with_user(self.reader)
            .create({"case_id": reminder.case_id.id})
        )
        self.assertEqual(wizard.event_count, wizard.unsealed_count)
        self.assertIn(f"/evidence/{reminder.case_id.id}", wizard.action_download()["url"])
        with self.assertRaises(AccessError):
            self.env["collection.evidence.pack"].with_user(self.stranger).create(
                {"case_id": reminder.case_id.id}
            ).action_download()

    # === RIGHT OF ACCESS === #

    def _person(self, partner, user=None):
        stream = io.BytesIO()
        pack = self.env["collection.person.pack"].with_user(user or self.manager)
        pack._write(pack.env["res.partner"].browse(partner.id), stream)
        return zipfile.ZipFile(stream)

    def _contact(self):
        return self.env["res.partner"].create(
            {
                "name": "Anne Petit",
                "email": "anne@customer.example",
                "parent_id": self.customer.id,
                "type": "invoice",
            }
        )

    def test_a_person_is_shown_what_is_kept(self):
        contact = self._contact()
        reminder = self._sent()
        self.assertEqual(reminder.recipient_id, contact)
        case = reminder.case_id
        self._answer(reminder, contact)
        case.message_post(body="For others", message_type="comment")
        pack = self._person(contact)
        data = json.loads(pack.read("data.json"))
        self.assertEqual(data["partner"]["email"], contact.email)
        self.assertEqual([one["address"] for one in data["reminders"]], [contact.email])
        self.assertIn("We pay", {one["text"].strip() for one in data["messages"]})
        self.assertNotIn("For others", pack.read("data.json").decode())
        self.assertEqual(data["cases"], [], "the case is the company's")
        events = {one["event"] for one in data["events"]}
        self.assertLessEqual({"sent", "answered"}, events)
        self.assertIn("Anne Petit", pack.read("index.html").decode())
        self.assertTrue([name for name in pack.namelist() if name.startswith("attachments/")])

    def test_a_customer_is_shown_the_whole_case(self):
        reminder = self._sent()
        self.env["collection.hold"].create(
            {
                "case_id": reminder.case_id.id,
                "reason": "other",
                "note": "Holidays",
                "date_start": "2026-03-18",
                "date_end": "2026-03-20",
            }
        )
        self.env["ir.attachment"].create(
            {
                "name": "advice.csv",
                "raw": b"INV/1;100",
                "res_model": "collection.case",
                "res_id": reminder.case_id.id,
            }
        )
        pack = self._person(self.customer)
        data = json.loads(pack.read("data.json"))
        self.assertEqual([one["name"] for one in data["documents"]], ["advice.csv"])
        [filed] = [name for name in pack.namelist() if name.endswith("advice.csv")]
        self.assertEqual(pack.read(filed), b"INV/1;100")
        self.assertEqual(len(data["cases"]), 1)
        self.assertEqual(data["pauses"][0]["note"], "Holidays")

    def test_people_read_words_where_programs_find_codes(self):
        self._speak_french()
        contact = self._contact()
        reminder = self._sent()
        self._answer(reminder, contact, "<script>x</script> payé")
        self.env["collection.evidence"]._record(reminder, "cancelled", {"reason": "paid"})
        manager = self.manager.with_context(lang="fr_FR")
        stream = io.BytesIO()
        pack = self.env["collection.person.pack"].with_user(manager).with_context(lang="fr_FR")
        pack._write(pack.env["res.partner"].browse(contact.id), stream)
        pack = zipfile.ZipFile(stream)
        index = pack.read("index.html").decode()
        text = " ".join(html2plaintext(index).split())
        for words in ("Canal E-mail", "État Envoyée", "Montant 100,00", "Événement Envoyée"):
            self.assertIn(words, text)
        self.assertFalse({"channel", "state", "message_id", "facts"} & set(text.split()))
        for code in ("{'", "['"):
            self.assertNotIn(code, text)
        self.assertNotIn("<script", index)
        [told] = json.loads(pack.read("data.json"))["reminders"]
        self.assertEqual((told["channel"], told["state"]), ("email", "sent"))

    def test_only_a_manager_hands_it_out_and_of_own_companies(self):
        contact = self._contact()
        self._sent()
        for user in (self.owner, self.reader):
            with self.assertRaises(AccessError):
                self._person(contact, user)
        self.stranger.group_ids += self.env.ref("account_collections.group_collection_manager")
        data = json.loads(self._person(contact, self.stranger).read("data.json"))
        self.assertEqual((data["reminders"], data["messages"], data["events"]), ([], [], []))

    def test_the_dialog_counts_and_says_why_it_is_kept(self):
        contact = self._contact()
        self._sent()
        self.owner.group_ids = [Command.link(self.env.ref("base.group_user").id)]
        wizard = self.env["collection.person"].with_user(self.manager)
        wizard = wizard.create({"partner_id": contact.id})
        self.assertIn("Open items of Dupont: 1. ", wizard.grounds)
        summary = " ".join(html2plaintext(wizard.summary_html).split())
        self.assertIn("Reminders 1 ", summary)
        self.assertIn("Cases in its own name 0 ", summary)
        self.assertIn(f"/person/{contact.id}", wizard.action_export()["url"])
        with self.assertRaises(AccessError):
            self.env["collection.person"].with_user(self.owner).create({"partner_id": contact.id})


@tagged("post_install", "-at_install")
class TestEvidenceDownload(EvidenceCommon, HttpCase):
    """Over HTTP, with the rights of whoever is logged in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.reader, cls.owner, cls.manager, cls.stranger):
            user.password = user.login

    def _download(self, user, path):
        self.authenticate(user.login, user.login)
        return self.url_open(path)

    def test_over_http_with_the_rights_of_the_user(self):
        reminder = self._sent()
        self._seal()
        path = f"/account_collections/evidence/{reminder.case_id.id}?lang=en_US"
        for user in (self.reader, self.owner, self.manager):
            answer = self._download(user, path)
            self.assertEqual(answer.status_code, 200, user.login)
            self.assertEqual(answer.headers["Content-Type"], "application/zip")
            self.assertIn(
                "index.html", zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
            )
        reminder.case_id.user_id = self.manager
        self.env.flush_all()
        with mute_logger("odoo.http"):
            for user in (self.owner, self.stranger):
                answer = self._download(user, path)
                self.assertNotEqual(answer.status_code, 200, user.login)
                self.assertNotIn(b"PK", answer.content[:2])
            self.assertEqual(
                self._download(self.reader, "/account_collections/evidence/999999999").status_code,
                404,
            )

    def test_personal_data_over_http(self):
        self._sent()
        path = f"/account_collections/person/{self.customer.id}"
        with mute_logger("odoo.http"):
            for user in (self.owner, self.reader):
                self.assertNotEqual(self._download(user, path).status_code, 200, user.login)
        answer = self._download(self.manager, path)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("data.json", zipfile.ZipFile(io.BytesIO(answer.content)).namelist())
