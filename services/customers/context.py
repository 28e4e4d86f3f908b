"""What the use cases of customers work with."""

from asyncio import Semaphore
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.customers.entering.domain import USUAL, EntryLimits
from shared.bus.contacts import ContactSeal
from shared.bus.port import KeptContacts
from shared.cache import Cache
from shared.clock import Clock
from shared.db import Database
from shared.group_commit import GroupCommit
from shared.key_ring import PersonalVault
from shared.lookups import LookUps
from shared.months import Month
from shared.personal import Vault
from shared.runtime import Runtime

EXPORTS_AT_ONCE: Final = 2
"""Files that a process has made at the same time: each takes a connection and a processor meanwhile."""
REVISED_AFTER: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database and clock, the company's zone, and the keys of personal data."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    personal: PersonalVault
    """Seals the personal part of the archive: a person's under their own key."""
    traces: Vault
    """Makes the blind index for exact look-up."""
    uploads: Vault
    """Seals the files of imports."""
    words: Vault
    """Seals what people write, such as reasons."""
    contacts: ContactSeal
    """Seals what is told of contacts."""
    look_ups: GroupCommit
    """Reads who is looked up, and enters it, together with what is looked up at the same time."""
    answers: Vault
    """Opens the answers that are kept for repeated requests."""
    kept_contacts: KeptContacts
    """What the bus keeps of contacts."""
    entry: EntryLimits = USUAL
    """What needs administration."""
    revised_after: timedelta = REVISED_AFTER
    """How long nothing has come into a closed month before what came late is taken up by itself."""
    lookups: LookUps = field(default_factory=LookUps)
    """Counts who looks up whose a phone or an e-mail is."""
    cache: Cache = field(default_factory=Cache)
    """What has been read and may serve again."""
    exporting: Semaphore = field(default_factory=lambda: Semaphore(EXPORTS_AT_ONCE))
    """Whose turn it is to have a file made; others wait, and hold nothing."""

    @classmethod
    def of(
        cls,
        runtime: Runtime,
        entry: EntryLimits = USUAL,
        lookups: LookUps | None = None,
        revised_after: timedelta = REVISED_AFTER,
    ) -> "Context":
        return cls(
            runtime.database,
            runtime.clock,
            runtime.zone,
            personal=PersonalVault(runtime.vault("customers:personal"), runtime.ring),
            traces=runtime.vault("customers:traces"),
            uploads=runtime.vault("customers:imports"),
            words=runtime.vault("customers:words"),
            contacts=runtime.contacts,
            look_ups=GroupCommit(runtime.database, tells=False),
            answers=runtime.vault("customers:answers"),
            kept_contacts=runtime.kept_contacts,
            entry=entry,
            lookups=lookups or LookUps(),
            revised_after=revised_after,
        )

    def today(self) -> date:
        """The day of now in the company's zone."""
        return self.clock.now().astimezone(self.zone).date()

    def running_month(self) -> Month:
        """The calendar month of now in the company's zone."""
        return Month.of(self.clock.now(), self.zone)
