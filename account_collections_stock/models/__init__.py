from . import collection_delivery_release, collection_evidence, stock_move, stock_picking
