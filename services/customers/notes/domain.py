"""A note of a customer: who wrote it, and who may change it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.customers.masking.domain import NEEDED_BY
from shared.auth.principal import ADMINISTRATION, Principal
from shared.errors import Forbidden, NotFound
from shared.purposes import needing

FIELD: Final = "note"
"""How the history calls a note."""


class NoteNotFound(NotFound):
    slug = "note-not-found"
    title = "The customer has no such note"


class NotTheAuthor(Forbidden):
    slug = "not-the-author"
    title = "A note is changed by who wrote it, or by administration"


class NotesNotRead(Forbidden):
    slug = "notes-not-read"
    title = "The caller's role, or the purpose that is stated, does not read notes"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it stands; `author` is what the directory calls who wrote it."""

    id: UUID
    version: int
    customer_id: UUID
    text: str
    written_by: UUID
    written_at: datetime
    changed_at: datetime | None = None
    author: str | None = None

    def check_author(self, caller: Principal) -> None:
        """Raises NotTheAuthor."""
        if caller.id != self.written_by and not caller.has(ADMINISTRATION):
            raise NotTheAuthor("ask who wrote it, or administration")


def check_reader(seen: Collection[str]) -> None:
    """Notes are for who sees words in full: what is said of a customer may name anybody. Raises NotesNotRead."""
    if "words" not in seen:
        roles, purposes = (", ".join(sorted(each)) for each in (NEEDED_BY["words"], needing("words")))
        raise NotesNotRead(f"notes are read by: {roles}; where a purpose is stated, for: {purposes}")
