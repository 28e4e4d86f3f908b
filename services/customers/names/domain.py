"""What an id stands for, as somebody may see it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.customers.masking.domain import veil

NamedKind: TypeAlias = Literal[
    "staff", "department", "brand", "region", "competitor", "customer", "owner", "person", "prospect"
]
MOST: Final = 500
"""Ids of one request."""


@dataclass(frozen=True, slots=True)
class Named:
    """An id with its name. `personal`: it is that of a person (or of a prospect), and not a trading name."""

    id: UUID
    kind: NamedKind
    name: str
    personal: bool


def as_asked(found: Iterable[Named], ids: Iterable[UUID], gone: Mapping[UUID, UUID]) -> list[Named]:
    """Of each id that was asked for what it stands for; `gone` says as whom merged customers go on."""
    named = {each.id: each for each in found}
    asked = {id_: named.get(gone.get(id_, id_)) for id_ in ids}
    return [replace(each, id=id_) for id_, each in asked.items() if each is not None]


def shown(named: Named, seen: Collection[str]) -> Named:
    """As somebody sees it who sees these personal fields in full."""
    if not named.personal or "name" in seen:
        return named
    return replace(named, name=veil("name", named.name))
