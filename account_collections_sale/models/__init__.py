from . import (
    account_move,
    account_partial_reconcile,
    collection_evidence,
    collection_order_release,
    collection_run,
    payment_transaction,
    res_partner,
    sale_order,
    sale_order_confirm,
    sale_order_line,
    sale_order_standing,
)
