"""What the handlers of complaints work with."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from services.complaints.cases.domain import Rulebook
from services.complaints.intake.scribe import Scribe
from shared.clock import Clock
from shared.db import Database
from shared.http.paging import Cursors
from shared.personal import Vault
from shared.service import Runtime


@dataclass(slots=True)
class Shelf:
    """The rulebook as this process last read it; None before the first case."""

    rulebook: Rulebook | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock and settings, its vaults and its copy of the rulebook."""

    runtime: Runtime
    cursors: Cursors
    words: Vault
    """Seals what people said and who they are."""
    tracking: Vault
    """Makes the complainants' tokens."""
    scribe: Scribe
    """Writes what is recorded at the same time together."""
    shelf: Shelf = field(default_factory=Shelf)

    @classmethod
    def at(cls, runtime: Runtime) -> "Context":
        return cls(
            runtime,
            runtime.cursors("complaints"),
            runtime.vault("complaints:words"),
            runtime.vault("complaints:tracking"),
            Scribe(runtime.database),
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
