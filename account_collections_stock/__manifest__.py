{
    "name": "Accounts Receivable Collections - Inventory",
    "summary": "Deliveries to customers who should have nothing more on credit are held",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "sale_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        "views/collection_delivery_release_views.xml",
        "views/stock_picking_views.xml",
    ],
    "auto_install": True,
}
