{
    "name": "Accounts Receivable Collections - Customer Portal",
    "summary": "Customers see and pay what they owe, from the link in a reminder, without a login",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "account_payment", "http_routing"],
    "external_dependencies": {"python": ["qrcode"]},
    "data": [
        "security/ir.model.access.csv",
        "security/payment_rules.xml",
        "views/portal_templates.xml",
        "views/payment_templates.xml",
        "views/reminder_templates.xml",
        "views/collection_case_views.xml",
        "views/account_move_views.xml",
        "views/letter_templates.xml",
        "views/collection_payment_part_views.xml",
        "views/res_config_settings_views.xml",
        "views/res_config_settings_pay_views.xml",
    ],
    "demo": ["demo/payment_demo.xml"],
    "assets": {
        "web.assets_frontend": [
            "account_collections_portal/static/src/scss/account_statement.scss",
        ],
    },
}
