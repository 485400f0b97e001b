from . import (
    base_partner_merge,
    collection_go_live,
    collection_pause,
    collection_preview,
    collection_statement_print,
)
