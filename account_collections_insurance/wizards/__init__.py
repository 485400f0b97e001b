from . import (
    base_partner_merge,
    collection_insurance_day,
    collection_insurance_declare,
    collection_insurance_import,
    collection_insurance_import_read,
    collection_segment_preview,
)
