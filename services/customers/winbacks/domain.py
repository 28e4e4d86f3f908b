"""Winning a customer back (domain 2.6, examples 22): what is done by tier, what may be offered, and what came of it.

A: everything is done. B and C: it is tried. D: when it is cheap. Whoever left in malice, or bought nothing, is let go.
Times and shares are those of the policy's version under which a case was opened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from services.customers.losses.domain import Left, Loss
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind
from shared.contracts.winbacks import DismissalMeans
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.money import CENT

EndOfTrying: TypeAlias = Literal["returned", "not_returned"]
Outcome: TypeAlias = Literal["returned", "not_returned", "dismissed"]
TIERS: Final[tuple[Tier, ...]] = ("A", "B", "C", "D")
APPROVERS: Final = ("cs_manager", "sales_manager", "general_manager")
"""Who approves an offer above the limit, or a dismissal."""
OBSERVED: Final = 90
"""So many days a customer that has returned is observed, unless a policy says otherwise.†"""
TENTH: Final = Decimal("0.1")


class WinbackNotFound(NotFound):
    slug = "no-such-winback"
    title = "There is no such win-back case"


class WinbackOpen(Conflict):
    slug = "winback-open"
    title = "Somebody is winning this customer back already"


class WinbackEnded(Conflict):
    slug = "winback-ended"
    title = "The win-back case has ended"


class LetGo(Invalid):
    """Malicious or worthless (domain 2.6)."""

    slug = "let-go"
    title = "This customer is not won back"


class OfferDecided(Conflict):
    slug = "offer-decided"
    title = "No offer waits for a decision"


class OwnOffer(Forbidden):
    slug = "own-decision"
    title = "Nobody approves what they asked for"


class UnknownApprover(Invalid):
    slug = "unknown-approver"
    title = "This colleague approves no such thing"


class ChurnUnsaid(Invalid):
    slug = "churn-unsaid"
    title = "It is not said how and why this customer left"


class WinbackPolicyRefused(Invalid):
    slug = "winback-policy-refused"
    title = "This policy cannot hold"


class OfferState(StrEnum):
    """How what is offered stands."""

    NONE = "none"
    AWAITS_APPROVAL = "awaits_approval"
    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TierTerms:
    """What is done for a tier: within how many hours somebody calls, within how many days a manager visits, within how
    many days a message goes out (None: not at all); which share of the yearly margin may be offered; within how many
    days a case is opened (None: nobody said, `owed_winbacks` has what holds then)."""

    call_hours: int | None
    visit_days: int | None
    message_days: int | None
    share: Decimal
    case_days: int | None = None


@dataclass(frozen=True, slots=True)
class WinbackPolicy:
    """A version of the policy. `margin` is what is left of a purchase until costs are known, as a part of it;
    `days` is how long a case takes at most, `observed_days` how long who has returned is observed."""

    version: int
    terms: Mapping[Tier, TierTerms]
    margin: Decimal
    days: int
    observed_days: int
    id: UUID
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], **by_whom: Any) -> "WinbackPolicy":
        """From its row, in which shares are texts. The first versions did not say how long somebody is observed."""
        terms = {tier: _terms(definition["terms"][tier]) for tier in TIERS}
        lengths = definition["days"], definition.get("observed_days", OBSERVED)
        return cls(version, terms, Decimal(definition["margin"]), *lengths, **by_whom)

    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        terms = {tier: {**asdict(each), "share": str(each.share)} for tier, each in self.terms.items()}
        lengths = {"days": self.days, "observed_days": self.observed_days}
        return {"terms": terms, "margin": str(self.margin), **lengths}


def _terms(kept: Mapping[str, Any]) -> TierTerms:
    return TierTerms(share=Decimal(kept["share"]), **{name: kept.get(name) for name in _TIMES})


_TIMES: Final = ("call_hours", "visit_days", "message_days", "case_days")


@dataclass(frozen=True, slots=True)
class Winback:
    """A case: why somebody left, what may be and is offered, who cares for it until when, and what came of it.

    `words` are sealed. Amounts in CNY. `loss_id`: because of which loss it was opened, if any.
    """

    id: UUID
    version: int
    customer_id: UUID
    tier: Tier
    kind: ChurnKind
    cause: str
    yearly: Decimal
    offer_limit: Decimal
    policy_version: int
    opened_at: datetime
    opened_by: UUID
    assignee_id: UUID | None
    call_due_at: datetime | None
    visit_due_at: datetime | None
    message_due_at: datetime | None
    deadline: datetime
    offer: Decimal | None = None
    offer_state: OfferState = OfferState.NONE
    offer_words: bytes | None = None
    offered_by: UUID | None = None
    decided_by: UUID | None = None
    outcome: Outcome | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    approver_id: UUID | None = None
    end_words: bytes | None = None
    observed_until: datetime | None = None
    means: DismissalMeans | None = None
    loss_id: UUID | None = None
    corrected_from: Outcome | None = None
    corrected_at: datetime | None = None
    corrected_by: UUID | None = None
    correction_words: bytes | None = None
    updated_at: datetime | None = None
    """When it was changed last; None: it is as it was opened, or an older release changed it."""

    def check_open(self) -> None:
        """Raises WinbackEnded."""
        if self.outcome is not None:
            raise WinbackEnded("it has its outcome; should the customer leave again, open another one")

    def offered(self, amount: Decimal, words: bytes, by: UUID) -> "Winback":
        """With what is offered: up to the limit it is agreed, above it somebody has to approve. Raises WinbackEnded."""
        self.check_open()
        state = OfferState.AGREED if amount <= self.offer_limit else OfferState.AWAITS_APPROVAL
        return self._next(offer=amount, offer_state=state, offer_words=words, offered_by=by, decided_by=None)

    def decided(self, approve: bool, by: UUID) -> "Winback":
        """With the word on an offer above the limit. Raises WinbackEnded, OfferDecided, OwnOffer."""
        self.check_open()
        if self.offer_state is not OfferState.AWAITS_APPROVAL:
            raise OfferDecided("nothing is offered above the limit, or it is decided")
        if by == self.offered_by:
            raise OwnOffer("somebody else approves it")
        return self._next(offer_state=OfferState.AGREED if approve else OfferState.REFUSED, decided_by=by)

    def ended(
        self,
        outcome: Outcome,
        at: datetime,
        by: UUID,
        words: bytes | None,
        *,
        observed_days: int = OBSERVED,
        approver_id: UUID | None = None,
        means: DismissalMeans | None = None,
    ) -> "Winback":
        """With its outcome; who has returned is observed for a while. Raises WinbackEnded."""
        self.check_open()
        observed = at + timedelta(days=observed_days) if outcome == "returned" else None
        return self._next(
            outcome=outcome, ended_at=at, ended_by=by, end_words=words, approver_id=approver_id,
            observed_until=observed, means=means,
        )  # fmt: skip

    def owned(self, assignee_id: UUID) -> "Winback":
        """In somebody else's care. Raises WinbackEnded."""
        self.check_open()
        return self if assignee_id == self.assignee_id else self._next(assignee_id=assignee_id)

    def _next(self, **changes: Any) -> "Winback":
        return replace(self, version=self.version + 1, **changes)


