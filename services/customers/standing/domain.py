"""How complete an archive is (domain 2.1): four parts, each the sum of the weights of what is filled, and a total.

What is filled is kept as bits, a field each, and the first says that the customer is a person: stores and persons are
judged by other weights. Who changes fields or weights counts `VERSION` up, and every archive is judged anew; a field
that goes leaves its place.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, Literal, TypeAlias

ArchiveField: TypeAlias = Literal[
    "name", "phones", "address", "region_id", "external_no", "emails", "size_m2", "staff_count", "opened_on", "funds",
    "shelf_share", "preferences", "needs", "owner", "people", "who_decides", "who_pays", "dates", "birthday",
    "credit_limit", "invoices", "legal_name", "licence_no", "credit_rating",
]  # fmt: skip
"""What an archive may have: what counts, and what stands beside."""
VERSION: Final = 1
"""Of the weights: archives judged by another one are judged anew."""
PERSON: Final = 1
"""The bit of a person."""


class Part(StrEnum):
    """A part of the archive."""

    BASIC = "basic"
    TRAITS = "traits"
    RELATIONS = "relations"
    FINANCE = "finance"


PARTS: Final[Mapping[Part, int]] = {Part.BASIC: 40, Part.TRAITS: 20, Part.RELATIONS: 20, Part.FINANCE: 20}
"""What each part counts for in the total, in hundredths."""


@dataclass(frozen=True, slots=True)
class Field:
    """What an archive may have, and what it counts for in its part: of a store, of a person; in hundredths."""

    name: ArchiveField
    part: Part
    of_store: int
    of_person: int


FIELDS: Final = (
    Field("name", Part.BASIC, 25, 25),
    Field("phones", Part.BASIC, 25, 35),
    Field("address", Part.BASIC, 20, 15),
    Field("region_id", Part.BASIC, 20, 15),
    Field("external_no", Part.BASIC, 5, 0),
    Field("emails", Part.BASIC, 5, 10),
    Field("size_m2", Part.TRAITS, 20, 0),
    Field("staff_count", Part.TRAITS, 20, 0),
    Field("opened_on", Part.TRAITS, 20, 0),
    Field("funds", Part.TRAITS, 10, 0),
    Field("shelf_share", Part.TRAITS, 10, 0),
    Field("preferences", Part.TRAITS, 10, 50),
    Field("needs", Part.TRAITS, 10, 50),
    Field("owner", Part.RELATIONS, 25, 0),
    Field("people", Part.RELATIONS, 25, 0),
    Field("who_decides", Part.RELATIONS, 20, 0),
    Field("who_pays", Part.RELATIONS, 15, 0),
    Field("dates", Part.RELATIONS, 15, 40),
    Field("birthday", Part.RELATIONS, 0, 60),
    Field("credit_limit", Part.FINANCE, 50, 50),
    Field("invoices", Part.FINANCE, 50, 50),
    Field("legal_name", Part.BASIC, 0, 0),
    Field("licence_no", Part.BASIC, 0, 0),
    Field("credit_rating", Part.FINANCE, 0, 0),
)
"""In the order of their bits: the first one's is 2. New ones come at the end. What counts nothing is shown beside."""
BITS: Final[Mapping[str, int]] = {field.name: 1 << place for place, field in enumerate(FIELDS, start=1)}
IN_ARCHIVE: Final = (
    "name", "phones", "address", "region_id", "external_no", "emails", "opened_on", "birthday", "legal_name",
    "licence_no", "credit_rating",
)  # fmt: skip
IN_TRAITS: Final = ("size_m2", "staff_count", "funds", "shelf_share", "preferences", "needs")


@dataclass(frozen=True, slots=True)
class Figures:
    """How complete an archive is, its parts and in all, 0 to 100; `missing` is what counts and is not there,
    `uncounted` what is not there and counts for nobody."""

    basic: int
    traits: int
    relations: int
    finance: int
    total: int
    missing: tuple[ArchiveField, ...]
    uncounted: tuple[ArchiveField, ...]


def bits_of(filled: Collection[str], kind: Literal["store", "person"] = "store") -> int:
    """What is filled, as it is kept."""
    return sum(BITS[name] for name in filled) + (PERSON if kind == "person" else 0)


@cache
def figures(bits: int) -> Figures:
    """How complete an archive is in which this is filled: the total is the weighted mean of the parts, half up.

    Archives fill the same few fields, so it is remembered.
    """
    person = bool(bits & PERSON)
    weights = {field: field.of_person if person else field.of_store for field in FIELDS}
    parts = {
        part: sum(weight for field, weight in weights.items() if field.part is part and bits & BITS[field.name])
        for part in Part
    }
    total = (sum(PARTS[part] * figure for part, figure in parts.items()) + 50) // 100
    missing = tuple(field.name for field, weight in weights.items() if weight and not bits & BITS[field.name])
    beside = tuple(each.name for each in FIELDS if not (each.of_store or each.of_person or bits & BITS[each.name]))
    return Figures(
        parts[Part.BASIC], parts[Part.TRAITS], parts[Part.RELATIONS], parts[Part.FINANCE], total, missing, beside
    )
