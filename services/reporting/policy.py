"""Who may call which operation of reporting: every route stands here."""

from shared.auth.policy import ANY_STAFF, PUBLIC, PolicyTable, only

POLICY: PolicyTable = {
    "read_customer_360": ANY_STAFF,
    "read_customer_timeline": ANY_STAFF,
    "report_tiers": ANY_STAFF,
    "report_complaints": ANY_STAFF,
    "report_service": ANY_STAFF,
    "follow_live": ANY_STAFF,
    "read_board": only("cs_specialist", "cs_manager", "admin_dept", "general_manager"),
    "read_ops_page": PUBLIC,
}
