"""The head of a customer: the narrow row that everything known of it hangs on."""

from dataclasses import dataclass

from shared.contracts.customers import Tier
from shared.errors import NotFound


class CustomerNotFound(NotFound):
    slug = "customer-not-found"
    title = "There is no such customer"


@dataclass(frozen=True, slots=True)
class Head:
    """A customer's version and standing tier."""

    version: int
    tier: Tier
