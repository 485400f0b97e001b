"""A company whose customers pay on their account page, from inside Odoo."""

import time_machine


def open_till(env, url):
    """Let customers pay by Odoo's demo provider where Odoo is served, and thank them."""
    env["ir.config_parameter"].set_param("web.base.url", url)
    env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
    provider = env.ref("payment.payment_provider_demo")
    provider.write({"state": "test", "is_published": True})
    env.ref("payment.payment_provider_transfer").state = "disabled"
    template = env.ref("account_collections.mail_template_thanks")
    env["collection.scenario"].search([]).level_ids = [
        (0, 0, {
            "name": "Thank-you", "rank": 5, "delay": 0, "trigger": "after_payment",
            "template_id": template.id, "attach_statement": False, "attach_invoices": False,
        })
    ]  # fmt: skip


def documents(env, name):
    """{number: what is open} of a customer's invoices, the oldest first."""
    moves = env["account.move"].search(
        [("partner_id.name", "=", name), ("move_type", "=", "out_invoice")], order="id"
    )
    return {move.name: move.amount_residual for move in moves}


def payments(env, name):
    """[[state, amount, booked]] of what a customer began to pay on line, item by item."""
    parts = env["collection.payment.part"].search([("case_id.partner_id.name", "=", name)])
    return [[part.state, part.amount, part.is_settled] for part in parts.sorted("id")]


def add_invoice(env, name, due):
    """One more invoice of 100.00 that was due that day."""
    known = env["account.move"].search([("partner_id.name", "=", name)], limit=1)
    invoice = known.copy({"invoice_date": known.invoice_date, "invoice_date_due": due})
    invoice.is_move_sent = True
    invoice.action_post()


def depart_on(env, day):
    """Deliver what is due at the end of that day."""
    with time_machine.travel(f"{day} 23:58:00", tick=False):
        env["collection.delivery"]._cron_depart()
