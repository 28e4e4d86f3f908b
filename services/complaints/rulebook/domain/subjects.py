"""What a case can be about."""

from dataclasses import dataclass
from zlib import crc32

from shared.errors import Invalid


class UnknownSubject(Invalid):
    slug = "unknown-subject"
    title = "This subject is not in the table"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject; one that is out of use stays with the cases that have it."""

    code: str
    name_en: str
    name_zh: str
    active: bool

    @property
    def version(self) -> int:
        """What was read, as a number: a subject has no history, so its content is its version."""
        return crc32(f"{self.name_en}\n{self.name_zh}\n{self.active}".encode())
