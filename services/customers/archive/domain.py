"""The archive of a customer, how it is searched, and who sees what of it (domain 2.1)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from services.customers.changes.domain import Change
from services.customers.credit.domain import CreditRating
from services.customers.early_warnings.domain.warnings import ReadWarning
from services.customers.heads.domain import Erased
from services.customers.masking.domain import OF_CUSTOMERS, veil
from services.customers.standing.domain import BITS, IN_ARCHIVE, Figures, bits_of, figures
from services.customers.teams.domain import Colleague
from services.customers.worth.domain.standing import Standing
from shared.contracts.customers import Tier
from shared.contracts.worth import Level, Stage, StoreSize, ValueLevel
from shared.errors import Conflict, Forbidden, Invalid
from shared.languages import Language
from shared.months import FIRST_YEAR, Month

CustomerKind = Literal["store", "person"]
OPENS_WITHIN = timedelta(days=366)
"""How far ahead the day lies at most on which a store opens."""


class ExternalNoTaken(Conflict):
    slug = "external-no-taken"
    title = "The external number belongs to another customer"


class FiltersContradict(Invalid):
    slug = "filters-contradict"
    title = "These filters contradict each other"


class FilterNotShown(Forbidden):
    slug = "filter-not-shown"
    title = "Nobody narrows a list by what they are not shown"


class DateRefused(Invalid):
    slug = "date-refused"
    title = "The date cannot be right"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is kept of a customer. Phones are in E.164, perhaps with `;ext=`; a store's name is its trading name."""

    kind: CustomerKind
    name: str
    external_no: str | None = None
    region_id: UUID | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    language: Language = "zh-CN"
    time_zone: str | None = None
    address: str | None = None
    birthday: date | None = None
    opened_on: date | None = None
    legal_name: str | None = None
    licence_no: str | None = None
    credit_rating: CreditRating | None = None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be registered; `registered_at` may lie in the past when a business is taken over."""

    id: UUID
    profile: Profile
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as it stands. `masked` names the fields that the reader does not see in full."""

    id: UUID
    version: int
    tier: Tier
    stage: Stage
    registered_at: datetime
    profile: Profile
    masked: tuple[str, ...] = ()
    owner_id: UUID | None = None
    """Whose store it is, where that is known."""
    filled: int | None = None
    """What of the archive is filled, as bits; None before it has been judged."""

    @property
    def completeness(self) -> Figures | None:
        """How complete the archive is; None before it has been judged."""
        return None if self.filled is None else figures(self.filled)

    erased_at: datetime | None = None

    def check_stands(self) -> None:
        """Raises Erased."""
        if self.erased_at is not None:
            raise Erased("register them anew, should they come back")

    def emptied(self, at: datetime) -> "Customer":
        """Who was erased at that moment: number, region and figures stay."""
        profile = Profile("person", "", self.profile.external_no, self.profile.region_id)
        return replace(self, version=self.version + 1, profile=profile, erased_at=at)


Sort: TypeAlias = Literal["registered", "name", "tier", "last_purchase", "month_sum", "updated"]
"""In which order customers are listed."""
SortDirection: TypeAlias = Literal["up", "down"]
FALLING: Final[frozenset[Sort]] = frozenset({"last_purchase", "month_sum", "updated"})
"""What goes down by itself: the latest or largest first."""


def turned(sort: Sort, direction: SortDirection | None) -> bool:
    """Whether an order goes the other way than by itself."""
    return direction is not None and direction != ("down" if sort in FALLING else "up")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to."""

    tier: Tier | None = None
    region_id: UUID | None = None
    """This region, and those in it."""
    stage: str | None = None
    external_no: str | None = None
    kind: CustomerKind | None = None
    owner_id: UUID | None = None
    served_by: UUID | None = None
    """Who is of the account team."""
    bought_since: datetime | None = None
    query: str | None = None
    """Part of a store's name or of how it sounds; a number, phone, e-mail or person's name exactly; or how a tag
    begins."""
    viewer: UUID | None = None
    """Whose customers only are listed; None: all."""
    tag: str | None = None
    updated_since: datetime | None = None
    loyalty: Level | None = None
    credit: Level | None = None
    size: StoreSize | None = None
    value: ValueLevel | None = None
    warned: bool | None = None
    """Whether a warning is open."""


WEIGHED: Final = ("updated_since", "loyalty", "credit", "size", "value", "warned")
"""By what is narrowed as it turns out: few are found first, many are met in any order."""
Place: TypeAlias = Sequence[Any]
"""Where a page goes on: the key of its order as text, or None, and the id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a list: of whom, in which order, where it begins, how many to read; `turned` is the other way round."""

    filters: Filters
    sort: Sort
    after: Place | None
    most: int
    turned: bool = False

    @property
    def by_id(self) -> bool:
        """Whether it is the order of registration, narrowed by nothing that may leave few of very many."""
        weighed = any(getattr(self.filters, name) is not None for name in WEIGHED)
        return self.sort == "registered" and not self.turned and not weighed


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer in a list: with when it was changed and bought last, and what the last month with a purchase came to
    (CNY as paid, net of returns). `place` is where it stands in the order of the list."""

    customer: Customer
    region_name: str | None
    updated_at: datetime
    last_purchase_at: datetime | None
    month: Month | None
    month_sum: Decimal | None
    place: tuple[Any, ...]

    @property
    def id(self) -> UUID:
        return self.customer.id


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a customer's own fields: names of what has an id, the team by role, the last change."""

    region_name: str | None
    owner_name: str | None
    team: Mapping[str, Colleague]
    updated_at: datetime
    standing: Standing
    warned: ReadWarning | None
    potential: Decimal | None = None
    """What staff say it could buy a month, CNY; None where nobody said."""
    limit_use: Decimal | None = None


