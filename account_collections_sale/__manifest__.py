{
    "name": "Accounts Receivable Collections - Sales",
    "summary": "Down payments are not dunned; quotations show where the customer stands",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "sale"],
    "data": ["security/res_groups.xml", "views/sale_order_views.xml"],
    "post_init_hook": "post_init_hook",
    "auto_install": True,
}
