"""An insurer's file and the covers that follow, by processes that may be killed."""

import functools
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import retrying

from . import contest, nursery, shop


def open_policy(env):
    """Make a policy, and keep the scheduled actions from the test's work."""
    today = env.company._collection_today()
    for cron in ("archives", "collect", "fetch", "files", "refresh", "requests"):
        env.ref(f"account_collections_insurance.ir_cron_{cron}").active = False
    env["collection.insurance.policy"].create(
        {
            "name": "E2E",
            "insurer_id": env["collection.insurer"].search([], limit=1).id,
            "term_ids": [
                Command.create(
                    {
                        "date_start": today - timedelta(days=700),
                        "date_end": today + timedelta(days=700),
                    }
                )
            ],
        }
    )


def put_file(env, rows, limit):
    """Put a file of so many limits into the queue."""
    policy = env["collection.insurance.policy"].search([])
    lines = ["Buyer ID;Customer code;Limit"]
    lines += [f"B-{number};C-{number};{limit}" for number in range(rows)]
    data = "\n".join(lines).encode()
    env["collection.insurance.file"]._receive(policy, "limits.csv", data, "folder")


def process(env, watched=False):
    """Import what waits, as the scheduled action does; let the test know of each batch."""
    from odoo.addons.account_collections_insurance.wizards import collection_insurance_import

    collection_insurance_import.BATCH_SIZE = 5
    if watched:
        _tell_each(env.registry["collection.insurance.import"], "_create_decisions", "entering")
    env["collection.insurance.file"]._cron_process()


def refresh(env, watched=False):
    """Bring covers up to date, as the scheduled action does."""
    from odoo.addons.account_collections_insurance.models import collection_insurance_refresh

    collection_insurance_refresh.BATCH_SIZE = 5
    if watched:
        _tell_each(
            env.registry["collection.insurance.exposure"], "_compute_batch", "computing"
        )
    env["collection.insurance.exposure"]._cron_refresh()


def _tell_each(model, method, phase):
    original = getattr(model, method)

    @functools.wraps(original)
    def told(*args, **kwargs):
        result = original(*args, **kwargs)
        nursery.tell(phase)
        return result

    setattr(model, method, told)


def state(env):
    """Return what is there: states of files, buyers, decisions, rows of cover, alerts."""
    policy = env["collection.insurance.policy"].search([])
    return {
        "files": policy.file_ids.sorted("id").mapped("state"),
        "buyers": len(policy.buyer_ids),
        "decisions": len(policy.buyer_ids.decision_ids),
        "covers": env["collection.insurance.cover"].search_count([]),
        "exposures": env["collection.insurance.exposure"].search_count([]),
    }


# === REQUESTS === #


def approve_request(env, name, url):
    """Connect the policy to a service and approve a request for a new customer; return its id."""
    policy = env["collection.insurance.policy"].search([])
    manager = env["res.users"].search([("login", "=", "boss")])
    policy.provider_ids.unlink()
    env["collection.insurance.provider"].create(
        {
            "code": "atradius",
            "policy_id": policy.id,
            "user_id": manager.id,
            "url": url,
            "token_url": f"{url}/token",
        }
    )
    request = env["collection.insurance.request"].create(
        {
            "policy_id": policy.id,
            "partner_id": env["res.partner"].create({"name": name}).id,
            "amount": 5000,
        }
    )
    request.with_user(manager).action_approve()
    return request.id


def press(env, model, record, button):
    """Press a button as a credit manager, as Odoo's server does; return what became of it."""
    manager = env["res.users"].search([("login", "=", "boss")])
    pressed = env[model].browse(record).with_user(manager)
    try:
        retrying(getattr(pressed, button), pressed.env)
    except UserError as error:
        env.cr.rollback()
        return f"refused: {error}"
    return pressed.state


def interrupted(env, request):
    """Look for requests that a dead server left, as the scheduled action does."""
    env["collection.insurance.request"]._find_interrupted()
    return env["collection.insurance.request"].browse(request).state


# === HELD DELIVERIES === #


def ask_release(env, name):
    """Hold a delivery to a new customer whose limit is withdrawn, and ask for its release."""
    policy = env["collection.insurance.policy"].search([])
    policy.on_withdrawn = "hold"
    today = env.company._collection_today()
    customer = env["res.partner"].create({"name": name, "is_company": True})
    _decide(policy, customer, kind="withdrawn", date_announced=today, date_effective=today)
    goods = env["product.product"].create({"name": "Goods", "type": "consu", "taxes_id": []})
    order = env["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [Command.create({"product_id": goods.id, "price_unit": 100})],
        }
    )
    order.action_confirm()
    env["collection.insurance.exposure"]._refresh(env.company)
    order.picking_ids.action_ask_release()
    release = order.picking_ids.collection_release_ids
    release.reason = "Paid by card"
    return release.id


