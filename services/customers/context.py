"""What the handlers of customers work with."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from shared.clock import Clock
from shared.db import Database
from shared.http.paging import Cursors
from shared.months import Month
from shared.personal import Vault
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock and settings, and the keys of personal data."""

    runtime: Runtime
    cursors: Cursors
    personal: Vault
    """Seals the personal part of the archive."""
    traces: Vault
    """Makes the blind index for exact look-up."""

    @classmethod
    def at(cls, runtime: Runtime) -> "Context":
        return cls(
            runtime,
            runtime.cursors("customers"),
            runtime.vault("customers:personal"),
            runtime.vault("customers:traces"),
        )

    @property
    def database(self) -> Database:
        return self.runtime.database

    @property
    def clock(self) -> Clock:
        return self.runtime.clock

    def today(self) -> date:
        """The day of now in the company's zone."""
        return self.clock.now().astimezone(self.runtime.zone).date()

    def running_month(self) -> Month:
        """The calendar month of now in the company's zone."""
        return Month.of(self.clock.now(), self.runtime.zone)


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(_context)]
