"""The head of a customer: the narrow row that everything known of it hangs on."""

from dataclasses import dataclass

from shared.contracts.customers import Tier
from shared.errors import Conflict


class Erased(Conflict):
    """Nothing is entered of who was erased; figures of the business alone go on."""

    slug = "person-erased"
    title = "This person was erased"


@dataclass(frozen=True, slots=True)
class Head:
    """A customer's version and standing tier."""

    version: int
    tier: Tier
