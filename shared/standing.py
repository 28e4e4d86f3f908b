"""Where a database stands, and whether code of a revision may work on it.

A migration says in its `SERVES` the oldest revision of the code that still works on what it makes. The run that brings
a database to it writes that down beside Alembic's own table, so that processes of a release before, which have no file
of it, can tell whether they may go on (docs/decisions/rolling-upgrades.md).
"""

from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from shared.db import Connection


class Verdict(StrEnum):
    """What a process says of its database's schema."""

    READY = "ready"
    MIGRATING = "migrating"
    """It is older than the code needs; it will come."""
    OUTDATED = "outdated"
    """It is newer, and serves this code no longer; another release has to run."""


class SchemaTooNew(Exception):
    """The database was migrated by a newer release, and serves this one no longer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The revision of a database, such as "0009", and the oldest revision of the code that it serves.

    Both are empty before the first migration. Revisions have four digits, so they are compared as they are.
    """

    revision: str
    serves: str

    def verdict(self, ours: str) -> Verdict:
        """Of code whose newest migration is `ours`."""
        if self.revision < ours:
            return Verdict.MIGRATING
        return Verdict.READY if self.revision == ours or self.serves <= ours else Verdict.OUTDATED

    def reason(self, ours: str) -> str | None:
        """Why code of `ours` may not work on it, for whoever has to do something about it; None when it may."""
        match self.verdict(ours):
            case Verdict.READY:
                return None
            case Verdict.MIGRATING:
                at = f"revision {self.revision}" if self.revision else "no revision yet"
                return f"the database is at {at}, this release needs revision {ours}: run crm migrate"
            case Verdict.OUTDATED:
                return (
                    f"the database is at revision {self.revision} and serves releases from {self.serves} on; "
                    f"this one is of {ours}: run the newer release"
                )


async def standing_of(connection: Connection, seconds: float | None = None) -> Standing:
    """Asks the database, each question within `seconds`; raises what the driver raises.

    Without a word about whom it serves (it was migrated before that was written down) it serves its own revision only.
    """
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version", timeout=seconds) or ""
    except asyncpg.UndefinedTableError:
        return Standing("", "")
    try:
        serves = await connection.fetchval(
            "SELECT oldest FROM schema_serves WHERE revision = $1", revision, timeout=seconds
        )
    except asyncpg.UndefinedTableError:
        serves = None
    return Standing(revision, serves or revision)
