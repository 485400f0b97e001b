{
    "name": "Accounts Receivable Collections - Sales",
    "summary": "Orders of customers who should have nothing more on credit are held until they pay",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "sale"],
    "data": [
        "security/res_groups.xml",
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        "views/collection_order_release_views.xml",
        "views/sale_order_views.xml",
        "views/sale_order_standing_views.xml",
        "views/sale_order_templates.xml",
    ],
    "demo": ["demo/held_order_demo.xml"],
    "assets": {
        "web.assets_tests": ["account_collections_sale/static/tests/tours/*.js"],
    },
    "post_init_hook": "post_init_hook",
    "auto_install": True,
}
