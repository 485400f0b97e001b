from . import account_statement