def said_of(loss: Loss | None, kind: ChurnKind | None, cause: str | None) -> tuple[ChurnKind, str]:
    """How and why somebody left: as it is said now, else as it is said of the loss. Raises LetGo for malice, whose
    cause nobody needs and which a case does not overrule, and ChurnUnsaid."""
    if loss is not None:
        if loss.kind == "malicious":
            raise LetGo("its loss is said to be of malice: put that right before", pointer="#/customer_id")
        kind, cause = kind or loss.kind, cause or loss.cause
    if kind == "malicious":
        raise LetGo("who left in malice is let go", pointer="#/kind")
    if kind is None:
        raise ChurnUnsaid("say how it left: nobody has yet", pointer="#/kind")
    if cause is None:
        raise ChurnUnsaid("say why it left: nobody has yet", pointer="#/cause")
    return kind, cause


def opened(
    id_: UUID,
    left: Left,
    kind: ChurnKind,
    cause: str,
    policy: WinbackPolicy,
    *,
    at: datetime,
    by: UUID,
    assignee_id: UUID | None,
) -> Winback:
    """A new case by the terms of the customer's tier. Raises LetGo for who bought nothing."""
    if left.yearly <= 0:
        raise LetGo("it bought nothing in the year before it left", pointer="#/customer_id")
    terms = policy.terms[left.tier]
    return Winback(
        id_, 1, left.customer_id, left.tier, kind, cause, left.yearly,
        offer_limit(left.yearly, policy.margin, terms.share), policy.version, at, by, assignee_id,
        call_due_at=None if terms.call_hours is None else at + timedelta(hours=terms.call_hours),
        visit_due_at=None if terms.visit_days is None else at + timedelta(days=terms.visit_days),
        message_due_at=None if terms.message_days is None else at + timedelta(days=terms.message_days),
        deadline=at + timedelta(days=policy.days),
    )  # fmt: skip


def offer_limit(yearly: Decimal, margin: Decimal, share: Decimal) -> Decimal:
    """What may be offered without asking anybody: a share of the yearly margin, in CNY, cut to cents."""
    return (yearly * margin * share).quantize(CENT, ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Rates:
    """What came of cases that have ended, and of a hundred customers that were tried how many returned."""

    ended: int = 0
    returned: int = 0
    not_returned: int = 0
    dismissed: int = 0

    @property
    def rate(self) -> Decimal | None:
        """In percent with one place, half up; who was dismissed is not counted. None where nothing is to be counted."""
        tried = self.returned + self.not_returned
        return (Decimal(100 * self.returned) / tried).quantize(TENTH, ROUND_HALF_UP) if tried else None


def total(parts: Iterable[Rates]) -> Rates:
    """The sum of some rates."""
    each = list(parts)
    return Rates(*(sum(getattr(one, field.name) for one in each) for field in fields(Rates)))


def check_policy(policy: WinbackPolicy) -> None:
    """Raises WinbackPolicyRefused where a better tier may be offered less."""
    for better, worse in pairwise(TIERS):
        if policy.terms[better].share < policy.terms[worse].share:
            raise WinbackPolicyRefused("a better tier is offered at least as much", pointer=f"#/terms/{better}/share")
