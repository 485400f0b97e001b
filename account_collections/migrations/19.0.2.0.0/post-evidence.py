import json

from odoo.tools import SQL
from openupgradelib import openupgrade

#: Events proved together.
BATCH_SIZE = 1000


@openupgrade.migrate()
def migrate(env, version):
    """Give the events of before their salted digests, so that the chain can seal them.

    What their messages say is proved as it stands now: nobody noted it when they left.
    """
    while rows := env.execute_query(
        SQL(
            "SELECT id FROM collection_evidence WHERE digests IS NULL ORDER BY id LIMIT %s",
            BATCH_SIZE,
        )
    ):
        _prove(env["collection.evidence"].browse(key for (key,) in rows))
        env.invalidate_all()


def _prove(events):
    env = events.env
    names = _get_names(events)
    contents = env["collection.evidence.content"]._read(
        {name for some in names.values() for name in some}
    )
    proofs = {
        event.id: event._prepare_proof(
            event.facts or {},
            {name: contents[name] for name in names.get(event, ()) if name in contents},
        )
        for event in events
    }
    env.execute_query(
        SQL(
            """
            UPDATE collection_evidence evidence
               SET facts = NULLIF(proof.facts, '{}'),
                   digests = proof.digests, salts = proof.salts
              FROM unnest(%s::int[], %s::jsonb[], %s::jsonb[], %s::jsonb[])
                   AS proof (id, facts, digests, salts)
             WHERE evidence.id = proof.id
         RETURNING evidence.id
            """,
            list(proofs),
            *(
                [json.dumps(proof[name]) for proof in proofs.values()]
                for name in ("facts", "digests", "salts")
            ),
        )
    )


def _get_names(events):
    """Return {event: names of the contents that it proves}."""
    env = events.env
    names = {}
    answers = {
        event: event.facts["message"]
        for event in events
        if event.event == "answered" and (event.facts or {}).get("message")
    }
    messages = env["mail.message"].search([("message_id", "in", list(answers.values()))])
    by_id = messages.grouped("message_id")
    for event, message_id in answers.items():
        if message_id in by_id:
            names[event] = env["collection.evidence.content"]._get_names(by_id[message_id])
    for kind, some in events.filtered("reminder_id").grouped("event").items():
        found = events._get_content_names(some.reminder_id, kind)
        names |= {event: found[event.reminder_id] for event in some}
    return names
