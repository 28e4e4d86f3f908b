"""What care reacts to: event type -> reactions, in this order, within one transaction."""

from collections.abc import Mapping

from services.care.accounts import handlers as accounts
from services.care.aftercare import handlers as aftercare
from services.care.apologies import handlers as apologies
from services.care.batch_warnings import handlers as batch_warnings
from services.care.call_backs import handlers as call_backs
from services.care.cases import handlers as cases
from services.care.consent import handlers as consent
from services.care.contacts import handlers as contacts
from services.care.context import Context
from services.care.erasures import handlers as erasures
from services.care.greetings import handlers as greetings
from services.care.notices.handlers import cases as notices
from services.care.notices.handlers import clocks as clock_notices
from services.care.notices.handlers import money as money_notices
from services.care.notices.handlers import promises
from services.care.notices.handlers import safety as safety_notices
from services.care.planning import handlers as planning
from services.care.reassignment import handlers as reassignment
from services.care.winning_back import handlers as winning_back
from shared import aliases, directory
from shared.contracts import (
    clocks,
    commitments,
    complaints,
    customers,
    internal,
    letters,
    losses,
    merging,
    network,
    owners,
    responsibility,
    safety,
    settlements,
    winbacks,
    withdrawing,
)
from shared.contracts.erasures import PersonErased
from shared.reactions import Reaction, in_turn

REACTIONS: Mapping[str, Reaction[Context]] = {
    **directory.REACTIONS,
    merging.CustomerMerged.TYPE: in_turn(
        aliases.on_customer_merged,
        accounts.on_customer_merged,
        planning.on_customer_merged,
        consent.on_customer_merged,
    ),
    merging.CustomerUnmerged.TYPE: in_turn(
        aliases.on_customer_unmerged, accounts.on_customer_unmerged, planning.on_customer_unmerged
    ),
    customers.StaffListed.TYPE: in_turn(directory.on_staff_listed_by_sender, reassignment.on_staff_listed),
    customers.CustomerRegistered.TYPE: in_turn(accounts.on_customer_registered, planning.on_customer_registered),
    customers.CustomerUpdated.TYPE: accounts.on_customer_updated,
    withdrawing.CustomerWithdrawn.TYPE: erasures.on_customer_withdrawn,
    customers.AccountTeamChanged.TYPE: in_turn(accounts.on_account_team_changed, planning.on_account_team_changed),
    customers.TierChanged.TYPE: in_turn(accounts.on_tier_changed, planning.on_tier_changed, greetings.on_tier_changed),
    owners.CustomerOwnerChanged.TYPE: consent.on_customer_owner_changed,
    winbacks.WinbackOpened.TYPE: winning_back.on_winback_opened,
    winbacks.WinbackEnded.TYPE: winning_back.on_winback_ended,
    losses.ChurnConfirmed.TYPE: winning_back.on_churn_confirmed,
    losses.ChurnWithdrawn.TYPE: winning_back.on_churn_withdrawn,
    network.ContractEndingStepDone.TYPE: aftercare.on_contract_ending_step_done,
    network.ContractSigned.TYPE: aftercare.on_contract_signed,
    network.ContractCorrected.TYPE: aftercare.on_contract_corrected,
    network.ContractEnded.TYPE: aftercare.on_contract_ended,
    network.ContractWithdrawn.TYPE: aftercare.on_contract_withdrawn,
    customers.ContactListed.TYPE: contacts.on_contact_listed,
    PersonErased.TYPE: erasures.on_person_erased,
    customers.StaffContactListed.TYPE: contacts.on_staff_contact_listed,
    complaints.ComplaintOpened.TYPE: cases.on_complaint_opened,
    complaints.ComplaintAssigned.TYPE: notices.on_complaint_assigned,
    complaints.ComplaintNoticed.TYPE: notices.on_complaint_noticed,
    complaints.ComplaintNoticeWithdrawn.TYPE: notices.on_complaint_notice_withdrawn,
    clocks.ComplaintClockWarned.TYPE: clock_notices.on_complaint_clock_warned,
    complaints.ComplaintClockMissed.TYPE: clock_notices.on_complaint_clock_missed,
    clocks.ComplaintClockEscalated.TYPE: clock_notices.on_complaint_clock_escalated,
    complaints.ComplaintWarned.TYPE: notices.on_complaint_warned,
    complaints.ComplaintOverdue.TYPE: in_turn(
        cases.on_complaint_overdue, apologies.on_complaint_overdue, notices.on_complaint_overdue
    ),
    settlements.ComplaintApprovalAsked.TYPE: notices.on_complaint_approval_asked,
    settlements.ComplaintApprovalEnded.TYPE: notices.on_complaint_approval_ended,
    responsibility.PenaltyProposed.TYPE: money_notices.on_penalty_proposed,
    responsibility.PenaltyDecided.TYPE: money_notices.on_penalty_decided,
    responsibility.PenaltyWaived.TYPE: money_notices.on_penalty_waived,
    responsibility.PenaltyWithdrawn.TYPE: money_notices.on_penalty_withdrawn,
    responsibility.PenaltyReversed.TYPE: money_notices.on_penalty_reversed,
    responsibility.RewardGranted.TYPE: money_notices.on_reward_granted,
    responsibility.RewardReversed.TYPE: money_notices.on_reward_reversed,
    responsibility.FaultCostBooked.TYPE: money_notices.on_fault_cost_booked,
    commitments.CommitmentMade.TYPE: promises.on_commitment_made,
    commitments.CommitmentCorrected.TYPE: promises.on_commitment_corrected,
    commitments.CommitmentConfirmed.TYPE: promises.on_commitment_confirmed,
    commitments.CommitmentDenied.TYPE: promises.on_commitment_denied,
    commitments.CommitmentWithdrawn.TYPE: promises.on_commitment_withdrawn,
    commitments.CommitmentInsisted.TYPE: promises.on_commitment_insisted,
    commitments.CommitmentUnderstandingReached.TYPE: promises.on_understanding_reached,
    commitments.CommitmentUnderstandingFailed.TYPE: promises.on_understanding_failed,
    internal.ComplaintFaultNoticed.TYPE: promises.on_fault_noticed,
    complaints.ComplaintRepeated.TYPE: notices.on_complaint_repeated,
    letters.ComplaintReplyUnreached.TYPE: notices.on_reply_unreached,
    letters.ComplaintUnreached.TYPE: notices.on_complaint_unreached,
    complaints.ComplaintEscalated.TYPE: notices.on_complaint_escalated,
    complaints.ComplaintCorrected.TYPE: in_turn(
        apologies.on_complaint_corrected, call_backs.on_complaint_corrected, cases.on_complaint_corrected
    ),
    safety.ComplaintSafetyReportDue.TYPE: safety_notices.on_safety_report_due,
    safety.ComplaintSafetyReportMissed.TYPE: safety_notices.on_safety_report_missed,
    safety.BatchAlarmed.TYPE: in_turn(batch_warnings.on_batch_alarmed, safety_notices.on_batch_alarmed),
    safety.BatchExtended.TYPE: batch_warnings.on_batch_extended,
    safety.BatchLifted.TYPE: batch_warnings.on_batch_lifted,
    complaints.ComplaintSatisfactionGiven.TYPE: call_backs.on_satisfaction_given,
    complaints.ComplaintResolved.TYPE: cases.on_complaint_resolved,
    complaints.ComplaintReopened.TYPE: in_turn(call_backs.on_complaint_reopened, cases.on_complaint_reopened),
    complaints.ComplaintClosed.TYPE: in_turn(cases.on_complaint_closed, call_backs.on_complaint_closed),
}
