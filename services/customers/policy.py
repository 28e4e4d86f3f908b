"""Who may call which operation of customers: every route stands here."""

from services.customers.masking.domain import SEE_BIRTHDAYS
from shared.auth.policy import ADMIN_ONLY, ANY_STAFF, STAFF_AND_PARTNERS, PolicyTable, only
from shared.auth.visibility import SEE_TURNOVER

_ADMINISTRATION = only("admin_dept", "general_manager")
_LEADS_SERVICE = only("cs_manager", "sales_manager", "brand_manager", "general_manager", "admin_dept")
_JUDGES_TIERS = only("cs_manager", "sales_manager", "general_manager")
_ERASES = only("admin_dept")
_IMPORTS = only("admin_dept", "cs_manager")
_REVERSES = only("admin_dept", "cs_manager")
_EXPORTS = only(*SEE_TURNOVER)  # a file leaves the house

_SIGNS = only("brand_manager", "sales_manager", "general_manager", "admin_dept")
_AGREES_REBATES = only("sales_manager", "brand_manager", "general_manager", "admin_dept")
_TELLS_PAYMENTS = only("admin_dept", "partner")  # the ERP is a partner

POLICY: PolicyTable = {
    # all that is kept of a person
    "export_person": only("admin_dept"),
    # organisation
    "add_brand": _ADMINISTRATION,
    "list_brands": STAFF_AND_PARTNERS,
    "read_brand": STAFF_AND_PARTNERS,
    "change_brand": _ADMINISTRATION,
    "add_region": _ADMINISTRATION,
    "list_regions": STAFF_AND_PARTNERS,
    "read_region": STAFF_AND_PARTNERS,
    "change_region": _ADMINISTRATION,
    "add_department": _ADMINISTRATION,
    "list_departments": ANY_STAFF,
    "read_department": ANY_STAFF,
    "change_department": _ADMINISTRATION,
    "add_staff": _ADMINISTRATION,
    "list_staff": ANY_STAFF,
    "read_staff": ANY_STAFF,
    "change_staff": _ADMINISTRATION,
    "read_company_profile": ANY_STAFF,
    "set_company_profile": _ADMINISTRATION,
    # duplicates
    "merge_customer": _REVERSES,
    "unmerge_customer": _REVERSES,
    "list_merges": _REVERSES,
    # the scheme
    "read_scheme": ANY_STAFF,
    "list_scheme_versions": ANY_STAFF,
    "read_scheme_version": ANY_STAFF,
    "draft_scheme_version": _ADMINISTRATION,
    "make_scheme_version": _ADMINISTRATION,
    "withdraw_scheme_version": _ADMINISTRATION,
    "acknowledge_scheme_version": ANY_STAFF,
    "list_scheme_acknowledgements": ANY_STAFF,
    "read_me": ANY_STAFF,
    "read_names": ANY_STAFF,
    # archive and teams
    "register_customer": ANY_STAFF,
    "list_customers": STAFF_AND_PARTNERS,
    "read_customer": STAFF_AND_PARTNERS,
    "change_customer": ANY_STAFF,
    "list_changes": ANY_STAFF,
    "read_traits": ANY_STAFF,
    "change_traits": ANY_STAFF,
    "list_trait_kinds": ANY_STAFF,
    "add_trait_kind": _ADMINISTRATION,
    "list_completeness": ANY_STAFF,
    "list_incomplete": ANY_STAFF,
    "list_stale": ANY_STAFF,
    "list_duplicates": ANY_STAFF,
    "judge_duplicate": ANY_STAFF,
    "write_note": ANY_STAFF,
    "list_notes": ANY_STAFF,
    "read_note": ANY_STAFF,
    "change_note": ANY_STAFF,
    "remove_note": ANY_STAFF,
    "list_tags": ANY_STAFF,
    "list_customer_tags": ANY_STAFF,
    "tag_customer": ANY_STAFF,
    "untag_customer": ANY_STAFF,
    "seat_team": _LEADS_SERVICE,
    "read_team": ANY_STAFF,
    "screen_pop": ANY_STAFF,
    # contracts
    "sign_contract": _SIGNS,
    "list_contracts": ANY_STAFF,
    "read_contract": ANY_STAFF,
    "correct_contract": only("admin_dept"),
    "list_contract_corrections": _SIGNS,
    "read_contract_letter": only("brand_manager", "sales_manager", "cs_manager", "general_manager", "admin_dept"),
    "withdraw_contract": only("admin_dept"),
    "end_contract": ANY_STAFF,  # each step has its own roles
    "keep_contract": only("brand_manager", "sales_manager", "general_manager", "admin_dept"),
    "add_network_policy": only("general_manager"),
    "list_network_policies": ANY_STAFF,
    "begin_campaign": _SIGNS,
    "list_campaigns": _LEADS_SERVICE,
    "read_campaign": _LEADS_SERVICE,
    "list_campaign_contracts": _LEADS_SERVICE,
    "put_into_campaign": _SIGNS,
    "take_out_of_campaign": _SIGNS,
    "close_campaign": _SIGNS,
    # the shelf
    "take_down_share": ANY_STAFF,
    "list_shelf": ANY_STAFF,
    "withdraw_share": ANY_STAFF,
    "list_brands_at_store": ANY_STAFF,
    # payments
    "record_payment": _TELLS_PAYMENTS,
    "list_payments": ANY_STAFF,
    "read_payment": ANY_STAFF,
    "correct_payment": _TELLS_PAYMENTS,
    "read_payment_behaviour": ANY_STAFF,
    "read_credit_limit": ANY_STAFF,
    "set_credit_limit": only("admin_dept", "general_manager", "sales_manager"),
    "remove_credit_limit": only("admin_dept", "general_manager", "sales_manager"),
    # rebates
    "agree_rebate": _AGREES_REBATES,
    "list_rebates": ANY_STAFF,
    "read_rebate": ANY_STAFF,
    "change_rebate": _AGREES_REBATES,
    # owners
    "add_owner": ANY_STAFF,
    "list_owners": ANY_STAFF,
    "read_owner": ANY_STAFF,
    "change_owner": only("cs_manager", "general_manager", "admin_dept"),  # who sees every customer
    "hand_over_store": _LEADS_SERVICE,
    "correct_ownership": _LEADS_SERVICE,
    "list_ownership": ANY_STAFF,
    # people of stores
    "add_person": ANY_STAFF,
    "list_people": ANY_STAFF,
    "read_person": ANY_STAFF,
    "change_person": ANY_STAFF,
    "remove_person": only("cs_manager", "general_manager", "admin_dept"),
    # important dates
    "add_date": only(*SEE_BIRTHDAYS),
    "list_dates": ANY_STAFF,
    "change_date": only(*SEE_BIRTHDAYS),
    "remove_date": only(*SEE_BIRTHDAYS),
    "list_coming_dates": ANY_STAFF,
    # relations between people
    "add_relation_kind": _ADMINISTRATION,
    "list_relation_kinds": ANY_STAFF,
    "add_relation": ANY_STAFF,
    "list_relations": ANY_STAFF,
    "remove_relation": ANY_STAFF,
    # purchases
    "record_purchase": ANY_STAFF,
    "return_purchase": ANY_STAFF,
    "reverse_purchase": _REVERSES,
    "correct_purchase": _REVERSES,
    "read_purchase_reversal": _REVERSES,
    "read_purchase": ANY_STAFF,
    "list_purchases": ANY_STAFF,
    "list_customer_purchases": ANY_STAFF,
    "read_purchase_trend": ANY_STAFF,
    # exports
    "export_customers": _EXPORTS,
    "export_purchases": _EXPORTS,
    "export_payments": _EXPORTS,
    # erasures
    "erase_person": _ERASES,
    "list_erasures": _ERASES,
    "read_erasure": _ERASES,
    "read_erasure_certificate": _ERASES,
    # imports
    "start_import": _IMPORTS,
    "list_imports": _IMPORTS,
    "read_import": _IMPORTS,
    "read_import_errors": _IMPORTS,
    "undo_import": _IMPORTS,
    # tiers
    "add_tier_policy": only("general_manager"),
    "list_tier_policies": ANY_STAFF,
    "read_tier_policy": ANY_STAFF,
    "preview_tier_policy": _JUDGES_TIERS,
    "close_month": ADMIN_ONLY,
    "list_months": only(*SEE_TURNOVER),
    "read_tier_history": ANY_STAFF,
    "list_outlook": ANY_STAFF,
    # winning back
    "list_churn_causes": ANY_STAFF,
    "read_winback_policy": ANY_STAFF,
    "set_winback_policy": only("general_manager", "admin_dept"),
    "open_winback": ANY_STAFF,
    "list_winbacks": ANY_STAFF,
    "read_winback_rates": ANY_STAFF,
    "read_winback": ANY_STAFF,
    "change_winback": ANY_STAFF,
    "offer_winback": ANY_STAFF,
    "decide_winback_offer": only("cs_manager", "sales_manager", "general_manager"),
    "end_winback": ANY_STAFF,
    "dismiss_customer": only("cs_manager", "sales_manager", "general_manager", "admin_dept"),
    "read_outlook": ANY_STAFF,
    "read_segments": ANY_STAFF,
    "read_value_pyramid": only(*SEE_TURNOVER),
    "override_tier": _JUDGES_TIERS,
    "read_tier_override": ANY_STAFF,
    "end_tier_override": _JUDGES_TIERS,
}
