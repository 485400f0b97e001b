from . import access, account_statement, payment
