from odoo.addons.account_collections.models.collection_statement_attach import (
    EXTENSIONS,
    PDF,
    XLSX,
)
from odoo.addons.portal.controllers.portal import pager
from odoo.fields import Domain
from odoo.http import request

from ..models.collection_case import PAGE
from .access import AccountAccess, account_page, account_route, for_customers
from .inputs import read_number
from .outputs import get_writers

#: As many as Odoo's own lists have.
ITEMS_PER_PAGE = 80
PAYMENTS_PER_PAGE = 50

#: Fields of items that the page shows, or asks about: they are read with the search.
ITEM_FIELDS = (
    "amount_currency", "contact_id", "currency_id", "date", "date_due", "disputed_currency",
    "is_credit", "line_id", "move_id", "move_name", "move_type", "partner_id",
    "reference", "role",
)  # fmt: skip

#: Of what the first page shows only a part: the latest payments, the members who owe most.
LATEST_PAYMENTS = 5
MOST_MEMBERS = 20


class AccountStatement(AccountAccess):
    """The customer's account: what is open, documents, payments, and a person to talk to."""

    # === HOME === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "collection_account_count" in counters:
            values["collection_account_count"] = len(self._get_own_cases())
        return values

    # === THE ACCOUNT === #

    @account_route("", "/page/<int:page>")
    def account_statement(self, page=1, access_token=None, **kwargs):
        """Open the account; a link's token moves from the address to the visitor's session."""
        if access_token is not None:
            return self._enter(access_token)
        return self._show(page=read_number(str(page)) or 1, **kwargs)

    @for_customers("page", for_members=True)
    def _show(self, case, page=1, **kwargs):
        if self._is_by_link(case):
            case._note_visit()
        return request.render(
            "account_collections_portal.account", self._prepare_account_values(case, page, **kwargs)
        )

    def _prepare_account_values(self, case, page, **kwargs):
        """Return what the account page shows; those who extend it add to it."""
        figures = case._get_portal_figures()
        totals, members = figures["totals"], figures["members"]
        count = sum(total["count"] for total in totals)
        return {
            **self._prepare_layout_values(case),
            "contact": self._get_contact(case),
            "totals": totals,
            "debts": figures["debts"],
            "ageing_labels": case._get_ageing_labels(),
            "members": members[:MOST_MEMBERS],
            "member_count": len(members),
            **self._prepare_item_values(case, page, count, **kwargs),
            "payments": case._get_portal_payments(LATEST_PAYMENTS),
            "payment_kinds": case.env["collection.statement"]._get_kinds(),
        }

    def _prepare_layout_values(self, case):
        return {
            **self._prepare_portal_layout_values(),
            **get_writers(request.env),
            "page_name": "account_statement",
            "case": case,
            "is_part": bool(case._get_portal_member()),
            "holder": case._get_portal_holder(),
            "accounts": self._get_accounts(case),
        }

    def _prepare_item_values(
        self, case, page, count, filterby="all", sortby="due", search="", member="", **_kwargs
    ):
        """Return the open items of a page, and what they are filtered and sorted by.

        :param int count: of all that is open
        """
        filters, sortings = self._get_filters(case), self._get_sortings()
        filterby = filterby if filterby in filters else "all"
        sortby = sortby if sortby in sortings else "due"
        search, member = search.strip()[:64], read_number(member)
        domain = Domain(case._get_portal_items_domain()) & filters[filterby]["domain"]
        if search:
            domain &= Domain.OR(
                Domain(name, "ilike", search)
                for name in ("move_name", "reference", "partner_id.name")
            )
        if member:
            domain &= Domain("partner_id", "=", member) | Domain("contact_id", "=", member)
        items = case.env["collection.item"]
        is_narrowed = bool(search or member or filterby != "all")
        chosen = {"filterby": filterby, "sortby": sortby, "search": search, "member": member}
        pages = pager(
            url=PAGE,
            url_args={"case": case.id, **{key: value for key, value in chosen.items() if value}},
            total=items.search_count(domain) if is_narrowed else count,
            page=read_number(str(page)) or 1,
            step=ITEMS_PER_PAGE,
        )
        found = items.search_fetch(
            domain,
            ITEM_FIELDS,
            order=sortings[sortby]["order"],
            limit=ITEMS_PER_PAGE,
            offset=pages["offset"],
        )
        return {
            **chosen,
            "today": case.company_id._collection_today(),
            "items": found,
            "notes": case._get_portal_notes(found),
            "pager": pages,
            "searchbar_filters": filters,
            "searchbar_sortings": sortings,
            "is_narrowed": is_narrowed,
        }

    def _get_accounts(self, case):
        """Return {case: whose account it is} of those that this visitor may change to."""
        cases, own = request.env["collection.case"], self._get_own_cases()
        linked = [self._find_by_link(read_number(key)) for key in self._get_links()]
        holders = {one: self._show_own(one)._get_portal_holder() for one in own}
        return {one: holders.get(one, one.partner_id) for one in own | cases.union(*linked) | case}

    def _get_filters(self, case):
        _ = request.env._
        debt = Domain("is_credit", "=", False)
        late = Domain("date_due", "<", case.company_id._collection_today())
        return {
            "all": {"label": _("All"), "domain": Domain.TRUE},
            "overdue": {"label": _("Overdue"), "domain": debt & late},
            "upcoming": {"label": _("Not yet due"), "domain": debt & ~late},
            "disputed": {
                "label": _("In dispute"), "domain": Domain("disputed_currency", ">", 0)
            },
            "credits": {"label": _("Credits"), "domain": ~debt},
        }

    def _get_sortings(self):
        env = request.env
        return {
            "due": {"label": env._("Due Date"), "order": "date_due, id"},
            "date": {"label": env._("Date"), "order": "date desc, id desc"},
            "name": {"label": env._("Number"), "order": "move_name, id"},
            "amount": {"label": env._("Amount"), "order": "amount desc, id"},
        }

    # === PAYMENTS === #

    @account_page("/payments", "/payments/page/<int:page>", for_members=True)
    def payments(self, case, page=1, **_kwargs):
        """All payments and credits, with what each settled."""
        pages = pager(
            url=f"{PAGE}/payments",
            url_args={"case": case.id},
            total=case._count_portal_payments(),
            page=read_number(str(page)) or 1,
            step=PAYMENTS_PER_PAGE,
        )
        return request.render(
            "account_collections_portal.payments",
            {
                **self._prepare_layout_values(case),
                "payments": case._get_portal_payments(PAYMENTS_PER_PAGE, pages["offset"]),
                "payment_kinds": case.env["collection.statement"]._get_kinds(),
                "pager": pages,
            },
        )

    # === DOCUMENTS === #

    @account_page("/document/<int:move_id>", kind="document", for_members=True)
    def document(self, case, move_id, **_kwargs):
        """The PDF of an invoice or credit note."""
        return self._send_file(case, move_id, "invoice", 0)

    @account_page("/document/<int:move_id>/files", for_members=True)
    def files(self, case, move_id, **_kwargs):
        """What goes with a document: the order, delivery notes, electronic invoices."""
        move = case._get_portal_document(move_id)
        if not move:
            return None
        return request.render(
            "account_collections_portal.files",
            {
                **self._prepare_layout_values(case),
                "move": move,
                "files": case._get_portal_files(move),
            },
        )

    @account_page(
        "/document/<int:move_id>/<string:kind>/<int:key>", kind="document", for_members=True
    )
    def file(self, case, move_id, kind, key, **_kwargs):
        return self._send_file(case, move_id, kind, key)

    def _send_file(self, case, move_id, kind, key):
        move = case._get_portal_document(move_id)
        found = move and case._get_portal_file(move, kind, key)
        return self._send(*found.read()) if found else None

    @account_page("/pdf", kind="document")
    def statement(self, case, **_kwargs):
        """The statement of account as of today."""
        return self._send_statement(case, PDF)

    @account_page("/xlsx", kind="document")
    def spreadsheet(self, case, **_kwargs):
        """The statement of account as of today, as a spreadsheet."""
        return self._send_statement(case, XLSX)

    def _send_statement(self, case, mimetype):
        """Send the statement in the language that the visitor reads."""
        today = case.company_id._collection_today()
        statements = case.env["collection.statement"]
        make = statements._render if mimetype == PDF else statements._make_workbooks
        lang, since = request.env.lang, statements._get_since(case.company_id, today)
        name = statements._get_file_name(case.company_id, today, lang, EXTENSIONS[mimetype])
        return self._send(name, make(case, today, lang, since)[case.id], mimetype)
