"""A customer's timeline: one line for each event that names them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from shared.contracts import (
    care,
    clocks,
    commitments,
    complaints,
    customers,
    early_warnings,
    erasures,
    internal,
    letters,
    losses,
    merging,
    network,
    safety,
    settlements,
    signals,
    winbacks,
    worth,
)
from shared.contracts.base import Fact

TOLD: Final[tuple[type[Fact], ...]] = (
    customers.CustomerRegistered,
    customers.CustomerUpdated,
    customers.AccountTeamChanged,
    customers.TierChanged,
    merging.CustomerMerged,
    merging.CustomerUnmerged,
    customers.PurchaseRecorded,
    customers.PurchaseReturned,
    customers.PurchaseReversed,
    erasures.PersonErased,
    network.ContractSigned,
    network.ContractCorrected,
    network.ContractWithdrawn,
    network.ContractEndingStepDone,
    network.ContractKeptOn,
    network.ContractEnded,
    worth.SegmentChanged,
    worth.LifecycleChanged,
    signals.SignalRaised,
    signals.SignalEnded,
    early_warnings.ChurnWarned,
    early_warnings.ChurnWarningEnded,
    losses.ChurnConfirmed,
    losses.ChurnCauseSaid,
    losses.ChurnWithdrawn,
    winbacks.WinbackOpened,
    winbacks.WinbackOffered,
    winbacks.WinbackEnded,
    winbacks.CustomerDismissed,
    winbacks.CustomerDismissalWithdrawn,
    complaints.ComplaintOpened,
    letters.ComplaintFirstReply,
    letters.ComplaintReplyUnreached,
    letters.ComplaintUnreached,
    complaints.ComplaintWordsAdded,
    complaints.ComplaintAccepted,
    complaints.ComplaintClockMissed,
    clocks.ComplaintClockWarned,
    clocks.ComplaintClockEscalated,
    complaints.ComplaintClockRecalculated,
    complaints.ComplaintAssigned,
    complaints.ComplaintNoticed,
    complaints.ComplaintNoticeAcknowledged,
    complaints.ComplaintSatisfactionGiven,
    complaints.ComplaintRepeated,
    complaints.ComplaintLinked,
    complaints.ComplaintCorrected,
    complaints.ComplaintOverdue,
    complaints.ComplaintEscalated,
    complaints.ComplaintStepDone,
    complaints.ComplaintAnswered,
    complaints.ComplaintResolved,
    settlements.ComplaintApprovalAsked,
    settlements.ComplaintSolutionDecided,
    complaints.ComplaintJudged,
    settlements.CompensationGranted,
    settlements.CompensationWithdrawn,
    commitments.CommitmentMade,
    commitments.CommitmentKept,
    commitments.CommitmentBroken,
    commitments.CommitmentWithdrawn,
    commitments.CommitmentCorrected,
    commitments.CommitmentConfirmed,
    commitments.CommitmentDenied,
    commitments.CommitmentInsisted,
    commitments.CommitmentUnderstandingReached,
    commitments.CommitmentUnderstandingFailed,
    internal.ComplaintMeasureTaken,
    internal.ComplaintMeasureWithdrawn,
    safety.ComplaintReactionRecorded,
    safety.ComplaintSafetyReportDue,
    safety.ComplaintSafetyReportMissed,
    safety.ComplaintSafetyReported,
    safety.BatchAlarmed,
    safety.BatchExtended,
    complaints.ComplaintClosed,
    complaints.ComplaintReopened,
    care.TouchDone,
    care.TouchMissed,
    care.TouchMissWithdrawn,
    care.TouchMakeGoodOrdered,
    care.TouchMadeGood,
    care.TouchMakeGoodMissed,
    care.MessageSent,
    care.MessageFailed,
    care.ConsentWithdrawn,
)
"""Of which events a timeline has entries. What concerns several customers (`customer_ids`) has one in that of each."""

WHOSE: Final = ("customer_id", "customer_ids")
"""Whose timeline an entry stands in: the entry itself does not say it, and nothing of others."""


@dataclass(frozen=True, slots=True)
class NewTimelineEntry:
    """A line of a customer's timeline. `amount` is in CNY, for purchases and returns; `data` the fact's JSON text."""

    customer_id: UUID
    at: datetime
    event_id: UUID
    data: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A line as it is read; `data` is the fact without the customer's id and without what it leaves open."""

    at: datetime
    event_id: UUID
    type: str
    data: dict[str, Any]
