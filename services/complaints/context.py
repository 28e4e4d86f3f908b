"""What the handlers of complaints work with."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from shared.cache import Cache
from shared.clock import Clock
from shared.db import Database
from shared.group_commit import GroupCommit
from shared.http.paging import Cursors
from shared.personal import Vault
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock and settings, its vaults, and what its process writes and keeps together."""

    runtime: Runtime
    cursors: Cursors
    words: Vault
    """Seals what people said and who they are."""
    tracking: Vault
    """Makes the complainants' tokens."""
    group_commit: GroupCommit
    """Writes what is recorded at the same time together."""
    cache: Cache = field(default_factory=Cache)
    """Keeps the rulebook as this process last read it."""

    @classmethod
    def at(cls, runtime: Runtime) -> "Context":
        return cls(
            runtime,
            runtime.cursors("complaints"),
            runtime.vault("complaints:words"),
            runtime.vault("complaints:tracking"),
            GroupCommit(runtime.database),
        )

    @property
    def database(self) -> Database:
        return self.runtime.database

    @property
    def clock(self) -> Clock:
        return self.runtime.clock


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(_context)]
