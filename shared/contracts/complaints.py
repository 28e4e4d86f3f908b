"""What complaints publishes: the case and its clock. A case is keyed by its customer, else by itself."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CASES, CaseFact
from shared.contracts.safety import Severity

FACTS = CASES

CaseKind = Literal["complaint", "grumble", "suggestion", "enquiry", "internal"]

ClockKind = Literal["accept", "answer", "investigate", "propose", "execute", "inspect", "settle", "reply", "resolve"]
"""What a case's clocks run for: until somebody takes it, until its answer, for each step, until it is solved."""

LinkRelation = Literal["repeat", "related", "duplicate", "child", "parent"]
"""How another case belongs to one: it is its child, its parent, …"""


class ComplaintOpened(CaseFact):
    """A case was recorded: its clock runs."""

    TYPE: ClassVar[str] = "crm.complaint.opened"
    number: str
    kind: CaseKind
    subject: str
    against_type: str | None = None
    against_id: UUID | None = None
    channel: str
    tier: Literal["A", "B", "C", "D"] | None = None
    responsible_id: UUID | None = None
    answer_due_at: datetime | None = None
    taken_over: bool = False
    accountable_id: UUID | None = None
    """Whom it is against, as far as recording can tell; `responsible_id` is who handles it."""
    accepted_by: UUID | None = None
    """Who recorded it, where that is somebody of customer service: the case is taken from the start."""
    touch_id: UUID | None = None
    """The visit in which the dissatisfaction was found."""
    first_reply: bool = False
    """Whether the complainant is to have a first reply; false for what older releases recorded."""
    batch: str | None = None
    """Of the product, as it stands on the pack, folded as identifiers are; None where nobody said."""
    severity: Severity | None = None


class ComplaintAssigned(CaseFact):
    """Somebody else is responsible from now on."""

    TYPE: ClassVar[str] = "crm.complaint.assigned"
    responsible_id: UUID
    from_id: UUID | None = None
    """Who was responsible before; None where nobody was, or an older release told."""
    number: str | None = None
    """Of the case; None where an older release told."""
    answer_due_at: datetime | None = None
    """Until when an answer is due; None while the clock does not run, or where an older release told."""


class ComplaintNoticed(CaseFact):
    """A numbered notice went out: from now on this person is accountable, and hears of a late answer first."""

    TYPE: ClassVar[str] = "crm.complaint.noticed"
    number: str
    """Of the notice. Its words are told to nobody (decision 20)."""
    to_id: UUID
    deadline: datetime
    answer_due_at: datetime | None = None
    """None while the clock is paused."""
    from_id: UUID | None = None
    """Who was accountable before; a notice to them that stood is superseded."""


class ComplaintNoticeWithdrawn(CaseFact):
    """A notice stands no longer, and whom it was addressed to is to hear of it: the case is against somebody else."""

    TYPE: ClassVar[str] = "crm.complaint.notice_withdrawn"
    number: str
    """Of the notice."""
    to_id: UUID


class ComplaintNoticeAcknowledged(CaseFact):
    """Whom the notice is addressed to has read it, or who does their work has."""

    TYPE: ClassVar[str] = "crm.complaint.notice_acknowledged"
    number: str
    staff_id: UUID


class ComplaintAccepted(CaseFact):
    """Somebody of customer service has taken the case; not told again of one that was recorded by them."""

    TYPE: ClassVar[str] = "crm.complaint.accepted"
    staff_id: UUID
    in_time: bool = True
    """Whether that was within the time to accept."""


class ComplaintClockMissed(CaseFact):
    """A clock other than the answer's came to its end: once per clock and round. `at` is when, however late it was
    noticed; `complaint.overdue` tells of the answer's."""

    TYPE: ClassVar[str] = "crm.complaint.clock_missed"
    number: str
    clock: ClockKind
    due_at: datetime
    staff_id: UUID | None = None
    """Who is told: the handler; that nobody took it who leads those who accept it; of an execution the accountable."""


class ComplaintClockRecalculated(CaseFact):
    """Administration has given a clock that runs what the policies say now; nothing else ever changes a clock."""

    TYPE: ClassVar[str] = "crm.complaint.clock_recalculated"
    clock: ClockKind
    due_at: datetime | None = None
    """None for a step whose turn has not come, and where there is no deadline any longer."""
    policy_version: int | None = None


class ComplaintSatisfactionGiven(CaseFact):
    """What the complainant says of a round, taken down by `staff_id` if any; below expectation a new one follows."""

    TYPE: ClassVar[str] = "crm.complaint.satisfaction_given"
    perceived: int
    expected: int
    staff_id: UUID | None = None


class ComplaintCorrected(CaseFact):
    """What was entered wrongly was put right: the case as it is; `customer_id` is the right one, `batch` as opened."""

    TYPE: ClassVar[str] = "crm.complaint.corrected"
    number: str
    kind: CaseKind
    subject: str
    against_type: str | None = None
    against_id: UUID | None = None
    from_customer_id: UUID | None = None
    """Whose case it was taken for; the same as `customer_id` where that was right."""
    tier: Literal["A", "B", "C", "D"] | None = None
    state: Literal["open", "answered", "resolved", "closed"]
    accountable_id: UUID | None = None
    recorded_at: datetime
    answer_due_at: datetime | None = None
    overdue: bool = False
    batch: str | None = None
    accountable_changed: bool = False


