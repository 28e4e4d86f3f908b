"""What the use cases of complaints work with."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from services.complaints.quotas.handlers import IntakeQuotas
from services.complaints.settings import ComplaintsSettings
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
    quotas: IntakeQuotas
    """Counts who records how many cases."""
    cache: Cache = field(default_factory=Cache)
    """Keeps the rulebook as this process last read it."""

    @classmethod
    def of(cls, runtime: Runtime, settings: ComplaintsSettings) -> "Context":
        return cls(
            database=runtime.database,
            clock=runtime.clock,
            zone=runtime.zone,
            words=runtime.vault("complaints:words"),
            tracking=runtime.vault("complaints:tracking"),
            group_commit=GroupCommit(runtime.database),
            quotas=IntakeQuotas(settings.cases_per_hour, settings.cases_per_customer_per_hour),
        )
