"""What customers reacts to: event type -> reaction. It owns the directory that the others are told."""

from collections.abc import Mapping

from services.customers.aftercare import handlers as aftercare
from services.customers.cases import handlers as cases
from services.customers.context import Context
from services.customers.early_warnings import handlers as early_warnings
from services.customers.erasures import handlers as erasures
from services.customers.key_accounts.handlers import results as key_accounts
from services.customers.last_touches import handlers as last_touches
from services.customers.promises import handlers as promises
from services.customers.scheme import handlers as scheme
from shared.contracts import care, commitments, complaints
from shared.contracts.confirmations import ErasureConfirmed
from shared.contracts.scheme import PolicyVersioned
from shared.contracts.settlements import CompensationGranted, CompensationWithdrawn
from shared.reactions import Reaction, in_turn

REACTIONS: Mapping[str, Reaction[Context]] = {
    complaints.ComplaintOpened.TYPE: cases.on_complaint_opened,
    complaints.ComplaintAnswered.TYPE: cases.on_complaint_answered,
    complaints.ComplaintCorrected.TYPE: in_turn(
        cases.on_complaint_corrected, early_warnings.on_complaint_corrected, key_accounts.on_complaint_corrected
    ),
    CompensationGranted.TYPE: key_accounts.on_compensation_granted,
    CompensationWithdrawn.TYPE: key_accounts.on_compensation_withdrawn,
    complaints.ComplaintClockRecalculated.TYPE: cases.on_complaint_clock_recalculated,
    complaints.ComplaintPaused.TYPE: cases.on_complaint_paused,
    complaints.ComplaintResumed.TYPE: cases.on_complaint_resumed,
    complaints.ComplaintResolved.TYPE: cases.on_complaint_resolved,
    complaints.ComplaintReopened.TYPE: cases.on_complaint_reopened,
    complaints.ComplaintJudged.TYPE: in_turn(cases.on_complaint_judged, early_warnings.on_complaint_judged),
    complaints.ComplaintOverdue.TYPE: early_warnings.on_complaint_overdue,
    complaints.ComplaintSatisfactionGiven.TYPE: early_warnings.on_satisfaction_given,
    complaints.ComplaintClosed.TYPE: cases.on_complaint_closed,
    commitments.CommitmentMade.TYPE: promises.on_commitment_made,
    commitments.CommitmentKept.TYPE: promises.on_commitment_kept,
    commitments.CommitmentBroken.TYPE: promises.on_commitment_broken,
    commitments.CommitmentWithdrawn.TYPE: promises.on_commitment_withdrawn,
    commitments.CommitmentCorrected.TYPE: promises.on_commitment_corrected,
    care.TouchPlanned.TYPE: aftercare.on_touch_planned,
    care.TouchDone.TYPE: in_turn(last_touches.on_touch_done, aftercare.on_touch_done),
    care.TouchMissed.TYPE: in_turn(aftercare.on_touch_missed, early_warnings.on_touch_missed),
    care.TouchMissWithdrawn.TYPE: early_warnings.on_touch_miss_withdrawn,
    care.ConsentWithdrawn.TYPE: early_warnings.on_consent_withdrawn,
    care.TouchDropped.TYPE: aftercare.on_touch_dropped,
    ErasureConfirmed.TYPE: erasures.on_erasure_confirmed,
    PolicyVersioned.TYPE: scheme.on_policy_versioned,
}
