"""Who may call which operation of complaints: every route stands here."""

from typing import Final

from shared.auth.policy import ANY_STAFF, PUBLIC, STAFF_AND_PARTNERS, PolicyTable, only
from shared.auth.visibility import SEE_EVERY_CUSTOMER, SEE_TURNOVER

TAKE_OVER: Final = ("admin_dept",)
"""Besides administrators and imports (decision 15)."""

MANAGERS: Final = only(
    "brand_manager", "sales_manager", "logistics_manager", "cs_manager", "general_manager", "admin_dept"
)

CUSTOMER_SERVICE: Final = only("cs_specialist", "cs_manager", "admin_dept")

POLICY: PolicyTable = {
    # all that is kept of a person
    "export_person": only("admin_dept"),
    "record_complaint": STAFF_AND_PARTNERS,
    "read_complaint": ANY_STAFF,
    "list_complaints": ANY_STAFF,
    "read_me": ANY_STAFF,
    "correct_complaint": only("cs_manager", "admin_dept"),
    "read_counters": ANY_STAFF,
    "follow_me": ANY_STAFF,
    "write_note": ANY_STAFF,
    "list_notes": ANY_STAFF,
    "assign_many": only("cs_manager", "admin_dept"),
    "close_many": CUSTOMER_SERVICE,
    "link_many": CUSTOMER_SERVICE,
    "read_complaint_history": ANY_STAFF,
    "list_steps": ANY_STAFF,
    "list_steps_ahead": ANY_STAFF,
    "read_queue": only(*SEE_EVERY_CUSTOMER),
    "track_complaint": PUBLIC,
    "add_tracked_words": PUBLIC,
    "judge_tracked_complaint": PUBLIC,
    "show_tracked_complaint": PUBLIC,
    "post_tracked_words": PUBLIC,
    "post_tracked_satisfaction": PUBLIC,
    "list_clocks": ANY_STAFF,
    "recalculate_clocks": only("admin_dept"),
    "accept_complaint": CUSTOMER_SERVICE,  # administration internal cases, the others all others
    "list_letters": ANY_STAFF,
    "read_first_reply": ANY_STAFF,
    "pause_clock": CUSTOMER_SERVICE,
    "resume_clock": CUSTOMER_SERVICE,
    "answer_complaint": CUSTOMER_SERVICE,
    "resolve_complaint": CUSTOMER_SERVICE,
    "close_complaint": CUSTOMER_SERVICE,
    "reopen_complaint": CUSTOMER_SERVICE,
    "judge_satisfaction": only("admin_dept"),
    "draft_reply": ANY_STAFF,
    "check_reply": ANY_STAFF,
    "reply_complaint": ANY_STAFF,  # the table of step roles says who
    "list_replies": ANY_STAFF,
    "read_reply_out": CUSTOMER_SERVICE,
    "post_reply": CUSTOMER_SERVICE,
    "read_reply_pdf": ANY_STAFF,
    "print_letters": only("admin_dept", "cs_manager"),
    "read_print_job": only("admin_dept", "cs_manager"),
    "read_printed_letters": only("admin_dept", "cs_manager"),
    "post_printed_letters": only("admin_dept", "cs_manager"),
    "write_reply_template": only("admin_dept", "cs_manager"),
    "list_reply_templates": ANY_STAFF,
    "read_guidance": ANY_STAFF,
    "list_guidance": ANY_STAFF,
    "write_guidance": only("admin_dept", "cs_manager"),
    "write_call_back_policy": only("admin_dept"),
    "list_call_back_policies": ANY_STAFF,
    "do_step": ANY_STAFF,  # the table of step roles says who
    "write_step_roles": only("admin_dept"),
    "list_step_roles": ANY_STAFF,
    "decide_solution": ANY_STAFF,  # the policy of solutions says who
    "list_solutions": ANY_STAFF,
    "write_solution_policy": only("admin_dept"),
    "list_solution_policies": ANY_STAFF,
    "give_compensation": ANY_STAFF,  # their limits say how much
    "decide_compensation": ANY_STAFF,  # likewise
    "withdraw_compensation": ANY_STAFF,
    "list_case_compensations": ANY_STAFF,
    "list_waiting_compensations": only(*SEE_EVERY_CUSTOMER),
    "write_settlement_limits": only("admin_dept"),
    "list_settlement_limits": ANY_STAFF,
    "make_commitment": ANY_STAFF,
    "list_commitments": ANY_STAFF,
    "read_commitment": ANY_STAFF,
    "keep_commitment": ANY_STAFF,
    "withdraw_commitment": ANY_STAFF,  # who promised it, who stands above them, customer service
    "correct_commitment": only("cs_manager", "admin_dept"),
    "confirm_commitment": ANY_STAFF,  # who promised it; administration for somebody who has left
    "read_confirmation": ANY_STAFF,
    "insist_on_commitment": ANY_STAFF,
    "settle_commitment": ANY_STAFF,  # who promised it, their supervisor, customer service
    "write_understanding_policy": only("admin_dept"),
    "list_understanding_policies": ANY_STAFF,
    "record_internal": ANY_STAFF,
    "list_internal": ANY_STAFF,
    "read_internal": ANY_STAFF,
    "correct_internal": only("admin_dept"),
    "take_measure": only("admin_dept", "general_manager"),
    "list_measures": ANY_STAFF,
    "withdraw_measure": only("admin_dept", "general_manager"),
    "list_measure_codes": ANY_STAFF,
    "keep_measure_code": only("admin_dept"),
    "read_fault": ANY_STAFF,
    "decide_fault_cost": ANY_STAFF,  # who pays decides nothing, which is asked before the role
    "reverse_fault_cost": ANY_STAFF,  # likewise
    "list_commitment_codes": ANY_STAFF,
    "keep_commitment_code": only("admin_dept"),
    "record_reaction": CUSTOMER_SERVICE,
    "report_reaction": only("admin_dept"),
    "list_symptoms": STAFF_AND_PARTNERS,
    "keep_symptom": only("admin_dept"),
    "write_safety_policy": only("admin_dept"),
    "list_safety_policies": ANY_STAFF,
    "record_batch": only("admin_dept"),
    "list_batches": only(*SEE_EVERY_CUSTOMER, "logistics_manager"),  # who stops the sale
    "read_batch": only(*SEE_EVERY_CUSTOMER, "logistics_manager"),
    "change_batch": only("admin_dept"),
    "lift_alarm": only("admin_dept"),
    "judge_complaint": ANY_STAFF,  # the table of step roles says who
    "assign_responsible": only("cs_manager", "admin_dept"),
    "add_file": ANY_STAFF,
    "add_tracked_file": PUBLIC,
    "list_tracked_files": PUBLIC,
    "post_tracked_file": PUBLIC,
    "list_files": ANY_STAFF,
    "read_file": ANY_STAFF,
    "remove_file": only("cs_manager", "admin_dept"),
    "say_presence": CUSTOMER_SERVICE,
    "list_presence": CUSTOMER_SERVICE,
    "write_assignment_policy": only("cs_manager", "admin_dept"),
    "list_assignment_policies": ANY_STAFF,
    "issue_notice": CUSTOMER_SERVICE,
    "acknowledge_notice": ANY_STAFF,
    "list_notices": ANY_STAFF,
    "read_notice_pdf": ANY_STAFF,
    "read_fault_pdf": ANY_STAFF,
    "list_subjects": STAFF_AND_PARTNERS,
    "keep_subject": only("admin_dept"),
    "list_product_owners": ANY_STAFF,
    "name_product_owner": only("admin_dept"),
    "write_clock_policy": only("cs_manager", "admin_dept"),
    "withdraw_clock_policy": only("cs_manager", "admin_dept"),
    "list_clock_policies": ANY_STAFF,
    "list_calendars": ANY_STAFF,
    "read_calendar": ANY_STAFF,
    "keep_calendar": only("admin_dept"),
    "link_complaint": CUSTOMER_SERVICE,
    "undo_link": CUSTOMER_SERVICE,
    "list_links": ANY_STAFF,
    "list_repeats": ANY_STAFF,
    "list_similar": only(*SEE_EVERY_CUSTOMER),
    "list_complainers": only(*SEE_EVERY_CUSTOMER),
    "read_cost": only(*SEE_TURNOVER),
    "read_case_cost": only(*SEE_TURNOVER),
    "write_cost_policy": only("admin_dept", "general_manager"),
    "list_cost_fits": only(*SEE_TURNOVER),
    "list_cost_policies": only(*SEE_TURNOVER),
    "list_bookings": ANY_STAFF,
    "close_ledger_month": only("admin_dept"),
    "list_ledger_months": ANY_STAFF,
    "propose_reward": MANAGERS,
    "list_rewards": ANY_STAFF,
    "read_reward": ANY_STAFF,
    "decide_reward": ANY_STAFF,  # who is rewarded decides nothing, which is asked before the role
    "take_back_reward": ANY_STAFF,  # likewise
    "list_reward_candidates": only("cs_manager", "general_manager", "admin_dept"),
    "write_reward_policy": only("admin_dept"),
    "list_reward_policies": ANY_STAFF,
    "list_funds": ANY_STAFF,  # those that they may read
    "read_fund": ANY_STAFF,  # the staff of the department, its manager, managers of the house
    "list_fund_movements": ANY_STAFF,  # likewise
    "list_fund_withdrawals": ANY_STAFF,  # likewise
    "read_fund_withdrawal": ANY_STAFF,  # likewise
    "ask_of_fund": ANY_STAFF,  # the staff of the department, and its manager
    "agree_to_withdrawal": ANY_STAFF,  # the staff of the department
    "cancel_withdrawal": ANY_STAFF,  # who asked, and administration
    "put_back_withdrawal": only("admin_dept"),
    "write_fund_policy": only("admin_dept"),
    "list_fund_policies": ANY_STAFF,
    "enter_wage": only("admin_dept"),
    "read_wages": only("admin_dept"),
    "write_payroll_policy": only("admin_dept"),
    "list_payroll_policies": ANY_STAFF,
    "read_payroll": only("admin_dept"),
    "read_payroll_csv": only("admin_dept"),
    "read_payroll_xlsx": only("admin_dept"),
    "close_payroll": only("admin_dept"),
    "read_statement": ANY_STAFF,  # one's own
    "read_statement_pdf": ANY_STAFF,  # one's own
    "sign_statement": ANY_STAFF,  # one's own
    "list_statements": ANY_STAFF,  # one's own
    "read_statement_of": only("admin_dept"),
    "enter_paper_signature": only("admin_dept"),  # of others
    "list_penalties": ANY_STAFF,
    "read_penalty": ANY_STAFF,
    "propose_penalty": only("admin_dept", "general_manager"),
    "decide_penalty": ANY_STAFF,  # who pays decides nothing, which is asked before the role
    "decide_penalties": ANY_STAFF,  # likewise
    "appeal_penalty": ANY_STAFF,  # who pays
    "enter_violation": ANY_STAFF,  # the manager of the person's department, and administration
    "withdraw_penalty": ANY_STAFF,  # likewise, and who decides it
    "write_department_scheme": ANY_STAFF,  # likewise
    "list_department_schemes": ANY_STAFF,
    "set_shares": ANY_STAFF,  # likewise before the role
    "list_shares": ANY_STAFF,
    "write_penalty_policy": only("admin_dept"),
    "list_penalty_policies": ANY_STAFF,
}
