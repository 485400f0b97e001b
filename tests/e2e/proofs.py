"""Evidence: sealed, tampered with, verified; functions that get an environment."""


def use_mail_server(env, port):
    """Let what leaves go to a server of the test."""
    env["ir.mail_server"].create(
        {"name": "Here", "smtp_host": "127.0.0.1", "smtp_port": port}
    )


def seal(env):
    """Seal the evidence, as the scheduled action does."""
    env["collection.chain"]._cron_seal()


def tamper(env):
    """Change a message behind Odoo's back."""
    env.cr.execute(
        """UPDATE mail_message SET body = 'Nothing'
            WHERE id = (SELECT MIN(mail_message_id) FROM collection_reminder)"""
    )


def verify(env):
    """Seal and verify the evidence; return [outcome, events, events of before with digests]."""
    chains = env["collection.chain"]
    chains._seal(env.company)
    [result] = chains._verify_now(env.company.ids)
    events = env["collection.evidence"].search([("company_id", "=", env.company.id)])
    proved = events.filtered(lambda event: event.event == "sent" and event.digests)
    return [result["outcome"], result["problems"], len(events), result["events"], len(proved)]
