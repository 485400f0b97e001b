from odoo import Command, api, fields, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        """What was declared to an insurer stays, with its amounts; words go, and the files with
        the other documents of the case."""
        super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        filings = cases.sudo().filing_ids
        self._empty_chatter(filings)
        filings.with_context(tracking_disable=True).write(
            {"note": False, "withdrawal_reason": False, "file_state": False}
        )
        for company, own in cases.sudo().grouped("company_id").items():
            self._erase_requests(
                filings.env["collection.insurance.request"].search(
                    [("company_id", "=", company.id), ("partner_id", "in", own.partner_id.ids)]
                )
            )

    @api.model
    def _erase_requests(self, requests):
        """Which limit was asked for, and when, stays; why goes, with the documents."""
        self._empty_chatter(requests)
        documents = requests.document_ids.filtered(lambda one: one.res_model == requests._name)
        requests.activity_ids.write({"note": False, "summary": False})
        requests.with_context(tracking_disable=True).write(
            {"reason": False, "problem": False, "document_ids": [Command.clear()]}
        )
        documents.unlink()


class CollectionPersonalData(models.AbstractModel):
    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        own = [
            ("company_id", "in", self.env.companies.ids),
            ("partner_id", "=", partner.id),
        ]
        # As of all that is found: the caller was checked.
        env = found["cases"].env
        buyers = env["collection.insurance.buyer"].search(
            [own[0], ("partner_ids", "in", partner.ids)]
        )
        return {
            **found,
            "declarations": found["cases"].filing_ids,
            "limit_requests": env["collection.insurance.request"].search(own),
            "limits": buyers.decision_ids,
        }

    @api.model
    def _get_sections(self):
        _ = self.env._
        return super()._get_sections() | {
            "declarations": (_("Declarations to insurers"), "collection.insurance.filing"),
            "limit_requests": (_("Limit requests"), "collection.insurance.request"),
            "limits": (_("Decisions of insurers"), "collection.insurance.decision"),
        }

    @api.model
    def _collect(self, partner):
        answer = super()._collect(partner)
        found = self._find(partner)
        return {
            **answer,
            "declarations": [self._tell_declaration(one) for one in found["declarations"]],
            "limit_requests": [self._tell_request(one) for one in found["limit_requests"]],
            "limits": [self._tell_limit(one) for one in found["limits"]],
        }

    @api.model
    def _empty(self, found):
        super()._empty(found)
        # Requests are made of customers who have no case, too.
        self.env["collection.erasure"]._erase_requests(found["limit_requests"])

    @api.model
    def _tell_request(self, request):
        return {
            "date": fields.Date.to_string(request.sent_on or request.create_date),
            "company": request.company_id.name,
            "to": request.policy_id.insurer_id.name,
            "amount": request.amount,
            "currency": request.currency_id.name,
            "reason": request.reason or "",
            "documents": request.document_ids.mapped("name"),
            "state": request.state,
        }

    @api.model
    def _tell_limit(self, decision):
        return {
            "date": fields.Date.to_string(decision.date_announced),
            "company": decision.company_id.name,
            "from": decision.policy_id.insurer_id.name,
            "decision": decision.kind,
            "amount": decision.amount,
            "currency": decision.currency_id.name,
            "conditions": decision.conditions or "",
        }

    @api.model
    def _tell_declaration(self, filing):
        return {
            "date": fields.Date.to_string(filing.date),
            "company": filing.company_id.name,
            "to": filing.policy_id.insurer_id.name,
            "reference": filing.reference or "",
            "documents": filing.item_ids.mapped("move_name"),
            "amount": filing.amount,
            "note": filing.note or "",
            "state": filing.state,
        }
