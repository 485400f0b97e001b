from . import (
    collection_archive,
    collection_delivery_release,
    collection_evidence,
    stock_move,
    stock_move_line,
    stock_picking,
    stock_picking_search,
)
