{
    "name": "Accounts Receivable Collections - Credit Insurance and Inventory",
    "summary": "What is delivered or ordered without an invoice counts against insured limits",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections_insurance", "account_collections_stock"],
    "data": ["views/collection_insurance_policy_views.xml"],
    "demo": ["demo/held_delivery_demo.xml"],
    "auto_install": True,
}
