from . import (
    base_partner_merge,
    collection_go_live,
    collection_insolvency_open,
    collection_pause,
    collection_preview,
    collection_segment_preview,
)
