from . import (
    collection_insurance_buyer,
    collection_insurance_cover,
    collection_insurance_decision,
    collection_insurance_exposure,
    collection_insurance_gather,
    collection_insurance_match,
    collection_insurance_policy,
    collection_insurance_refresh,
    collection_insurance_term,
    collection_insurer,
    collection_run,
    res_partner,
)
