"""Who answers for a product that a complaint is against: for one by its name, or for any other (decision 17)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID


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
        """From the latest version of each product."""
        self._owners: Mapping[str | None, UUID] = MappingProxyType(
            {_key(each.product): each.staff_id for each in versions if each.staff_id is not None}
        )

    def of(self, product: str | None) -> UUID | None:
        """Who answers for the product by that name."""
        return self._owners.get(_key(product)) or self._owners.get(None)


def _key(product: str | None) -> str | None:
    """Names are compared without regard to case."""
    return product.casefold() if product is not None else None


NOBODY: Final = ProductOwners()
