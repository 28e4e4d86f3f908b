"""How a service is put together, and what it is given by whoever starts it.

`services/<name>/app.py` has `build(runtime) -> Service`; `deploy/` decides how its parts run: all in one process, or as
`api` and `worker` processes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from shared.auth.policy import PolicyTable
from shared.auth.tokens import TokenVerifier
from shared.bus.port import Reaction, Reactions
from shared.clock import Clock, WakeUp
from shared.db import Database
from shared.http.paging import Cursors
from shared.personal import Vault
from shared.retry import retry_forever
from shared.settings import ServiceName, Settings
from shared.telemetry import log

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a service gets from outside."""

    settings: Settings
    database: Database
    clock: Clock
    verifier: TokenVerifier
    master_key: bytes

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    def vault(self, purpose: str) -> Vault:
        """A vault of its own for one purpose, such as "complaints:contact"."""
        return Vault(self.master_key, purpose)

    def cursors(self, service: str) -> Cursors:
        return Cursors(self.vault(f"{service}:cursors"))


class Loop(Protocol):
    """Background work of a worker: a timer or a queue of jobs."""

    name: str

    async def run(self) -> None:
        """Works until cancelled."""

    async def step(self) -> int:
        """Does what is due now; returns how much that was, 0 when nothing is."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its composition root describes it."""

    name: ServiceName
    runtime: Runtime
    context: Any
    """What its handlers work with: reached by routes as `request.app.state.context`."""
    routers: Sequence[APIRouter]
    policy: PolicyTable
    reactions: Reactions
    listens: Mapping[ServiceName, Sequence[str]]
    """Producing service -> its topics that this one reads."""
    loops: Sequence[Loop] = ()
    upload_bounds: Mapping[str, int] = field(default_factory=dict)
    """Path -> bytes, for routes that take more than the usual body."""
    projections: Sequence[str] = ()
    """Tables that a rebuild empties and fills again from the log (reporting)."""


def bind(context: D, reactions: Mapping[str, Callable[[D, Any, Any], Awaitable[None]]]) -> dict[str, Reaction]:
    """Gives the context to each reaction of a service's REACTIONS table."""

    def bound(reaction: Callable[[D, Any, Any], Awaitable[None]]) -> Reaction:
        async def react(transaction: Any, events: Any) -> None:
            await reaction(context, transaction, events)

        return react

    return {type_: bound(reaction) for type_, reaction in reactions.items()}


class DueLoop:
    """Sleeps until the next due moment, then works until nothing is due; looks anyway after `at_most`."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        step: Callable[[], Awaitable[int]],
        next_due: Callable[[], Awaitable[datetime | None]],
        at_most: timedelta = timedelta(milliseconds=500),
        wake_up: WakeUp | None = None,
    ) -> None:
        """`wake_up` is one that others call when something is new; without it, `at_most` is how late it is seen."""
        self.name = name
        self.wake_up: WakeUp = wake_up or clock.wake_up()
        self._step = step
        self._next_due = next_due
        self._at_most = at_most

    async def step(self) -> int:
        return await self._step()

    async def run(self) -> None:
        await retry_forever(self._turn, log("loop").bind(loop=self.name), pause=self._pause)

    async def _turn(self) -> None:
        if not await self._step():
            await self.wake_up.wait_until(await self._next_due(), self._at_most)

    async def _pause(self, seconds: float) -> None:
        await self.wake_up.wait_until(None, timedelta(seconds=seconds))
