"""Who may call which operation of reporting: every route stands here."""

from shared.auth.policy import ANY_STAFF, PUBLIC, PolicyTable, only
from shared.auth.visibility import SEE_EVERY_CUSTOMER, SEE_TURNOVER

POLICY: PolicyTable = {
    # all that is kept of a person
    "export_person": only("admin_dept"),
    "read_customer_360": ANY_STAFF,
    "read_customer_timeline": ANY_STAFF,
    "report_tiers": only(*SEE_TURNOVER),
    "report_complaints": ANY_STAFF,
    "report_service": ANY_STAFF,
    "read_ledger": ANY_STAFF,
    "summarise_ledger": ANY_STAFF,
    "report_appraisal": ANY_STAFF,
    "write_appraisal_policy": only("admin_dept", "general_manager"),
    "list_appraisal_policies": ANY_STAFF,
    "follow_live": only(*SEE_EVERY_CUSTOMER),
    "read_board": only(*SEE_EVERY_CUSTOMER),
    "read_ops_page": PUBLIC,
    "lead_to_ops_page": PUBLIC,
}
