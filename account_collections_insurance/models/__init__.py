from . import (
    collection_insurance_buyer,
    collection_insurance_decision,
    collection_insurance_match,
    collection_insurance_policy,
    collection_insurance_term,
    collection_insurer,
    res_partner,
)
