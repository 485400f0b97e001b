from . import (
    collection_case,
    collection_portal_attempt,
    mail_mail,
    res_company,
    res_config_settings,
)
