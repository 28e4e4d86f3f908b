"""What somebody who answers a call needs to know of the caller (domain 2.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.customers.archive.domain import Customer
from services.customers.cases.domain import OpenCase
from services.customers.promises.domain import Promise
from services.customers.purchases.domain import Purchase
from shared.errors import NotFound


class CallerNotFound(NotFound):
    slug = "unknown-caller"
    title = "Nobody is known by this number"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the account team, by work name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ScreenPop:
    """Who calls, the team by role, the latest purchases, open cases, promises, and who else has the number."""

    customer: Customer
    team: dict[str, Colleague]
    purchases: Sequence[Purchase]
    others: Sequence[Customer]
    cases: list[OpenCase]
    promises: list[Promise]
