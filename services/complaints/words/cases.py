"""How cases are described: recording, steps, clocks, solutions, what a case costs, the rulebook."""

from typing import Final, Literal

from services.complaints.compensations.domain import Authority
from services.complaints.cost.domain.returning import ReturnsFrom
from services.complaints.cost.domain.speed import Speed
from services.complaints.guidance.domain import DifficultKind, TalkStep, WrongReaction
from services.complaints.ledger.domain import BasisType
from services.complaints.replies.domain import SatisfactionVerdict
from services.complaints.reply_templates.domain import LetterChannel, LetterPart
from services.complaints.responsibility.domain.deciding import EntryKind
from services.complaints.responsibility.domain.entering import RuleByHand
from services.complaints.responsibility.domain.policies import Priced
from services.complaints.rulebook.domain.hours import Weekday
from services.complaints.rulebook.domain.levels import Recipient
from services.complaints.solutions.domain import Approver
from services.complaints.step_roles.domain import Act, Doer
from services.complaints.steps.domain import Step
from shared.contracts.responsibility import PenaltyReason
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    choices={
        "SatisfactionVerdict": Choice(SatisfactionVerdict, "Below, at or above what was expected."),
        "PenaltyReason": Choice(
            PenaltyReason,
            "Why a penalty holds no longer: no repeat, not counted, not broken, no miss, excused, made good, mistake.",
        ),
        "PenaltyBasis": Choice(
            Literal["case", "task", "scheme"],
            "What a penalty rests on: a case, a missed task of care, a department's scheme.",
        ),
        "Priced": Choice(Priced, "What a penalty policy names the price of: a rule, or what is missed."),
        "PenaltyEntry": Choice(EntryKind, "What happened to a penalty since it was proposed."),
        "RuleByHand": Choice(RuleByHand, "What no clock finds broken: other violations, steps not followed."),
        "BookingBasis": Choice(BasisType, "What a booking rests on; `internal` is an internal case."),
        "Act": Choice(Act, "A step of a case that somebody does, or judging it."),
        "Approver": Choice(Approver, "A role, or the supervisor of whose proposal it is."),
        "Authority": Choice(Authority, "As whom somebody settles: by part in the case, place or role."),
        "Doer": Choice(Doer, "A role, or a part in the case (domain 3.2)."),
        "Step": Choice(Step, "One of the seven steps, in their order (domain 3.2)."),
        "LevelRecipient": Choice(Recipient, "Whom the clock concerns, or who stands above them (decision 17)."),
        "LetterChannel": Choice(LetterChannel, "By which a reply goes: a script that is read, SMS, e-mail, paper."),
        "LetterPart": Choice(LetterPart, "One of the five parts of a reply, in their order (domain 3.5)."),
        "TalkStep": Choice(TalkStep, "A step of talking to complainants, in their order (domain 3.5)."),
        "WrongReaction": Choice(WrongReaction, "A wrong reaction to complainants (domain 3.5)."),
        "DifficultKind": Choice(
            DifficultKind, "Carried away by feeling; insisting on being right; out for gain or harm."
        ),
        "ReturnsFrom": Choice(ReturnsFrom, "The curve of the cost policy, or one that was learnt from cases."),
        "Speed": Choice(Speed, "How fast a case was solved, from recording to resolution; `unsolved` while it is not."),
        "Weekday": Choice(Weekday, "A day of the week."),
    },
    words={
        "may_judge": "whether the complainant can say now how satisfied they are",
        "next_deadline": "when the answer is due or, after it, the resolution; null when nothing is due",
        "bought_on": "on which day what it is about was bought; null when nobody said",
        "ComplaintIn.channel": "how the case came in, such as `line` or `web`; `visit` where a touch_id is given",
        "CaseDetailsOut.language": "in which language the complainant is told; null: as their contact says",
        "ComplaintIn.language": "in which language the complainant is told; as their contact says unless given",
        "reply_by": "by which channel the complainant likes to be told; null when nobody said",
        "solving": "how the complainant would like it solved; null when nobody said",
        "usage": "how what was bought was used; null when nobody said",
        "why": "why it happened, as the complainant sees it; null when nobody said",
        "accountable": "whom it is against: a person, a department's manager, who answers for a product; null: nobody",
        "accountable_id": "the staff member whom the case is against; null while nobody is",
        "proposed_at": "when it was proposed",
        "active": "whether it is in use",
        "against": "whom or what it is against; null when nobody said",
        "answer_within": "how long an answer may take: an ISO 8601 duration, in time of the calendar",
        "batch": "the batch of the product, as it stands on the pack; null when nobody said",
        "product": "the product of an adverse reaction or a batch, as it stands on the pack; null when nobody said",
        "symptoms": "what an adverse reaction shows: codes of `symptoms`, up to 20",
        "severity": "how bad an adverse reaction is; `mild` where symptoms are given alone, null without any",
        "reaction_on": "the day of the reaction; null when nobody said: then that of what happened counts",
        "calendar": "the calendar by which the clock runs; `always` is day and night",
        "channel": "how the case came in, such as `line` or `web`",
        "closed_at": "when this round was closed; null before",
        "code": "the code of the subject, such as `product`",
        "complainant": "who complains and where the answer reaches them; null when the customer stands for that",
        "contact": "where the answer reaches them: a phone number or an e-mail address",
        "*Case*.customer_id": "the customer; null when the complainant is nobody's customer",
        "approve": "whether it is approved",
        "decided_at": "when that was; null before",
        "done_at": "when it was done",
        "handler": "who of customer service follows the case; null when there is nobody",
        "good_faith": "whether it was meant in good faith; false: maliciously",
        "CaseDetailsOut.good_faith": "whether it was meant in good faith, as judged; null while nobody has judged it",
        "happened_at": "when that happened of which the case tells; null when nobody said",
        "id": "the id of the case (UUIDv7)",
        "AgainstIn.id": "the id of the person, department, brand or store; anything else goes by name",
        "Against*Out.id": "the id of the person, department, brand or store; null where it goes by name",
        "ColleagueOut.id": "the id of the staff member",
        "*Policy*.id": "the id of the policy (UUIDv7)",
        "kind": "what kind of case it is",
        "AgainstIn.name": "the name, where there is no id",
        "AgainstOut.name": "the name, as it was said; null where it goes by id",
        "Calendar*.name": "the calendar's name",
        "keep_calendar.name": "the calendar's name: lower-case letters, digits and underscores",
        "ColleagueOut.name": "the name by which the directory lists them; null while it does not",
        "Complainant*.name": "who complains",
        "name_en": "what it is called in English",
        "name_zh": "what it is called in Chinese",
        "paused": "whether the clock stands",
        "policy_id": "the clock policy",
        "purchase_id": "the purchase that it is about, as it was said (not looked up); null when nobody said",
        "WithdrawalIn.reason": "why the policy is taken back, 1 to 2,000 characters",
        "recorded_at": "when it was recorded: the clock started then",
        "*Link*.id": "the id of the link (UUIDv7)",
        "made_at": "when it was made",
        "made_by": "the staff member who made it",
        "other_id": "the other case",
        "other_number": "the number of the other case",
        "other_state": "how the other case stands",
        "parent_id": "the case whose child it is, which is not closed before it; null for most",
        "repeat": "the how-manieth of its kind in the month it is, and of which case",
        "resolved_at": "when this round was resolved; null before",
        "ResponsibleIn.staff_id": "the staff member who is responsible from now on",
        "started_at": "when the round began",
        "starts_at": "from when on it holds for what is recorded",
        "ClockPolicyIn.starts_at": "from when on it holds for what is recorded; now unless said",
        "ClockOut.pauses": "the times in which the round's clocks stood",
        "ClockPauseOut.started_at": "when it began",
        "state": "how the case stands (decision 14)",
        "subject": "what it is about: the code of a subject",
        "ClockPolicy*.subject": "only cases about this; null: any",
        "text": "what was said; null when nothing was",
        "CaseDetailsOut.text": "what the complainant said",
        "ComplaintIn.text": "what the complainant says, 1 to 10,000 characters",
        "tier": "the customer's tier; null when it is not known",
        "ClockPolicy*.tier": "only customers of this tier; null: any",
        "tracking_token": "with which the complainant follows the case at `track/{token}`, without a login",
        "AgainstIn.type": "what it is against; the company needs neither id nor name",
        "Against*Out.type": "what it is against",
        "valid": "whether the complaint is valid",
        "CaseDetailsOut.valid": "whether the complaint is valid, as judged; null while nobody has judged it",
        "verdict": "perceived over expected: below 1, 1, above 1",
        "version": "counts its versions from 1; the latest one is in force",
        "Calendar*.version": "counts its versions from 1; 0 is the built-in one that no policy has used yet",
        "week": "weekday → its working hours as `09:00-18:00`, half open; weekdays left out are off",
        "wish": "what the complainant asks for; null when nothing",
        "zone": "the IANA time zone in which its hours are those of the wall",
    },
)
