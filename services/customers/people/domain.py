"""The people of a store (domain 1, 2.1): owner, manager, beautician and others; who decides, who pays, who uses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from services.customers.changes.domain import Change
from services.customers.masking.domain import veil
from shared.errors import Conflict, Invalid, NotFound
from shared.languages import Language

Job = Literal["owner", "manager", "beautician", "reception", "buyer", "accountant", "other"]
"""What somebody is in the store."""
Means = Literal["phone", "sms", "email", "letter", "social"]
"""By which somebody would rather be reached."""
Education = Literal["school", "vocational", "college", "bachelor", "master", "doctorate"]
Income = Literal["below_5000", "from_5000", "from_10000", "from_20000", "from_50000"]
"""CNY a month."""


class PersonNotFound(NotFound):
    slug = "person-not-found"
    title = "There is no such person in the store"


class UnknownPerson(Invalid):
    slug = "unknown-person"
    title = "Nobody of the people of stores has this id"


class StoresAlone(Conflict):
    slug = "stores-alone"
    title = "Stores have people; this customer is a person"


class LeavingRefused(Invalid):
    slug = "leaving-refused"
    title = "Nobody has left in the future"


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of somebody beside how they are reached; all of it is personal."""

    occupation: str | None = None
    income: Income | None = None
    education: Education | None = None
    managing: str | None = None
    """How they manage."""
    family: str | None = None
    tastes: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a store. Phones are in E.164; `masked` names the fields that the reader does not see in full."""

    id: UUID
    version: int
    customer_id: UUID
    name: str
    job: Job
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    decides: bool = False
    pays: bool = False
    uses: bool = False
    language: Language = "zh-CN"
    means: Means | None = None
    traits: Traits = Traits()
    left_on: date | None = None
    """Since when they are in the store no more; None: they are."""
    updated_at: datetime | None = None
    """When they were entered or changed last; None: by an older release."""
    masked: tuple[str, ...] = ()


CONTACTS_SHOWN: Final = 10
"""People of a store who are shown while it calls."""
TRAITS: Final = tuple(field.name for field in fields(Traits))
NEEDED: Final[Mapping[str, str]] = {"name": "name", "phones": "phones", "emails": "emails", "traits": "birthday"}
"""Personal field -> the field of a customer's that is seen by the same: traits are for who keeps up relations."""


def changed(person: Person, said: Mapping[str, Any]) -> Person:
    """The person with what somebody says of them; traits are said one by one."""
    traits = {name: value for name, value in said.items() if name in TRAITS}
    others = {name: value for name, value in said.items() if name not in TRAITS}
    return replace(person, **others, traits=replace(person.traits, **traits))


IN_HISTORY: Final = ("name", "phones", "emails", "job", "decides", "pays", "uses", "language", "means", "left_on")
"""What the store's history keeps of somebody, beside their traits."""
PREFIX: Final = "person."
"""Before what is known of somebody: how the history calls it."""
_UNSAID: Final = (None, (), False)


def history_of(before: Person | None, after: Person) -> list[Change]:
    """What the store's history keeps of somebody who was entered (there was nobody before), or changed. All of it is
    sealed for them, whoever may see it: it goes with them."""
    was = {} if before is None else _flat(before)
    now = {name: value for name, value in _flat(after).items() if before is not None or value not in _UNSAID}
    return [
        Change(PREFIX + name, was.get(name), value, about=after.id, personal=True)
        for name, value in now.items()
        if before is None or was[name] != value
    ]


def removal_of(id_: UUID, at: datetime) -> Change:
    """That somebody was removed: what was known of them is gone."""
    return Change(f"{PREFIX}removed_at", None, at, about=id_)


def _flat(person: Person) -> dict[str, Any]:
    traits = {name: getattr(person.traits, name) for name in TRAITS}
    return {**{name: getattr(person, name) for name in IN_HISTORY}, **traits}


def check(person: Person, today: date) -> None:
    """Raises LeavingRefused."""
    if person.left_on is not None and person.left_on > today:
        raise LeavingRefused("enter it when they have left", pointer="#/left_on")


def unmasked(person: Person, seen: Collection[str]) -> bool:
    """Whether somebody who sees these personal fields in full sees any of the person so."""
    return any(like in seen and _said(person, name) for name, like in NEEDED.items())


def masked(person: Person, seen: Collection[str]) -> Person:
    """The person as somebody sees them who sees these personal fields in full."""
    hidden = [name for name, like in NEEDED.items() if like not in seen and _said(person, name)]
    veiled: dict[str, Any] = {
        name: Traits() if name == "traits" else veil(name, getattr(person, name)) for name in hidden
    }
    return replace(person, **veiled, masked=tuple(hidden))


def masked_fields(person: Person, seen: Collection[str]) -> set[str]:
    """The fields of which that is so; each trait is one."""
    names = set(masked(person, seen).masked)
    return names.union(TRAITS) if "traits" in names else names


def _said(person: Person, name: str) -> bool:
    value = getattr(person, name)
    return value != Traits() if name == "traits" else bool(value)
