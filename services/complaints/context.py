"""What the use cases of complaints work with."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from services.complaints.counters.queries import Counters
from services.complaints.quotas.handlers import IntakeQuotas, Visits
from services.complaints.settings import ComplaintsSettings
from shared.cache import Cache
from shared.clock import Clock, WakeUp
from shared.db import Database
from shared.delivery.registry import Providers, providers
from shared.delivery.settings import DeliverySettings
from shared.group_commit import GroupCommit
from shared.live.tail import LiveTail
from shared.lookups import LookUps
from shared.personal import Vault
from shared.runtime import Runtime
from shared.storage.port import Storage


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock, settings, vaults and providers, and what its process writes and keeps together."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    """The company's, in which a case's number says its day and calendars show their hours."""
    settings: ComplaintsSettings
    words: Vault
    """Seals what people said and who they are."""
    traces: Vault
    """Makes the hashes by which sealed words and contacts are found."""
    tracking: Vault
    """Makes the complainants' tokens."""
    contacts: Vault
    """Seals how customers are reached."""
    providers: Providers
    """Who takes what is written to complainants."""
    post: WakeUp
    """Called when letters were planned."""
    reply_post: WakeUp
    """Called when replies were written."""
    printer: WakeUp
    """Called when letters are wanted on paper."""
    group_commit: GroupCommit
    """Writes what is recorded at the same time together."""
    visits: Visits
    """Counts who follows a case without a login."""
    quotas: IntakeQuotas
    """Counts who records how many cases."""
    files: Vault
    """Seals the contents of files."""
    wages: Vault
    """Seals what people earn."""
    storage: Storage
    """Where the contents of files lie."""
    largest_file: int
    """Bytes that a file has at most."""
    free_hands: WakeUp
    """Calls who gives out cases that wait."""
    unfinished_files: WakeUp
    """Calls who removes contents that are to go."""
    lookups: LookUps
    """Counts who looks up whose a phone is."""
    answers: Vault
    """Opens the answers that are kept for repeated requests."""
    live: LiveTail
    """Follows what happens to cases, for everybody who follows theirs."""
    counters: Counters
    """Knows how many cases wait."""
    cache: Cache = field(default_factory=Cache)
    """Keeps the rulebook as this process last read it."""

    @classmethod
    def of(
        cls,
        runtime: Runtime,
        settings: ComplaintsSettings,
        delivery: DeliverySettings,
        storage: Storage,
        *,
        lookups: LookUps,
        live: LiveTail,
    ) -> "Context":
        return cls(
            database=runtime.database,
            clock=runtime.clock,
            zone=runtime.zone,
            settings=settings,
            words=runtime.vault("complaints:words"),
            traces=runtime.vault("complaints:traces"),
            tracking=runtime.vault("complaints:tracking"),
            contacts=runtime.vault("complaints:contacts"),
            providers=providers(runtime.settings, delivery),
            post=runtime.clock.wake_up(),
            reply_post=runtime.clock.wake_up(),
            printer=runtime.clock.wake_up(),
            group_commit=GroupCommit(runtime.database),
            visits=Visits(settings.visits_per_minute, settings.additions_per_hour),
            quotas=IntakeQuotas(settings.cases_per_hour, settings.cases_per_customer_per_hour),
            files=runtime.vault("complaints:files"),
            wages=runtime.vault("complaints:wages"),
            storage=storage,
            largest_file=settings.largest_file,
            free_hands=runtime.clock.wake_up(),
            unfinished_files=runtime.clock.wake_up(),
            lookups=lookups,
            answers=runtime.vault("complaints:answers"),
            live=live,
            counters=Counters(runtime.database),
        )
