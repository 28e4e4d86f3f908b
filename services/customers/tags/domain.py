"""Tags of customers: words of the company, which name nobody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.customers.notes.domain import NotTheAuthor
from shared.auth.principal import ADMINISTRATION, Principal
from shared.errors import Conflict, Invalid, NotFound

FIELD: Final = "tag"
"""How the history calls a tag."""
MOST: Final = 50
"""Tags of a customer."""
_FEWEST_DIGITS_OF_A_PHONE: Final = 7


class TagNotFound(NotFound):
    slug = "tag-not-found"
    title = "The customer has no such tag"


class TagRefused(Invalid):
    slug = "tag-refused"
    title = "This is no tag"


class TooManyTags(Conflict):
    slug = "too-many-tags"
    title = "A customer has fifty tags at most"


@dataclass(frozen=True, slots=True)
class CustomerTag:
    """A tag that a customer has."""

    tag: str
    tagged_by: UUID
    tagged_at: datetime

    def check_author(self, caller: Principal) -> None:
        """Raises NotTheAuthor."""
        if caller.id != self.tagged_by and not caller.has(ADMINISTRATION):
            raise NotTheAuthor("ask who set the tag, or administration")


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, and how many customers have it."""

    tag: str
    customers: int


def check(tag: str) -> None:
    """Raises TagRefused for what is a phone number or an e-mail address: tags are kept in the open."""
    if "@" in tag or sum(each.isdigit() for each in tag) >= _FEWEST_DIGITS_OF_A_PHONE:
        raise TagRefused("a tag is kept in the open: no phone number, no e-mail address", pointer="#/tag")
