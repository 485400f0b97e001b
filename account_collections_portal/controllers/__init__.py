from . import access, account_statement, disputes, forms, messages, payment, plans, promises
