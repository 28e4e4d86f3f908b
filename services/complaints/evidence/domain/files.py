"""Evidence of a case: files that staff and the complainant add (domain 3.1)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.complaints.evidence.domain.kinds import MediaType, ending_of
from shared.errors import Busy, Conflict, DomainError, ErrorKind, Invalid, NotFound
from shared.texts import fold

MOST_IN_A_CASE: Final = 100
"""Files that a case has at most; of these the complainant may add 20."""
MOST_BY_COMPLAINANT: Final = 20
PIECE: Final = 1 << 18
"""Bytes of a content that are read, sealed and stored together."""
UNFINISHED_FOR: Final = timedelta(hours=1)
"""After which what was begun and never kept is removed."""
_LONGEST_NAME: Final = 120
_LONGEST_ENDING: Final = 10
_NOT_IN_A_NAME: Final = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029/\\:*?"<>|]')


class FileNotFound(NotFound):
    slug = "no-such-file"
    title = "There is no such file"


class FileEmpty(Invalid):
    slug = "file-empty"
    title = "The file is empty"


class FileTooLarge(Invalid):
    slug = "file-too-large"
    title = "The file is too large"


class TooManyFiles(Conflict):
    slug = "too-many-files"
    title = "The case has as many files as it may have"


class FileUnreadable(Invalid):
    slug = "file-unreadable"
    title = "The file cannot be looked into"


class StorageAway(Busy):
    """The storage of files does not answer, or does not take it; nothing was kept."""

    slug = "storage-away"
    title = "Files cannot be stored or read at this moment"


class ContentMissing(DomainError):
    """The content of a file that is kept is not in the storage: an operator restores it from a backup."""

    kind = ErrorKind.GONE
    slug = "file-content-missing"
    title = "The file's content is missing"


class FileState(StrEnum):
    """`storing` until the content and the entry are both there, `removing` until the content is gone (without a time of
    removal: of what was never kept)."""

    STORING = "storing"
    KEPT = "kept"
    REMOVING = "removing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of a case. `name` and `note` are personal; `added_by` is None for the complainant."""

    id: UUID
    complaint_id: UUID
    media_type: MediaType
    size: int
    name: str
    note: str | None
    added_at: datetime
    added_by: UUID | None
    removed_at: datetime | None = None

    @property
    def key(self) -> str:
        """Where its content lies in the storage."""
        return key_of(self.complaint_id, self.id)


def key_of(complaint_id: UUID, file_id: UUID) -> str:
    return f"evidence/{complaint_id}/{file_id}"


def name_of(given: str | None) -> str:
    """A name as it can be kept and shown: without a path, on one line, not too long; its ending stays."""
    name = (given or "").rpartition("\\")[2].rpartition("/")[2]
    name = _NOT_IN_A_NAME.sub("_", fold(name)).strip(". ")
    ending = ending_of(name)[:_LONGEST_ENDING]
    return (name.removesuffix(ending)[: _LONGEST_NAME - len(ending)] or "file") + ending


def check_room(kept: int, by_complainant: int, *, complainant: bool) -> None:
    """Raises TooManyFiles."""
    if kept >= MOST_IN_A_CASE:
        raise TooManyFiles(f"a case has at most {MOST_IN_A_CASE} files; put several pages into one PDF")
    if complainant and by_complainant >= MOST_BY_COMPLAINANT:
        raise TooManyFiles(f"at most {MOST_BY_COMPLAINANT} files can be added here; call us about more")
