"""How a service is put together.

`services/<name>/app.py` has `build(runtime) -> Service`; `deploy/` decides how its parts run: all in one process, or as
`api` and `worker` processes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.auth.policy import PolicyTable
from shared.bus.inbox import Inbox
from shared.bus.port import Effects
from shared.departed import IN_DIRECTORY
from shared.loops import Loop
from shared.runtime import Runtime
from shared.settings import ServiceName
from shared.statement import Scalar
from shared.vocabulary import Vocabulary

ProblemPage: TypeAlias = Callable[[Request, int], Response]
"""The page that a person sees instead of a problem of this status."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its composition root describes it."""

    name: ServiceName
    runtime: Runtime
    context: Any
    """What its handlers work with; routes ask for it as `Injected[Context]`."""
    routers: Sequence[APIRouter]
    policy: PolicyTable
    reactions: Effects
    listens: Mapping[ServiceName, Sequence[str]]
    """Producing service -> its topics that this one reads."""
    loops: Sequence[Loop] = ()
    departed: Scalar[UUID] = IN_DIRECTORY
    """Who has left, by what this service keeps of the staff."""
    upload_bounds: Mapping[str, int] = field(default_factory=dict)
    """Path -> bytes, for routes that take more than the usual body."""
    pages: Mapping[str, ProblemPage] = field(default_factory=dict)
    """Beginning of a path -> who answers there what otherwise were a problem: people look at it, not programs."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    """In which words its operations are described."""

    def inbox(self) -> Inbox:
        """How this service takes events, in whatever process; what it parks is sealed the same everywhere."""
        runtime = self.runtime
        return Inbox(self.name, runtime.database, self.reactions, runtime.vault("bus:parking"), runtime.contacts)
