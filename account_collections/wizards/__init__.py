from . import (
    base_partner_merge,
    collection_call_note,
    collection_go_live,
    collection_pause,
    collection_preview,
    collection_statement_print,
)
