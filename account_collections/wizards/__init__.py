from . import (
    base_partner_merge,
    collection_call_note,
    collection_evidence_pack,
    collection_correct,
    collection_go_live,
    collection_pause,
    collection_pause_plan,
    collection_pause_promise,
    collection_person,
    collection_preview,
    collection_retention,
    collection_statement_print,
)
