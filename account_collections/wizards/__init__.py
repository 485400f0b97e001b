from . import (
    base_partner_merge,
    collection_go_live,
    collection_pause,
    collection_pause_promise,
    collection_pause_plan,
    collection_preview,
    collection_statement_print,
)
