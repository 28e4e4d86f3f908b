"""What reporting reacts to: event type -> reaction.

Reports fill their own rows, the timeline takes what names a customer, the live stream what the operations page shows.
Topics are not in order with each other, so each table but the timeline is written from one topic alone: what a rebuild
makes of the same events is the same, whatever came first.
"""

from collections.abc import Mapping

from services.reporting.complaints import handlers as cases
from services.reporting.context import Context
from services.reporting.customer360 import handlers as customer360
from services.reporting.erasures import handlers as erasures
from services.reporting.ledger import handlers as ledger
from services.reporting.live import handlers as live
from services.reporting.messages import handlers as messages
from services.reporting.service import handlers as touches
from services.reporting.tiers import handlers as tiers
from services.reporting.timeline import handlers as timeline
from shared import aliases, directory
from shared.contracts import (
    care,
    clocks,
    commitments,
    complaints,
    customers,
    early_warnings,
    internal,
    letters,
    losses,
    merging,
    network,
    responsibility,
    safety,
    settlements,
    signals,
    winbacks,
    withdrawing,
    worth,
)
from shared.contracts.erasures import PersonErased
from shared.reactions import Reaction, in_turn

REACTIONS: Mapping[str, Reaction[Context]] = {
    **directory.REACTIONS,
    merging.CustomerMerged.TYPE: in_turn(aliases.on_customer_merged, timeline.on_event),
    merging.CustomerUnmerged.TYPE: in_turn(aliases.on_customer_unmerged, timeline.on_event),
    customers.CustomerRegistered.TYPE: in_turn(customer360.on_customer_registered, timeline.on_event),
    customers.CustomerUpdated.TYPE: in_turn(customer360.on_customer_updated, timeline.on_event),
    worth.SegmentChanged.TYPE: timeline.on_event,
    worth.LifecycleChanged.TYPE: timeline.on_event,
    signals.SignalRaised.TYPE: timeline.on_event,
    signals.SignalEnded.TYPE: timeline.on_event,
    early_warnings.ChurnWarned.TYPE: timeline.on_event,
    early_warnings.ChurnWarningEnded.TYPE: timeline.on_event,
    losses.ChurnConfirmed.TYPE: timeline.on_event,
    losses.ChurnCauseSaid.TYPE: timeline.on_event,
    losses.ChurnWithdrawn.TYPE: timeline.on_event,
    winbacks.WinbackOpened.TYPE: timeline.on_event,
    winbacks.WinbackOffered.TYPE: timeline.on_event,
    winbacks.WinbackEnded.TYPE: timeline.on_event,
    winbacks.CustomerDismissed.TYPE: timeline.on_event,
    winbacks.CustomerDismissalWithdrawn.TYPE: timeline.on_event,
    withdrawing.CustomerWithdrawn.TYPE: customer360.on_customer_withdrawn,
    customers.AccountTeamChanged.TYPE: in_turn(customer360.on_account_team_changed, timeline.on_event),
    customers.TierChanged.TYPE: in_turn(customer360.on_tier_changed, timeline.on_event, live.on_event),
    customers.PurchaseRecorded.TYPE: customer360.on_purchase_recorded,
    customers.PurchaseReturned.TYPE: customer360.on_purchase_returned,
    customers.PurchaseReversed.TYPE: customer360.on_purchase_reversed,
    PersonErased.TYPE: in_turn(erasures.on_person_erased, timeline.on_event),
    network.ContractSigned.TYPE: timeline.on_event,
    network.ContractCorrected.TYPE: timeline.on_event,
    network.ContractWithdrawn.TYPE: timeline.on_event,
    network.ContractEndingStepDone.TYPE: timeline.on_event,
    network.ContractKeptOn.TYPE: timeline.on_event,
    network.ContractEnded.TYPE: timeline.on_event,
    customers.MonthClosed.TYPE: in_turn(tiers.on_month_closed, live.on_event),
    complaints.ComplaintOpened.TYPE: in_turn(cases.on_complaint_opened, timeline.on_event, live.on_event),
    complaints.ComplaintAccepted.TYPE: in_turn(cases.on_complaint_accepted, timeline.on_event, live.on_event),
    complaints.ComplaintClockMissed.TYPE: in_turn(cases.on_complaint_clock_missed, timeline.on_event, live.on_event),
    clocks.ComplaintClockWarned.TYPE: in_turn(timeline.on_event, live.on_event),
    clocks.ComplaintClockEscalated.TYPE: in_turn(timeline.on_event, live.on_event),
    letters.ComplaintFirstReply.TYPE: timeline.on_event,
    letters.ComplaintReplyUnreached.TYPE: timeline.on_event,
    letters.ComplaintUnreached.TYPE: timeline.on_event,
    complaints.ComplaintWordsAdded.TYPE: timeline.on_event,
    complaints.ComplaintClockRecalculated.TYPE: in_turn(cases.on_complaint_clock_recalculated, timeline.on_event),
    complaints.ComplaintAssigned.TYPE: in_turn(cases.on_complaint_assigned, timeline.on_event, live.on_event),
    complaints.ComplaintNoticed.TYPE: in_turn(cases.on_complaint_noticed, timeline.on_event, live.on_event),
    complaints.ComplaintNoticeAcknowledged.TYPE: in_turn(
        cases.on_complaint_notice_acknowledged, timeline.on_event, live.on_event
    ),
    complaints.ComplaintSatisfactionGiven.TYPE: in_turn(cases.on_satisfaction_given, timeline.on_event),
    complaints.ComplaintCorrected.TYPE: in_turn(cases.on_complaint_corrected, timeline.on_event, live.on_event),
    complaints.ComplaintRepeated.TYPE: in_turn(cases.on_complaint_repeated, timeline.on_event, live.on_event),
    complaints.ComplaintLinked.TYPE: timeline.on_event,
    complaints.ComplaintWarned.TYPE: live.on_event,
    complaints.ComplaintPaused.TYPE: in_turn(cases.on_complaint_paused, live.on_event),
    complaints.ComplaintResumed.TYPE: in_turn(cases.on_complaint_resumed, live.on_event),
    complaints.ComplaintOverdue.TYPE: in_turn(cases.on_complaint_overdue, timeline.on_event, live.on_event),
    complaints.ComplaintEscalated.TYPE: in_turn(cases.on_complaint_escalated, timeline.on_event, live.on_event),
    complaints.ComplaintStepDone.TYPE: timeline.on_event,
    complaints.ComplaintAnswered.TYPE: in_turn(cases.on_complaint_answered, timeline.on_event, live.on_event),
    complaints.ComplaintResolved.TYPE: in_turn(cases.on_complaint_resolved, timeline.on_event, live.on_event),
    settlements.ComplaintApprovalAsked.TYPE: timeline.on_event,
    settlements.ComplaintSolutionDecided.TYPE: timeline.on_event,
    complaints.ComplaintJudged.TYPE: timeline.on_event,
    settlements.CompensationGranted.TYPE: in_turn(cases.on_compensation_granted, timeline.on_event),
    settlements.CompensationWithdrawn.TYPE: in_turn(cases.on_compensation_withdrawn, timeline.on_event),
    commitments.CommitmentMade.TYPE: timeline.on_event,
    commitments.CommitmentKept.TYPE: timeline.on_event,
    commitments.CommitmentBroken.TYPE: timeline.on_event,
    commitments.CommitmentWithdrawn.TYPE: timeline.on_event,
    commitments.CommitmentCorrected.TYPE: timeline.on_event,
    commitments.CommitmentConfirmed.TYPE: timeline.on_event,
    commitments.CommitmentDenied.TYPE: timeline.on_event,
    commitments.CommitmentInsisted.TYPE: timeline.on_event,
    commitments.CommitmentUnderstandingReached.TYPE: timeline.on_event,
    commitments.CommitmentUnderstandingFailed.TYPE: timeline.on_event,
    internal.ComplaintMeasureTaken.TYPE: timeline.on_event,
    internal.ComplaintMeasureWithdrawn.TYPE: timeline.on_event,
    safety.ComplaintReactionRecorded.TYPE: timeline.on_event,
    safety.ComplaintSafetyReportDue.TYPE: timeline.on_event,
    safety.ComplaintSafetyReportMissed.TYPE: timeline.on_event,
    safety.ComplaintSafetyReported.TYPE: timeline.on_event,
    safety.BatchAlarmed.TYPE: timeline.on_event,
    safety.BatchExtended.TYPE: timeline.on_event,
    complaints.ComplaintClosed.TYPE: in_turn(cases.on_complaint_closed, timeline.on_event, live.on_event),
    complaints.ComplaintReopened.TYPE: in_turn(cases.on_complaint_reopened, timeline.on_event, live.on_event),
    responsibility.PenaltyBooked.TYPE: ledger.on_penalty_booked,
    responsibility.PenaltyReversed.TYPE: ledger.on_penalty_reversed,
    responsibility.RewardGranted.TYPE: ledger.on_reward_granted,
    responsibility.RewardReversed.TYPE: ledger.on_reward_reversed,
    responsibility.FundWithdrawn.TYPE: ledger.on_fund_withdrawn,
    responsibility.FundWithdrawalReversed.TYPE: ledger.on_fund_withdrawal_reversed,
    responsibility.FaultCostBooked.TYPE: ledger.on_fault_cost_booked,
    responsibility.LedgerClosed.TYPE: ledger.on_ledger_closed,
    care.TouchPlanned.TYPE: touches.on_touch_planned,
    care.TouchDone.TYPE: in_turn(touches.on_touch_done, timeline.on_event),
    care.TouchMissed.TYPE: in_turn(touches.on_touch_missed, timeline.on_event, live.on_event),
    care.TouchMissWithdrawn.TYPE: in_turn(touches.on_touch_miss_withdrawn, timeline.on_event, live.on_event),
    care.TouchMakeGoodOrdered.TYPE: in_turn(touches.on_touch_make_good_ordered, timeline.on_event),
    care.TouchMadeGood.TYPE: in_turn(touches.on_touch_made_good, timeline.on_event),
    care.TouchMakeGoodMissed.TYPE: in_turn(touches.on_touch_make_good_missed, timeline.on_event),
    care.TouchDropped.TYPE: touches.on_touch_dropped,
    care.MessageSent.TYPE: in_turn(messages.on_message_sent, timeline.on_event, live.on_event),
    care.MessageFailed.TYPE: in_turn(messages.on_message_failed, timeline.on_event, live.on_event),
    care.ConsentWithdrawn.TYPE: timeline.on_event,
}
