import os
import tempfile
from base64 import b64encode
from pathlib import Path
from unittest.mock import patch

from odoo.addons.account_collections_insurance.models.collection_insurance_feed_folder import ROOTS
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import config, mute_logger
from psycopg2 import IntegrityError

from .common import DAY, TODAY, InsuranceCommon
from .service_common import serving

GOOD = b"Buyer ID;Buyer;SIREN;Limit\nB-1;Acheteur;552100554;20 000\n"
NEWER = b"Buyer ID;Buyer;SIREN;Limit\nB-1;Acheteur;552100554;10 000\nB-2;<b>x</b>;;abc\n"

MAIL = """From: {sender}
To: limits@company.example
Subject: Limits
Message-Id: <{number}@insurer.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Your limits
--b
Content-Type: text/csv; name=limits.csv
Content-Disposition: attachment; filename=limits.csv
Content-Transfer-Encoding: base64

{content}
--b--
"""


@tagged("post_install", "-at_install")
class TestFeeds(InsuranceCommon):
    """Files that nobody watches: by mail, by folder, from a service."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "company.example"})
        cls.company.alias_domain_id = domain
        cls.feed = cls.env["collection.insurance.feed"].create(
            {
                "name": "Weekly",
                "policy_id": cls.policy.id,
                "user_id": cls.manager.id,
                "alias_name": "limits",
                "alias_domain_id": domain.id,
                "senders": "limits@insurer.example\n@broker.example",
            }
        )

    def _mail(self, content, sender="limits@insurer.example", number=1):
        mail = MAIL.format(sender=sender, number=number, content=b64encode(content).decode())
        self.env["mail.thread"].message_process(False, mail)

    def _work(self, day=TODAY):
        """Let the scheduled action import what waits."""
        with self.committing() as env, self._at(f"{day} 12:00:00"):
            env["collection.insurance.file"]._cron_process()
        return self._files()

    def _files(self):
        return self.policy.file_ids.sorted("id")

    def _told(self):
        return self.env["mail.notification"].search(
            [("res_partner_id", "=", self.manager.partner_id.id)], order="id"
        ).mail_message_id.mapped("subject")

    # === MAILBOX === #

    def test_by_mail(self):
        """Of whom it is allowed, once, with a report; who is not allowed is told of."""
        self._mail(GOOD, "Insurer <limits@insurer.example>")
        [file] = self._work()
        self.assertEqual((file.state, file.accepted_count, file.origin), ("done", 1, "mailbox"))
        self.assertEqual(file.sender, "limits@insurer.example")
        # who is answerable for it, and where it comes from
        [decision] = self.policy.buyer_ids.decision_ids
        self.assertEqual(decision.create_uid, self.manager)
        self.assertEqual(decision.source, "limits.csv (Mailbox, limits@insurer.example)")
        [log] = self.policy.message_ids.filtered("attachment_ids")
        self.assertIn("Limits imported from limits.csv (Mailbox", log.body)
        [buyer] = self.policy.buyer_ids
        self.assertEqual((buyer.limit_amount, buyer.partner_ids.ids),
                         (20000, (self.customer | self.other_customer).ids))  # fmt: skip
        self._mail(GOOD, "any@broker.example", 2)
        self.assertEqual(len(self._work()), 1, "the same content is not imported again")
        kept = self.feed.message_ids.attachment_ids
        self.assertEqual(kept.mapped("name"), ["limits.csv", "limits.csv"])
        self._mail(NEWER, "limits@evil.example", 3)
        self.assertEqual(len(self._work()), 1)
        self.assertEqual(self.feed.message_ids.attachment_ids, kept, "what is refused is not kept")
        self._mail(NEWER, number=4)
        file = self._work()[-1]
        self.assertEqual((file.changed_count, file.rejected_count), (1, 1))
        self.assertIn("3: no amount", file.problem)
        self.assertEqual(buyer.limit_amount, 10000)
        self._mail(b"Colour;Limit\nred;1\n", number=5)
        failed = self._work()[-1]
        self.assertEqual(failed.state, "failed")
        self.assertIn("No column tells the buyer", failed.problem)
        self.assertEqual(
            self._told(),
            [
                "File of limits limits.csv: imported",
                "Feed of limits: Weekly",
                "File of limits limits.csv: imported",
                "File of limits limits.csv: failed",
            ],
        )
        # what kept it away is put right, and it is tried again
        self.insurer.column_ids = [(0, 0, {"name": "code", "header": "Colour"})]
        for user in (self.owner, self.reader):
            with self.assertRaises(AccessError):
                failed.with_user(user).action_try_again()
        failed.with_user(self.manager).action_try_again()
        self._work()
        self.assertEqual(failed.state, "done")
        with self.assertRaises(UserError):  # all of it was taken
            failed.with_user(self.manager).action_try_again()
        failed.sudo().rejected_count = 1
        failed.with_user(self.manager).action_try_again()
        self.assertEqual(self._work()[-1].state, "unchanged")
        # the earlier limits a day later, with no dates of their own: they are news
        self.insurer.column_ids.unlink()
        self._mail(GOOD, number=6)
        self._work(TODAY + DAY)
        self.assertEqual(len(buyer.decision_ids), 3)
        self.assertEqual(buyer.decision_ids[0].amount, 20000)
        known = self._files()
        self.feed.active = False
        self._mail(NEWER, number=7)
        self.assertEqual(self._files(), known, "an archived feed imports nothing")

    def test_who_may_set_up_what(self):
        for values in ({"senders": "nobody"}, {"folder": "relative"}, {"user_id": self.owner.id}):
            with self.assertRaises(ValidationError):
                self.feed.write(values)
        with self.assertRaises(AccessError):
            self.feed.with_user(self.manager).folder = "/etc"
        forged = self.feed.with_user(self.manager).with_context(default_folder="/tmp")
        values = {"name": "Forged", "policy_id": self.policy.id, "user_id": self.manager.id}
        self.assertFalse(forged.create(values).sudo().folder)
        with self.assertRaises(AccessError):
            self.feed.with_user(self.owner).read(["name"])
        with self.assertRaises(ValidationError):  # what is fetched is imported by a manager too
            self._provider("https://insurer.example", user_id=self.owner.id)

    def test_one_connection_beside_archived_ones(self):
        first = self._provider("https://insurer.example")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._provider("https://insurer.example")
        first.active = False
        self.env.flush_all()
        self.assertEqual(self._provider("https://insurer.example"), self.policy._get_provider())

    def _provider(self, url, **values):
        return self.env["collection.insurance.provider"].create(
            {
                "code": "atradius",
                "policy_id": self.policy.id,
                "user_id": self.manager.id,
                "url": url,
                "token_url": f"{url}/token",
                "client_id": "us",
                "client_secret": "hidden",
                **values,
            }
        )

    # === FOLDER === #

    def _allow(self, *folders):
        """Have the server's configuration allow folders."""
        self.startPatcher(patch.dict(config._runtime_options, {ROOTS: ", ".join(folders)}))

    def _put(self, folder, name, content, age=60):
        path = folder / name
        path.write_bytes(content)
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
        return path

    def test_by_folder(self):
        """Each file once; moved aside by what came of it; what is not ours stays."""
        with tempfile.TemporaryDirectory() as name, self._at(f"{TODAY} 12:00:00"):
            folder = Path(name)
            self._allow(name)
            self.feed.folder = name
            self._put(folder, "a.csv", GOOD)
            self._put(folder, "b.csv", b"\x00\x01")
            self._put(folder, "notes.doc", GOOD)
            (folder / "link.csv").symlink_to(folder / "notes.doc")
            with self.committing() as env:
                # The folder's times are those of the machine's clock.
                feed = env["collection.insurance.feed"].browse(self.feed.id)
                for path in sorted(folder.glob("[ab].csv")):
                    feed._collect_file(folder, path)
            left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
            self.assertEqual(
                left, ["failed/b.csv", "link.csv", "notes.doc", "processed/a.csv"]
            )
            self.assertEqual(self._files().mapped("state"), ["done", "failed"])
            # killed before it was moved: it comes again, and is only moved
            path = self._put(folder, "a.csv", GOOD)
            with self.committing() as env:
                env["collection.insurance.feed"].browse(self.feed.id)._collect_file(folder, path)
            self.assertTrue((folder / "processed" / "a-1.csv").exists())
        self.assertEqual(len(self.policy.buyer_ids.decision_ids), 1)

    def test_what_of_a_folder_is_taken(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self._put(folder, "old.csv", GOOD)
            self._put(folder, "copying.csv", GOOD, age=0)
            self._put(folder, "notes.doc", GOOD)
            (folder / "link.csv").symlink_to(folder / "old.csv")
            taken = filter(self.feed._is_settled, folder.iterdir())
            self.assertEqual([path.name for path in taken], ["old.csv"])

    def test_the_server_reads_only_what_whoever_runs_it_allows(self):
        """Not by another root, “..” or a link, and not once it is allowed no more."""
        with tempfile.TemporaryDirectory() as name:
            base = Path(name)
            allowed, secret = base / "limits", base / "limits-secret"
            for folder in (allowed, secret, allowed / "weekly"):
                folder.mkdir()
            (allowed / "link").symlink_to(secret)
            with self._refused(f"by the option {ROOTS}"):
                self.feed.folder = str(allowed)
            self._allow("/nowhere", str(allowed))
            for path in (base, secret, allowed / ".." / "limits-secret", allowed / "link", "/etc"):
                with self._refused(f"/nowhere, {allowed}"):
                    self.feed.folder = str(path)
            self.feed.folder = str(allowed / "weekly")
            # swapped afterwards: it is asked again, and the manager told once
            (allowed / "weekly").rmdir()
            (allowed / "weekly").symlink_to(secret)
            path = self._put(secret, "a.csv", GOOD)
            for _time in range(2):
                with self.committing() as env:
                    env["collection.insurance.feed"]._cron_collect()
            self.assertTrue(path.exists())
            self.assertFalse(self._files())
            self.assertIn("may read", self.feed.problem)
            self.assertEqual(self._told(), ["Feed of limits: Weekly"])

    def test_a_link_in_the_place_of_a_file_or_of_what_is_done_leads_nowhere(self):
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as elsewhere:
            folder = Path(name)
            self._allow(name)
            link = folder / "a.csv"
            link.symlink_to(self._put(Path(elsewhere), "a.csv", GOOD))
            with self.assertRaises(OSError):
                self.feed._collect_file(folder, link)
            link.unlink()
            (folder / "processed").symlink_to(elsewhere)
            self._put(folder, "b.csv", GOOD)
            self.feed.folder = name
            with self.committing() as env:
                env["collection.insurance.feed"]._cron_collect()
            self.assertFalse((Path(elsewhere) / "b.csv").exists())
            self.assertTrue(self._files())
            self.assertIn("leads elsewhere", self.feed.problem)

    def test_a_folder_that_is_gone_keeps_no_other_from_it(self):
        with tempfile.TemporaryDirectory() as name:
            self._allow(name)
            self.feed.folder = f"{name}/gone"
            self.env["collection.insurance.feed"].create(
                {
                    "name": "Yearly",
                    "policy_id": self.policy.id,
                    "user_id": self.manager.id,
                    "folder": name,
                }
            )
            self._put(Path(name), "a.csv", GOOD)
            with self.committing() as env:
                env["collection.insurance.feed"]._cron_collect()
            self.assertTrue((Path(name) / "processed" / "a.csv").exists())
            self.assertIn("No such file", self.feed.problem)
            Path(self.feed.folder).mkdir()
            with self.committing() as env:
                env["collection.insurance.feed"]._cron_collect()
            self.assertFalse(self.feed.problem)
        self.assertEqual(self._files().origin, "folder")

    # === CONNECTOR === #

    def test_a_service(self):
        """Covers come through the one import; credentials are administrators' alone."""
        cover = {
            "buyerId": "B-1", "buyerName": "<script>x</script>", "nationalId": "552100554",
            "decisionCode": "04", "amount": 5000, "currency": self.policy.currency_id.name,
            "decisionDate": "2026-03-01", "rating": "4", "pendingIndicator": True,
            "pendingAmount": 9000, "requestDate": "2026-03-10",
        }  # fmt: skip
        foreign = {**cover, "buyerId": "B-2", "nationalId": "", "currency": "ZZZ"}
        with serving(cover, foreign) as service:
            provider = self._provider(service.url)
            for user in (self.owner, self.reader):
                with self.assertRaises(AccessError):
                    provider.with_user(user).read(["problem"])
            with self.assertRaises(AccessError):
                provider.with_user(self.manager).read(["client_secret"])
            with self.assertRaises(ValidationError):
                provider.url = "http://insurer.example"
            with self._at(f"{TODAY} 12:00:00"):
                provider.with_user(self.manager).action_fetch()
            [file] = self._work()
            self.assertEqual((file.accepted_count, file.rejected_count), (2, 2))
            self.assertIn("in another currency: ZZZ", file.problem)
            [buyer] = self.policy.buyer_ids
            self.assertEqual((buyer.limit_amount, buyer.grade), (5000, "4"))
            self.assertEqual(buyer.decision_ids.mapped("kind"), ["requested", "partial"])
            self.assertEqual(buyer.name, "<script>x</script>")
        with self.assertRaisesRegex(UserError, "could not be reached"), mute_logger("urllib3"):
            provider.with_user(self.manager).action_fetch()
        self.assertEqual(len(self._files()), 1)

    # === MARKUP === #

    def test_markup_in_a_name_stays_text(self):
        alert = self.env["collection.insurance.alert"]
        buyer = self._buyer(name="<img src=x onerror=alert(1)>")
        self._decide(buyer, "withdrawn", effective=0)
        with self._at(f"{TODAY} 12:00:00"):
            self.env["collection.insurance.exposure"]._refresh(self.company)
        [told] = alert.search([("buyer_id", "=", buyer.id)])
        self.assertNotIn("<img", told.activity_ids[0].note)
        self.assertIn("&lt;img", told.activity_ids[0].note)
