"""What the handlers of reporting work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from services.reporting.stream.queries.tail import LiveTail
from shared.clock import Clock
from shared.db import Database
from shared.http.paging import Cursors
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock, settings and live stream."""

    runtime: Runtime
    cursors: Cursors
    live: LiveTail

    @classmethod
    def at(cls, runtime: Runtime) -> "Context":
        return cls(runtime, runtime.cursors("reporting"), LiveTail(runtime.database, runtime.clock))

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
