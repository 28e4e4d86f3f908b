"""What recurs in the descriptions of several services, said once. Each service adds its own in its `words.py`."""

from typing import Final, Literal

from shared.contracts.care import Channel, Contact
from shared.contracts.complaints import CaseKind, ClockKind
from shared.contracts.customers import Tier, TierCause
from shared.languages import Language
from shared.vocabulary import Choice, Vocabulary

SERVERS: Final = [{"url": "/", "description": "Where this description was read: all in one, or behind the gateway"}]

MANNERS: Final = """\
**Manners of all four services.** JSON in snake_case. Ids are UUIDv7. Money is CNY, a string with at most two decimal
places. Moments are taken as ISO 8601 with any offset and sent in UTC with `Z`; months and days are those of the
company's time zone. Lists answer `items` and `next`; `next` goes into the following request as `cursor`, with the same
filters. What can be changed has an `ETag`: PATCH, and PUT over something that exists, want it as `If-Match`. POST takes
an `Idempotency-Key`. Refusals are RFC 9457 problems with a stable `slug`. A query parameter that does not exist answers
422 with those there are."""
"""How all services behave, at the head of each description."""

_CHOICES: Final = {
    "Tier": Choice(Tier, "How much a customer buys: A most, D least (domain 2.4)."),
    "TierCause": Choice(TierCause, "Why a tier changed: a purchase, the close of a month, a later revision of one, a "
                                   "tier set by hand or its end, or a new policy."),
    "CaseKind": Choice(CaseKind, "What a case is; a grumble is a dissatisfaction that was found in a visit."),
    "ClockKind": Choice(ClockKind, "For what one of a case's clocks runs: until somebody of customer service takes it, "
                                   "until its answer, for a step, until it is solved."),
    "Contact": Choice(Contact, "How a customer is touched: a stay in the store, a visit, a phone call, a message."),
    "Channel": Choice(Channel, "By which a message leaves the house; `webhook` is the robot of a chat."),
    "Language": Choice(Language, "The language of messages and texts, Chinese or English."),
    "CustomerKind": Choice(Literal["store", "person"], "A store or salon, or somebody who buys for themselves."),
    "Grade": Choice(Literal["mid", "high"], "The grade of a brand: high-grade purchases count half in tiers."),
    "Purpose": Choice(Literal["service", "relationship", "promotion"],
                             "Service: tasks, call-backs, replies; relationship: greetings; promotion: offers."),
    "WarningPercent": Choice(Literal[50, 75], "How much of the time to answer has passed, in per cent."),
    "FollowingStep": Choice(Literal["investigate", "propose", "execute", "inspect", "settle", "reply"],
                            "A step that follows the recording of a case."),
}  # fmt: skip

