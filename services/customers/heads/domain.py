"""The head of a customer: the narrow row that everything known of it hangs on."""

from dataclasses import dataclass

from shared.contracts.customers import Tier


@dataclass(frozen=True, slots=True)
class Head:
    """A customer's version and standing tier."""

    version: int
    tier: Tier
