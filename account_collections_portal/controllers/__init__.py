from . import account_statement, disputes, forms, messages, plans, promises
