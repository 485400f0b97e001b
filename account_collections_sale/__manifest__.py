{
    "name": "Accounts Receivable Collections - Sales",
    "summary": "Invoices that ask for a down payment of an order are not dunned",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "sale"],
    "post_init_hook": "post_init_hook",
    "auto_install": True,
}
