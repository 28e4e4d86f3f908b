"""How completely archives are kept, by person or by department."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

KeptBy: TypeAlias = Literal["person", "department"]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What somebody keeps: how many archives, their mean figures, and how many are below what is asked."""

    id: UUID
    name: str
    department_id: UUID | None
    customers: int
    basic: Decimal | None
    traits: Decimal | None
    relations: Decimal | None
    finance: Decimal | None
    total: Decimal | None
    below: int
