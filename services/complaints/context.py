"""What the use cases of complaints work with."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from shared.cache import Cache
from shared.clock import Clock
from shared.db import Database
from shared.group_commit import GroupCommit
from shared.personal import Vault
from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock and vaults, and what its process writes and keeps together."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    """The company's, in which a case's number says its day and calendars show their hours."""
    words: Vault
    """Seals what people said and who they are."""
    tracking: Vault
    """Makes the complainants' tokens."""
    group_commit: GroupCommit
    """Writes what is recorded at the same time together."""
    cache: Cache = field(default_factory=Cache)
    """Keeps the rulebook as this process last read it."""

    @classmethod
    def of(cls, runtime: Runtime) -> "Context":
        return cls(
            database=runtime.database,
            clock=runtime.clock,
            zone=runtime.zone,
            words=runtime.vault("complaints:words"),
            tracking=runtime.vault("complaints:tracking"),
            group_commit=GroupCommit(runtime.database),
        )