IN_DIRECTORY = frozenset({"name", "external_no", "region_id"})
"""What of a store the directory lists."""
IN_CONTACTS = frozenset({"name", "phones", "emails", "language", "time_zone", "birthday"})
"""What travels on the topic of contacts."""


def changed_fields(before: Profile, after: Profile) -> list[str]:
    """The names of what differs, in the order of the profile."""
    return [f.name for f in fields(Profile) if getattr(before, f.name) != getattr(after, f.name)]


def changes_of(before: Customer, after: Customer) -> list[str]:
    """The names of what differs: fields of the profile, and `registered_at`."""
    moved = ["registered_at"] if before.registered_at != after.registered_at else []
    return changed_fields(before.profile, after.profile) + moved


def filled(profile: Profile) -> list[str]:
    """What of the archive is filled; a store that an import has named by its number has no name yet."""
    named = profile.name != profile.external_no
    return [name for name in IN_ARCHIVE if getattr(profile, name) and (named or name != "name")]


def filled_after(before: Customer, profile: Profile) -> int | None:
    """What is filled once the profile is this one."""
    others = None if before.filled is None else before.filled & ~sum(BITS[name] for name in IN_ARCHIVE)
    return None if others is None else others | bits_of(filled(profile))


def history_of(before: Customer, after: Customer, changed: Iterable[str]) -> list[Change]:
    """What the history keeps of a change of these fields."""
    personal = OF_CUSTOMERS[after.profile.kind]
    return [Change(name, _value(before, name), _value(after, name), personal=name in personal) for name in changed]


def _value(customer: Customer, name: str) -> Any:
    return customer.registered_at if name == "registered_at" else getattr(customer.profile, name)


def check_dates(profile: Profile, registered_at: datetime, now: datetime, zone: tzinfo) -> None:
    """Raises DateRefused for births and registrations in the future, openings more than a year ahead, and for
    registrations before 1990.

    Days are those of the company's zone.
    """
    check_registration(registered_at, now, zone)
    check_days(profile, now.astimezone(zone).date())


def check_registration(registered_at: datetime, now: datetime, zone: tzinfo) -> None:
    """Raises DateRefused."""
    if registered_at > now:
        raise DateRefused("nobody is registered in the future", pointer="#/registered_at")
    if registered_at.astimezone(zone).year < FIRST_YEAR:
        raise DateRefused(f"it lies before {FIRST_YEAR}", pointer="#/registered_at")


def check_days(profile: Profile, today: date) -> None:
    """Raises DateRefused."""
    if profile.birthday is not None and profile.birthday > today:
        raise DateRefused("nobody is born in the future", pointer="#/birthday")
    if profile.opened_on is not None and profile.opened_on > today + OPENS_WITHIN:
        raise DateRefused("a store opens within a year", pointer="#/opened_on")


def unmasked(customer: Customer, seen: Collection[str]) -> bool:
    """Whether somebody who sees these personal fields in full sees any of the customer so."""
    return any(getattr(customer.profile, name) for name in OF_CUSTOMERS[customer.profile.kind] if name in seen)


def masked(customer: Customer, seen: Collection[str]) -> Customer:
    """The customer as somebody sees it who sees these personal fields in full."""
    hidden = [name for name in OF_CUSTOMERS[customer.profile.kind] if name not in seen]
    if not hidden:
        return customer
    veiled = {name: veil(name, getattr(customer.profile, name)) for name in hidden}
    shown = tuple(name for name in hidden if getattr(customer.profile, name))
    return replace(customer, profile=replace(customer.profile, **veiled), masked=shown)