_WORDS: Final = {
    # of every description
    "Accept-Language": "the language of texts in the answer; Chinese unless it begins with `en`",
    "detail": "what is wrong and what to do, in English, for people",
    "errors": "the fields at fault; empty when it is not about one",
    "FieldError.detail": "what is wrong with the field, in English, for people",
    "id": "its id (UUIDv7)",
    "items": "the page, in the order of the list",
    "limit": "how many at most",
    "next": "the `cursor` of the next page; null on the last one",
    "EventPage.items": "the events, in the order of their `sequence`",
    "EventPage.next": "the sequence to continue after, as `after`; null when none is left",
    "pointer": "where: a JSON pointer into the body (`#/amount`), or `query/limit`, `path/id`, `header/If-Match`",
    "status": "the HTTP status",
    "title": "what the slug means, in English, always the same",
    "trace_id": "under which it is found in the logs; null when nothing was traced",
    "Problem.type": "the slug as a URN",
    # the audit
    "AuditEntryOut.id": "its number: later entries have higher ones",
    "AuditEntryOut.subject": "the id of what it was done to; null where it was done to nothing that has one",
    "AuditEntryOut.what": "what was done or looked up: a code, such as `purchase.reversed`",
    "digest": "stands for what is not shown, hex: the same value has the same one; null when nothing is hidden",
    "made_at": "when it was done",
    "made_by": "the staff member who did it",
    # people, customers, things of which every service speaks
    "accountable_id": "the staff member whom it is against; null while nobody is",
    "active": "false once this person has left",
    "Staff*.address": "where work messages reach this person, as `channel` needs it: an e-mail address, a phone number "
    "or a URL; masked for other colleagues, in full for administration and the person, null in events",
    "against_id": "the id of whom or what a case is against, if it has one",
    "against_type": "whom or what a case is against: a person, a department, a product, the company",
    "PurchaseRecorded*.amount": "what was paid, CNY",
    "PurchaseReversed*.amount": "CNY, takes the entry away: negative for a purchase, positive for a return",
    "PurchaseReversed*.at": "when it was undone",
    "PurchaseReversed*.occurred_at": "when that was which the entry said",
    "PurchaseReversed*.return_id": "the return that was undone; none when it was the purchase",
    "PurchaseReturned*.amount": "CNY, negative: what the return takes away",
    "answer_due_at": "until when the answer is due; null while the clock is paused",
    "answered_at": "when it was answered; null before",
    "assignee_id": "the staff member whose task it is; null when nobody has it",
    "at": "when it happened",
    "Complaint*.channel": "how the case came in, such as `line` or `web`",
    "ConsentWithdrawn*.channel": "the channel by which no more is wanted",
    "Message*.channel": "by which it goes out",
    "Staff*.channel": "how work messages reach this person",
    "brand_id": "the brand",
    "Purchase*.brand_id": "the brand that was bought, if it was said",
    "changed": "names of the fields that changed, never their values",
    "cause": "why it changed",
    "complaint_id": "the complaint",
    "contact": "the kind of contact",
    "customer_id": "the customer",
    "Complaint*.customer_id": "the customer; none when the complainant is nobody's customer",
    "Message*.customer_id": "the customer to whom it goes; none where it goes to a colleague",
    "Touch*.customer_id": "the customer; none when it is about the case of nobody's customer",
    "customers": "how many customers",
    "department_id": "the department",
    "due_at": "the end of the window: at this moment it is missed",
    "Complaint*.due_at": "when the answer was due",
    "escalation_level": "0 to 5: the highest level of the chain that was told of the miss (decision 17)",
    "expected": "what the complainant expected, 1 to 10",
    "external_no": "the number that another system gave",
    "from_tier": "the tier before",
    "to_tier": "the tier after",
    "grade": "the grade of the brand",
    "Complaint*.kind": "what kind of case it is",
    "Customer*.kind": "a store, or a person who buys for themselves",
    "Touch*.kind": "why the task exists, such as `obligation` or `apology_call`",
    "in_time": "whether it came before the answer was due",
    "language": "in which messages are written",
    "level": "1 the responsible person to 5 the general manager (decision 17)",
    "manager_id": "the staff member who manages the department: level 3 of the chain of escalation",
    "message_id": "the message",
    "minutes": "how long it took, in minutes",
    "missed_at": "when it was missed; null unless it was",
    "month": "a calendar month in the company's time zone, YYYY-MM",
    "TierChanged*.month": "the closed month that judged, YYYY-MM; none for other causes",
    "moves": "how many customers moved, by from and to: `C>A`",
    "name": "its name",
    "Staff*.name": "the work name",
    "not_before": "from when a touch is welcome; of parts of a month, from when it counts",
    "number": "the number that the complainant is told",
    "occasion": "what a message is about, such as `tier_rise`",
    "occurred_at": "when it was bought or came back",
    "overdue": "whether the answer of this round was or is late",
    "owner_id": "the staff member whose step it was",
    "ComplaintJudged*.valid": "whether the complaint was found valid",
    "ComplaintJudged*.good_faith": "whether it was found meant in good faith; false: maliciously",
    "perceived": "what the complainant felt, 1 to 10",
    "percent": "how much of the time to answer has passed, in per cent",
    "policy_version": "the version of the tier policy that judged",
    "purchase_id": "the purchase",
    "purpose": "what it is for, which decides about consent",
    "reason": "why",
    "recorded_late": "whether it was entered after its day",
    "region_id": "the region",
    "registered_at": "since when it is a customer",
    "responsible_id": "the staff member who is responsible now; null when there is none",
    "return_id": "the return",
    "returns_id": "the purchase that this one returns; null for a purchase",
    "revision": "counts the closes of the month that changed it, from 1",
    "role": "the role",
    "round": "1 at first; each reopening begins the next one",
    "staff_id": "the staff member",
    "ComplaintAnswered*.staff_id": "who answered",
    "ComplaintEscalated*.staff_id": "who is told; none when the chain reaches nobody",
    "ComplaintAccepted*.in_time": "whether that was within the time to accept",
    "ComplaintAccepted*.staff_id": "who of customer service took the case",
    "ComplaintClockMissed*.clock": "which clock: for accepting, for a step, or for the resolution",
    "ComplaintClockMissed*.due_at": "the moment at which it was missed, whenever somebody noticed",
    "ComplaintClockMissed*.staff_id": "who is told: of a case that nobody took the customer-service manager",
    "ComplaintOpened*.accepted_by": "who recorded it, where that is somebody of customer service; else null",
    "ComplaintOverdue*.staff_id": "who is responsible: level 1 of the chain",
    "ComplaintWarned*.staff_id": "who is warned",
    "Message*.staff_id": "the colleague to whom it goes; none where it goes to a customer",
    "state": "how it stands",
    "step": "the step",
    "stopped_clock": "true when nothing had answered before",
    "subject": "what it is about: the code of a subject",
    "successor_id": "the staff member who takes over from one who leaves",
    "skills": "what cases a colleague knows best: `subject:…`, `brand:…`, `language:…`",
    "supervisor_id": "the staff member who supervises",
    "taken_over": "whether it was taken over from before this system",
    "task_id": "the task",
    "team": "role → staff id: the whole team as it is now",
    "Complaint*.tier": "the customer's tier when it was recorded; none when it was not known",
    "tier": "the tier",
    "tiers": "tier → its figures",
    "TierChanged*.total": "the average month that judged, CNY in mid-grade terms",
    "time_zone": "an IANA time zone, such as Asia/Shanghai; null: the company's",
    "ComplaintPaused*.until": "when the clock runs again by itself",
    "ComplaintPaused*.due_after_pause": "when the answer is due if it stands until then; null where nobody has said",
    "version": "counts its changes from 1",
}

COMMON: Final = Vocabulary(
    tags={
        "events": "What this service has published, by cursor, as CloudEvents.",
        "audit": "Who did or looked up what, for administration.",
    },
    choices=_CHOICES,
    words=_WORDS,
)
