import inspect
import itertools
import logging

from odoo import Command
from odoo.addons.account_collections.tests.common import TODAY
from odoo.tests import new_test_user, tagged

from ..models import collection_portal_attempt
from .access_common import PAGE, AccountCommon

_logger = logging.getLogger(__name__)

#: What pages answer who asks for what is not theirs; 405: a form is only sent.
REFUSALS = {303, 400, 403, 404, 405, 415, 422}

#: A name that stands in everything the foreign customer has.
MARK = "Xylophon"


#: In addresses these are always of somebody else here.
FOREIGN = {"dispute_id", "move_id", "plan_id", "promise_id", "transaction_id"}


@tagged("post_install", "-at_install")
class TestPortalProbe(AccountCommon):
    """Each route, with each id and token of a foreign customer and of another company.

    The routes are those that Odoo serves below the account page: a new one is probed as soon as
    it is there, and the test fails until :meth:`_get_values` knows its parameters.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.write({"name": MARK, "vat": False})
        cls.foreign.write({"ref": f"{MARK} order", "payment_reference": MARK})
        cls.other_company = cls.setup_other_company()["company"]
        cls.elsewhere = cls._post_elsewhere()
        cls.env["collection.debtor"].sudo()._sync(cls.other_company)
        cls.elsewhere_case = cls.env["collection.case"].search(
            [("company_id", "=", cls.other_company.id)]
        )
        cls._make_foreign_papers()

    @classmethod
    def _post_elsewhere(cls):
        """Return an invoice from another of our companies."""
        move = cls.env["account.move"].with_company(cls.other_company).create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.other_customer.id,
                "company_id": cls.other_company.id,
                "invoice_date": TODAY,
                "ref": f"{MARK} elsewhere",
                "invoice_line_ids": [
                    Command.create({"name": MARK, "price_unit": 5, "tax_ids": [Command.clear()]})
                ],
            }
        )
        move.action_post()
        return move

    @classmethod
    def _make_foreign_papers(cls):
        """A promise, a plan, a dispute, a payment and a file of the foreign customer."""
        case = cls.foreign_case.sudo()
        line = cls.foreign.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
        common = {
            "case_id": case.id, "currency_id": cls.company.currency_id.id, "amount": 20,
        }
        cls.promise = cls.env["collection.promise"].sudo().create(
            {
                **common, "date": TODAY, "date_made": TODAY, "check_date": TODAY,
                "channel": "call", "sentence": MARK, "tolerance": 0, "before": 0,
            }
        )
        cls.plan = cls.env["collection.plan"].sudo().create(
            {**common, "contact_id": cls.other_customer.id, "note": MARK}
        )
        cls.dispute = case._dispute_quick(lines=line, amount=10, description=MARK)
        cls._pay(cls.foreign, 5)
        cls._announce_transfer(case, line)
        cls.file = cls.env["ir.attachment"].create(
            {
                "name": f"{MARK}.pdf", "raw": b"%PDF-1.4 Xylophon", "mimetype": "application/pdf",
                "res_model": "account.move", "res_id": cls.foreign.id,
            }
        )
        cls.foreign.collection_shown_attachment_ids = cls.file

    @classmethod
    def _announce_transfer(cls, case, line):
        """The foreign customer announced a transfer of a part of its invoice."""
        part = {
            "case_id": case.id, "company_id": cls.company.id, "line_id": line.id,
            "move_name": cls.foreign.name, "currency_id": line.currency_id.id, "amount": 10,
        }  # fmt: skip
        provider = cls.env.ref("payment.payment_provider_transfer").sudo()
        cls.transfer = cls.env["payment.transaction"].sudo().create(
            {
                "provider_id": provider.copy({"company_id": cls.company.id}).id,
                "payment_method_id": cls.env.ref(
                    "payment_custom.payment_method_wire_transfer"
                ).id,
                "reference": f"{MARK}-1",
                "amount": 10,
                "currency_id": line.currency_id.id,
                "partner_id": cls.other_customer.id,
                "collection_part_ids": [Command.create(part)],
            }
        )
        cls.transfer._set_pending()

    # === WHAT IS TRIED === #

    def _get_routes(self):
        """Return the rules that Odoo serves below the account page."""
        rules = self.env["ir.http"].routing_map().iter_rules()
        return [rule for rule in rules if rule.rule.startswith(PAGE)]

    def _get_values(self):
        """Return {parameter: foreign values}, of addresses and of forms.

        A route with a new parameter is probed once its foreign values stand here.
        """
        foreign = self.foreign | self.elsewhere
        items = self.env["collection.item"].search([("move_id", "in", foreign.ids)])
        tokens = self._get_tokens()
        others = {
            name: self.env[model].sudo().search([]).ids or [1]
            for name, model in (
                ("transaction_id", "payment.transaction"),
                ("attachment_id", "ir.attachment"),
                ("message_id", "mail.message"),
            )
        }
        return {
            **{name: ids[-3:] for name, ids in others.items()},
            "access_token": tokens,
            "all": [f"{one.id}-{one.currency_id.id}" for one in self.elsewhere.company_id],
            "amount": [77.0],
            # In other letters than those that give a leak away: pages repeat what was typed.
            "answer": [self.foreign.name.lower()],
            "code": [self.foreign_case._get_letter_url().rpartition("/")[2][:-1], *tokens[:2]],
            "dispute_id": self.dispute.ids,
            "file_id": self.file.ids,
            "filterby": ["all"],
            "item": items.ids,
            "items": items.ids,
            "key": [0, self.file.id],
            "kind": ["invoice", "attachment"],
            "member": self.other_customer.ids,
            "move_id": foreign.ids,
            "page": [1, 2],
            "plan_id": self.plan.ids,
            "promise_id": self.promise.ids,
            "search": [MARK.lower()],
            "sent": ["1"],
            "sortby": ["due"],
        }

    def _get_tokens(self):
        """Tokens that open nothing: revoked, cut, of another case with our signature's shape."""
        revoked = self.foreign_case._sign()
        self.foreign_case._revoke_links()
        good = self.foreign_case._sign()
        return [revoked, good[:-4], good.swapcase()]

    def _get_requests(self, rule):
        """Yield (path, parameters) of all that is tried on a route."""
        values = self._values
        names = sorted(rule.arguments)
        signature = inspect.signature(rule.endpoint.func).parameters.values()
        taken = {
            one.name for one in signature
            if one.kind != one.VAR_KEYWORD and one.name not in ("self", "case")
        }
        unknown = (set(names) | taken) - set(values)
        self.assertFalse(unknown, f"{rule.rule}: say in _get_values what {unknown} may be")
        cases = (self.case.id, self.elsewhere_case[:1].id, "", "0", "x")
        adapter = self.env["ir.http"].routing_map().bind("localhost")
        foreign = {key: value[-1] for key, value in values.items() if key not in names}
        del foreign["access_token"]
        for chosen in itertools.product(*(values[name] for name in names)):
            path = adapter.build(rule.endpoint, dict(zip(names, chosen)), force_external=False)
            yield path, {"case": self.foreign_case.id}
            yield path, {"case": self.case.id, **foreign}
        for case in cases:
            yield path, {"case": case}
        for token in values["access_token"]:
            yield path, {"access_token": token}

    def _send(self, rule, path, parameters, token):
        """Send what a visitor would: a page is asked for, a form is filled in."""
        if rule.endpoint.routing["type"] == "jsonrpc":
            return self.url_open(path, json={"method": "call", "params": parameters})
        if "POST" in rule.methods and "GET" not in rule.methods:
            return self.url_open(
                path, data={**parameters, "csrf_token": token}, allow_redirects=False
            )
        return self.url_open(path, params=parameters, allow_redirects=False)

    # === THE PROBE === #

    def _probe(self, visitor, token):
        """Try every route; return (number of requests, what leaked)."""
        count, leaks = 0, []
        for rule in self._get_routes():
            for path, parameters in self._get_requests(rule):
                count += 1
                answer = self._send(rule, path, parameters, token)
                # A file is no text: where an address names what is foreign, nothing is served.
                is_served = answer.status_code == 200 and rule.arguments & FOREIGN
                if is_served or self._leaks(answer):
                    leaks.append(f"{visitor}: {rule.methods} {path} {parameters}")
                elif answer.status_code not in {200, *REFUSALS}:
                    leaks.append(f"{visitor}: {path} {parameters}: {answer.status_code}")
        return count, leaks

    def _leaks(self, answer):
        """Return whether an answer tells anything of the foreign customer."""
        return any(secret in answer.text for secret in (MARK, self.foreign.name, "77.00", "72.00"))

    def test_zero_leaks(self):
        limits = dict.fromkeys(collection_portal_attempt.LIMITS, (10**6, 60))
        self.patch(collection_portal_attempt, "LIMITS", limits)
        seen = self._open(self.foreign_case)
        self.assertTrue(self._leaks(seen), "the probe knows a leak when it sees one")
        self._values = self._get_values()
        before = self._get_traces()
        total, leaks = 0, []
        for visitor, enter in (
            ("nobody", lambda: None),
            ("by a link", self._open),
            ("logged in", lambda: self._log_in(self.customer)),
            ("a user of ours without rights", self._log_in_plain),
            ("a member of the foreign customer's group", self._join_group),
        ):
            self.authenticate(None, None)
            enter()
            page = self.url_open(f"{PAGE}?case={self.case.id}")
            token = page.text.split('csrf_token: "')[1].split('"')[0]
            count, found = self._probe(visitor, token)
            total, leaks = total + count, leaks + found
        routes = len(self._get_routes())
        _logger.log(25, "Probe: %s routes, %s requests, %s leaks", routes, total, len(leaks))
        self.assertFalse(leaks, "\n".join(leaks[:20]))
        self.assertEqual(self._get_traces(), before, "nothing changed for the foreign customer")
        self.assertGreater(total, 200)

    def _log_in_plain(self):
        new_test_user(self.env, "plain", "base.group_user")
        self.authenticate("plain", "plain")

    def _join_group(self):
        """The foreign customer is dunned for ours too: ours sees its own part of that account."""
        self.company.collection_group = True
        (self.customer | self.other_customer).company_registry = False
        self.customer.collection_head_id = self.other_customer
        self._map_again()
        self._log_in(self.customer, "member")
        own = self._see(self.foreign_case)
        self.assertIn(f"{self.invoice.name}</a>", own, "what it may see is there")

    def _get_traces(self):
        """Return what a form could have left on the foreign account."""
        self.env.invalidate_all()
        cases = (self.foreign_case | self.elsewhere_case).sudo()
        return (
            [len(case.message_ids) for case in cases],
            [len(case.dispute_ids) for case in cases],
            cases.promise_ids.mapped("state"),
            cases.plan_ids.mapped("state"),
            self.transfer.state,
            cases.mapped("portal_first_seen"),
        )