def granted(env, release):
    """Return how often the delivery was told that it is released."""
    picking = env["collection.delivery.release"].browse(release).picking_id
    return len(picking.message_ids.filtered(lambda one: "Paid by card" in (one.body or "")))


def _decide(policy, customer, **values):
    env = policy.env
    buyer = env["collection.insurance.buyer"].create(
        {"policy_id": policy.id, "name": customer.name, "partner_ids": [Command.set(customer.ids)]}
    )
    env["collection.insurance.decision"].create({"buyer_id": buyer.id, **values})


# === DECLARATIONS === #


def declare(env, name, documents):
    """Declare so many covered invoices of a new customer, and ask for the file of it."""
    today = env.company._collection_today()
    policy = env["collection.insurance.policy"].search([])
    due = today - timedelta(days=5)
    shop.add_customers(env, [name], due.isoformat())
    customer = env["res.partner"].search([("name", "=", name)])
    first = env["account.move"].search([("partner_id", "=", customer.id)])
    for _number in range(documents - 1):
        more = first.copy({"invoice_date": first.invoice_date})
        more.invoice_date_due = due
        more.action_post()
    _decide(
        policy, customer, kind="full", amount=5000,
        date_announced=today - timedelta(days=90), date_effective=today - timedelta(days=90),
    )  # fmt: skip
    env["collection.debtor"]._sync(env.company)
    filing = _declare(env, name, "notification")
    filing.action_build_file()
    return filing.id


def declare_together(env, name, kind):
    """Declare a step of what a customer owes, beside another worker; return what came of it."""
    return contest.together(env, lambda: _declare(env, name, kind))


def declarations(env, name, kind):
    """Return how many documents of a customer were declared as such a step."""
    items = env["collection.insurance.filing.item"].search(
        [("filing_id.case_id.partner_id.name", "=", name), ("filing_id.kind", "=", kind)]
    )
    return len(items)


def _declare(env, name, kind):
    case = contest.case_of(env, name)
    policy = env["collection.insurance.policy"].search([])
    return env["collection.insurance.filing"]._make(
        case, policy, kind, case.item_ids, env.company._collection_today(), "unpaid"
    )


def build(env, watched=False):
    """Build files that were asked for, a document an archive; tell before each of them."""
    from odoo.addons.account_collections.models import collection_dossier

    collection_dossier.PART_DOCUMENTS = 1
    if watched:
        model = env.registry["collection.insurance.filing"]
        original = model._build_next_part

        def told(filing):
            nursery.tell(f"archive {len(filing.file_ids) + 1}")
            return original(filing)

        model._build_next_part = told
    env["collection.insurance.filing"]._cron_build()


def archives(env, filing):
    """Return state, names of archives, and how many of them are proven."""
    record = env["collection.insurance.filing"].browse(filing)
    proof = env["collection.evidence"].search_count(
        [("case_id", "=", record.case_id.id), ("event", "=", "declaration_file")]
    )
    return [record.file_state, record.file_ids.sorted("id").mapped("name"), proof]


# === TOLD WHILE NO MAIL SERVER ANSWERS === #


def cut(env, name):
    """Withdraw the limit of a customer who owes something, and bring a file of limits, for the
    manager to be told of both."""
    company, manager = env.company, env["res.users"].search([("login", "=", "boss")])
    company.collection_credit_manager_id = manager
    policy = env["collection.insurance.policy"].search([])
    today = company._collection_today()
    customer = env["res.partner"].search([("name", "=", name)])
    _decide(policy, customer, kind="withdrawn", date_announced=today, date_effective=today)
    files = env["collection.insurance.file"].with_user(manager)
    data = b"Customer code;Limit\nC-1;77\n"
    files._receive(policy.with_user(manager), "told.csv", data, "folder")


def tell(env):
    """Do the work of the scheduled actions that tell people; return what is there to be read:
    states of the file, the alert, the mails and what Odoo shows of them."""
    env["collection.insurance.file"]._cron_process()
    env["collection.insurance.exposure"]._cron_refresh()
    env.cr.commit()
    manager = env["res.users"].search([("login", "=", "boss")]).partner_id
    mails = env["mail.mail"].search([("recipient_ids", "in", manager.ids)])
    cuts = env["collection.insurance.alert"].search([("kind", "=", "cut")])
    notices = env["mail.notification"].search([("res_partner_id", "=", manager.id)])
    return {
        "file": env["collection.insurance.file"].search([("name", "=", "told.csv")]).state,
        "alerts": sorted(set(cuts.mapped("state"))),
        "mails": sorted(set(mails.mapped("state"))),
        "notices": sorted(set(notices.mapped("notification_status"))),
    }