class ComplaintRepeated(CaseFact):
    """The how-manieth of its kind a case is, when that has changed: the same subject against the same party in the
    month. 1 is the first, 0 does not count."""

    TYPE: ClassVar[str] = "crm.complaint.repeated"
    number: str
    count: int
    of: UUID | None = None
    """The case before it."""
    staff_id: UUID | None = None
    """Who is told of a repeat: the next above whom the case concerns."""


class ComplaintWordsAdded(CaseFact):
    """The complainant has added something to the case, which is no answer; what it was, the case's history says."""

    TYPE: ClassVar[str] = "crm.complaint.words_added"


class ComplaintLinked(CaseFact):
    """Somebody has linked the case with another one, or undone that."""

    TYPE: ClassVar[str] = "crm.complaint.linked"
    other_id: UUID
    relation: LinkRelation
    undone: bool = False


class ComplaintWarned(CaseFact):
    """So much of the time to answer has passed: half and three quarters, where no policy says otherwise."""

    TYPE: ClassVar[str] = "crm.complaint.warned"
    percent: Annotated[int, Field(ge=1, le=99)]
    answer_due_at: datetime
    staff_id: UUID | None = None
    """Whom it concerns, unless the policy names somebody above."""


class ComplaintPaused(CaseFact):
    """The clock stands while the customer is asked something."""

    TYPE: ClassVar[str] = "crm.complaint.paused"
    until: datetime
    due_after_pause: datetime | None = None
    """When the answer is due if the pause lasts until then: it is over at that moment, whoever has noticed."""
    asks: bool = False
    """Whether the complainant is to be sent what they are asked; false for what older releases told."""


class ComplaintResumed(CaseFact):
    """The clock runs again, to a later due moment."""

    TYPE: ClassVar[str] = "crm.complaint.resumed"
    answer_due_at: datetime


class ComplaintOverdue(CaseFact):
    """The answer is late: once per round. `staff_id` is who was told, level 1: the handler, from the notice on whom the
    case is against. `kind` is None where an older release told."""

    TYPE: ClassVar[str] = "crm.complaint.overdue"
    number: str
    tier: Literal["A", "B", "C", "D"] | None = None
    due_at: datetime
    staff_id: UUID | None = None
    accountable_id: UUID | None = None
    """Whom the case is against, told or not."""
    kind: CaseKind | None = None


class ComplaintEscalated(CaseFact):
    """The next up (None: administration is alarmed) is told of a late answer, or of another reopening (decision 17)."""

    TYPE: ClassVar[str] = "crm.complaint.escalated"
    number: str
    level: int
    staff_id: UUID | None = None
    due_at: datetime
    reopened: bool = False


class ComplaintStepDone(CaseFact):
    """One of the steps that follow recording is done, which `complaint.opened` itself tells of."""

    TYPE: ClassVar[str] = "crm.complaint.step_done"
    step: Literal["investigate", "propose", "execute", "inspect", "settle", "reply"]
    owner_id: UUID
    """Whose step it was."""


class ComplaintEvidenceAdded(CaseFact):
    """A file of `size` bytes was added to the case."""

    TYPE: ClassVar[str] = "crm.complaint.evidence_added"
    file_id: UUID
    media_type: str
    size: int
    by_complainant: bool


class ComplaintEvidenceRemoved(CaseFact):
    """A file that had no place in the case was removed."""

    TYPE: ClassVar[str] = "crm.complaint.evidence_removed"
    file_id: UUID


class ComplaintAnswered(CaseFact):
    """The complainant has a definite answer: the clock stopped."""

    TYPE: ClassVar[str] = "crm.complaint.answered"
    in_time: bool
    staff_id: UUID | None = None


class ComplaintResolved(CaseFact):
    """`in_time` says whether the round's clock was stopped in time, by this or by the answer before."""

    TYPE: ClassVar[str] = "crm.complaint.resolved"
    in_time: bool
    stopped_clock: bool
    """True when nothing had answered before."""


class ComplaintClosed(CaseFact):
    """A case has ended; on the day that is named administration calls the complainant back, where it calls anybody."""

    TYPE: ClassVar[str] = "crm.complaint.closed"
    call_back_from: datetime | None = None
    call_back_due_at: datetime | None = None


class ComplaintReopened(CaseFact):
    """A new round with a new clock; the earlier round stays untouched."""

    TYPE: ClassVar[str] = "crm.complaint.reopened"
    answer_due_at: datetime | None = None
    responsible_id: UUID | None = None


class ComplaintJudged(CaseFact):
    """Administration has judged the case, perhaps anew: whether it is valid, and meant in good faith or maliciously."""

    TYPE: ClassVar[str] = "crm.complaint.judged"
    valid: bool
    good_faith: bool
