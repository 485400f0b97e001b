from . import access, account_statement, disputes, forms, messages, plans, promises
