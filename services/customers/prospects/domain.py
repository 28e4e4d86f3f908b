"""A prospect (domain 2.7): who may become a customer, where from, whose, and what became of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from services.customers.archive.domain import CustomerKind, Profile
from services.customers.masking.domain import veil
from shared.errors import Conflict, Invalid, NotFound

ProspectState = Literal["open", "lost", "converted"]
"""What became of a prospect; converted: a customer."""
ProspectPursuit = Literal["open", "lost"]
"""Whether a prospect is still pursued: what people say; that it is a customer nobody says."""
PERSONAL: Final = ("name", "phones", "emails", "address")
"""What is personal, and masked as a customer's is."""


class ProspectNotFound(NotFound):
    slug = "prospect-not-found"
    title = "There is no such prospect"


class ProspectLost(Conflict):
    slug = "prospect-lost"
    title = "The prospect is lost"


class ProspectConverted(Conflict):
    slug = "prospect-converted"
    title = "The prospect is a customer by now"


class UnknownSource(Invalid):
    slug = "unknown-source"
    title = "There is no such source of prospects"


class SourceTaken(Conflict):
    slug = "source-taken"
    title = "A source has this code already"


class ReferralRefused(Invalid):
    slug = "referral-refused"
    title = "The referral cannot be right"


class ProspectReasonRefused(Invalid):
    slug = "prospect-reason-refused"
    title = "Who is lost has a reason, and nobody else has one"


@dataclass(frozen=True, slots=True)
class Source:
    """Where prospects come from; one that is `by_somebody` says who it was."""

    code: str
    name_en: str
    name_zh: str
    by_somebody: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """A prospect. Once it is a customer, all that is personal stands there, and nothing of it here."""

    id: UUID
    version: int
    kind: CustomerKind
    source: str
    referred_by_customer_id: UUID | None
    referred_by_prospect_id: UUID | None
    owner_id: UUID
    state: ProspectState
    customer_id: UUID | None
    entered_at: datetime
    entered_by: UUID
    name: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    address: str | None = None
    lost_reason: str | None = None
    updated_at: datetime | None = None
    """When it was changed last; None: it is as it was entered, or an older release changed it."""
    masked: tuple[str, ...] = ()

    def profile(self) -> Profile:
        """What the archive is told of the customer that it becomes."""
        return Profile(self.kind, self.name or "", phones=self.phones, emails=self.emails, address=self.address)

    def check_stands(self) -> None:
        """Raises ProspectConverted."""
        if self.state == "converted":
            raise ProspectConverted("change the customer that it became")

    def converted(self, customer_id: UUID) -> "Prospect":
        """The prospect once it is this customer, without what is personal. Raises ProspectLost."""
        if self.state == "lost":
            raise ProspectLost("set state to open first")
        return replace(
            self,
            version=self.version + 1,
            state="converted",
            customer_id=customer_id,
            name=None,
            phones=(),
            emails=(),
            address=None,
        )


@dataclass(frozen=True, slots=True)
class ProspectNote:
    """What somebody noted of a prospect."""

    id: UUID
    prospect_id: UUID
    text: str
    written_by: UUID
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Who has one of the phones already: one of both."""

    customer_id: UUID | None
    prospect_id: UUID | None


def changed(before: Prospect, said: Mapping[str, Any]) -> Prospect:
    """The prospect with what somebody says of it. Raises ProspectConverted, ProspectReasonRefused."""
    before.check_stands()
    after = replace(before, **said)
    if after.state == "open" and "lost_reason" not in said:
        after = replace(after, lost_reason=None)
    if (after.lost_reason is not None) != (after.state == "lost"):
        raise ProspectReasonRefused("say lost_reason with state: lost, and with nothing else", pointer="#/lost_reason")
    return after


def check_referral(prospect: Prospect, source: Source) -> None:
    """Raises ReferralRefused."""
    named = (prospect.referred_by_customer_id, prospect.referred_by_prospect_id)
    if prospect.id in named:
        raise ReferralRefused("nobody refers themself", pointer="#/referred_by_prospect_id")
    if None not in named:
        raise ReferralRefused("one refers, not two", pointer="#/referred_by_prospect_id")
    if source.by_somebody and named == (None, None):
        raise ReferralRefused("say who referred: a customer or a prospect", pointer="#/referred_by_customer_id")


P = TypeVar("P", bound=Prospect)


def unmasked(prospect: Prospect, seen: Collection[str]) -> bool:
    """Whether somebody who sees these personal fields in full sees any of the prospect so."""
    return any(getattr(prospect, name) for name in PERSONAL if name in seen)


def masked(prospect: P, seen: Collection[str]) -> P:
    """The prospect as somebody sees it who sees these personal fields in full."""
    hidden = tuple(name for name in PERSONAL if name not in seen and getattr(prospect, name))
    veiled: dict[str, Any] = {name: veil(name, getattr(prospect, name)) for name in hidden}
    return replace(prospect, **veiled, masked=hidden)
