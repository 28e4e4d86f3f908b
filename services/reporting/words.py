"""How reporting is described: its tags and what its fields are."""

from typing import Final

from services.reporting.appraisal.domain import By as Appraised
from services.reporting.appraisal.domain import Part
from services.reporting.ledger.domain import BasisKind, By
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    about="Reports that are built from the events of the other services alone: customer 360, tiers, complaints, "
    "service and money by month, and what happens live.",
    tags={
        "person export": "All that is kept of a person, for themself.",
        "customer 360": "Everything about one customer.",
        "tiers": "Tiers of closed months.",
        "complaints": "Complaints by month.",
        "service": "Obligations met and missed.",
        "ledger": "What people pay and are paid, booking by booking and month by month.",
        "appraisal": "A score a month, and what it is made of.",
        "live": "What happens, as it happens.",
    },
    choices={
        "BookingBasis": Choice(BasisKind, "What a booking rests on; `internal` is an internal case."),
        "AppraisedBy": Choice(Appraised, "Who is appraised."),
        "AppraisalPart": Choice(
            Part, "Of what a score is made: answers in time, obligations met, satisfaction, money."
        ),
        "LedgerBy": Choice(
            By, "Of whom or what the ledger is summed up; supervisors and departments as they were then."
        ),
    },
    words={
        "accountable_name": "the name of whom it is against; null when there is nobody or the name is not known",
        "PurchaseOut.amount": "CNY; negative for a return",
        "answered_in_time": "rounds answered before they were due",
        "answered_late": "rounds answered after they were due",
        "began_at": "when this round's clock started; null when that is not known",
        "brand": "what was bought; null where it was not said",
        "CaseOut.channel": "how the case came in; null when that is not known",
        "contact": "the kind of contact: a stay, a visit, a phone call, a message",
        "count": "how many purchases",
        "QueuedCaseOut.customer_id": "the customer; null when the complainant is nobody's customer",
        "department_id": "the department; null for people who belong to none",
        "departments": "figures by department",
        "done": "how many were done",
        "done_at": "when it was done; null unless it was",
        "dropped": "how many are not owed any longer",
        "event_id": "the id of the event that tells of it",
        "expected_share": "what share is expected of the tier, 0 to 1 (domain 2.4)",
        "*Out.external_no": "the number that another system gave; null when there is none",
        "figures": "the figures",
        "first_at": "the first purchase; null when there is none",
        "*CaseOut.kind": "what kind of case it is",
        "Customer360Out.kind": "`store` or `person`; null before it is known",
        "last": "the last one that was done; null when there is none",
        "last_at": "the latest purchase; null when there is none",
        "met": "how many were done in their window",
        "missed": "how many were missed",
        "name": "its name; null when the directory does not know it",
        "TouchesOut.next": "the next one that is due; null when there is none",
        "notice_acknowledged_at": "when that notice was acknowledged; null before",
        "notice_deadline": "until when that notice demands something; null when none went out",
        "notice_number": "the number of the notice that stands; null when none went out",
        "now": "business time",
        "CaseOut.number": "the number that the complainant is told; null when that is not known",
        "open": "how many are not settled yet",
        "opened_at": "when it was recorded; null when that is not known",
        "overdue": "whether the answer of this round was or is late",
        "BoardOut.overdue": "how many of them are late",
        "unreached": "whether the chain of escalation reached nobody, and nobody has been named since",
        "BoardOut.paused": "how many clocks stand",
        "people": "figures by person and role",
        "purchases": "what was bought, in figures, and the latest",
        "recent": "the latest of them, newest first",
        "region": "where the customer is; null before it is known",
        "responsible_name": "the name of who is responsible; null when there is nobody or the name is not known",
        "returns": "how many returns",
        "MonthOfTiersOut.revision": "counts the closes that changed it, from 1; null before the month is closed",
        "roles": "role → figures",
        "share": "part of all sales of the month, 0 to 1",
        "shown": "the newest `id` of the live stream that it takes in: the stream goes on after it",
        "PersonOut.staff_id": "the staff member; null for touches that nobody could be given",
        "state": "how it stands",
        "subject": "what it is about: the code of a subject",
        "CaseOut.subject": "what it is about: the code of a subject; null when that is not known",
        "sum": "all purchases, returns taken off, CNY",
        "*Out.tier": "the customer's tier; null before it is known",
        "tier_since": "since when the customer has it; null before it is known",
        "MonthOfServiceOut.total": "figures in all",
        "touches": "touches, in figures, the last, the next and the recent ones",
        "unanswered_overdue": "rounds that are late and not answered yet",
    },
)
