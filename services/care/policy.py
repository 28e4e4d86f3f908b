"""Who may call which operation of care: every route stands here."""

from shared.auth.policy import ANY_STAFF, PUBLIC, PolicyTable, only

POLICY: PolicyTable = {
    # all that is kept of a person
    "export_person": only("admin_dept"),
    "read_me": ANY_STAFF,
    "read_obligation_matrix": ANY_STAFF,
    "set_obligation_matrix": only("general_manager", "admin_dept", "cs_manager"),
    "list_tasks": ANY_STAFF,
    "read_task": ANY_STAFF,
    "finish_task": ANY_STAFF,
    "record_touch": ANY_STAFF,
    "order_make_good": only("admin_dept", "cs_manager", "general_manager"),
    "order_many_make_goods": only("admin_dept", "cs_manager", "general_manager"),
    "move_make_good": only("admin_dept", "cs_manager", "general_manager"),
    "enter_absence": ANY_STAFF,
    "list_absences": ANY_STAFF,
    "move_absence": ANY_STAFF,
    "withdraw_absence": ANY_STAFF,
    "enter_closure": ANY_STAFF,
    "list_closures": ANY_STAFF,
    "move_closure": ANY_STAFF,
    "withdraw_closure": ANY_STAFF,
    "read_at_risk_policy": ANY_STAFF,
    "set_at_risk_policy": only("general_manager", "admin_dept", "cs_manager"),
    "read_aftercare_policy": ANY_STAFF,
    "set_aftercare_policy": only("general_manager", "admin_dept", "cs_manager"),
    "assign_task": only("cs_manager", "general_manager", "admin_dept"),
    "list_messages": ANY_STAFF,
    "read_consents": ANY_STAFF,
    "set_consents": only("cs_specialist", "cs_manager"),
    "propose_consents": ANY_STAFF,
    "list_consent_proposals": ANY_STAFF,
    "agree_to_consent_proposal": only("cs_specialist", "cs_manager"),
    "refuse_consent_proposal": only("cs_specialist", "cs_manager"),
    "read_unsubscribe": PUBLIC,
    "unsubscribe": PUBLIC,
}
"""Which tasks, messages and customers among them a caller sees, the use cases check."""
