{
    "name": "Accounts Receivable Collections - CRM",
    "summary": "Opportunities show where the customer stands",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Collections Suite contributors",
    "license": "AGPL-3",
    "depends": ["account_collections", "crm"],
    "data": ["security/res_groups.xml", "views/crm_lead_views.xml"],
    "auto_install": True,
}
