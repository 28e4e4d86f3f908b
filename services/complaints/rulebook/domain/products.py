"""Who answers for a product that a complaint is against: for one by its name, or for any other (decision 17)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.complaints.rulebook.domain.names import folded


@dataclass(frozen=True, slots=True)
class ProductOwner:
    """A version: from `starts_at` on this person answers for the product; None as product means any other.

    None as `staff_id` means nobody: for a product by name, then, who answers for any other.
    """

    version: int
    product: str | None
    staff_id: UUID | None
    starts_at: datetime


class ProductOwners:
    """Who answers for which product now."""

    def __init__(self, versions: Iterable[ProductOwner] = ()) -> None:
        """From any versions, of which the latest of each product holds."""
        self._owners: Mapping[str | None, UUID] = MappingProxyType(
            {_key(each.product): each.staff_id for each in latest(versions) if each.staff_id is not None}
        )

    def of(self, product: str | None) -> UUID | None:
        """Who answers for the product by that name."""
        return self._owners.get(_key(product)) or self._owners.get(None)


def latest(versions: Iterable[ProductOwner]) -> list[ProductOwner]:
    """The version of each product that holds, by its name; the one for any other first."""
    holding = {_key(each.product): each for each in sorted(versions, key=lambda each: each.version)}
    return [holding[key] for key in sorted(holding, key=lambda key: (key is not None, key or ""))]


def _key(product: str | None) -> str | None:
    return folded(product) if product is not None else None


NOBODY: Final = ProductOwners()
