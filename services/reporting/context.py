"""What the use cases of reporting work with."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.reporting.stream.queries import Kept
from shared.clock import Clock
from shared.db import Database
from shared.live.tail import LiveTail
from shared.personal import Vault
from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock, the company's zone and the live stream."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    live: LiveTail
    answers: Vault
    """Opens the answers that are kept for repeated requests."""

    @classmethod
    def of(cls, runtime: Runtime) -> "Context":
        return cls(
            runtime.database,
            runtime.clock,
            runtime.zone,
            LiveTail(runtime.database, runtime.clock, Kept()),
            runtime.vault("reporting:answers"),
        )
