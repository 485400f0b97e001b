{
    "name": "Accounts Receivable Collections - Sales",
    "summary": "Invoices that ask for a down payment of an order are not dunned",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "sale"],
    "auto_install": True,
}
