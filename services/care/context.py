"""What the use cases of care work with."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.care.settings import CareSettings
from shared.clock import Clock, WakeUp
from shared.db import Database
from shared.delivery.registry import Providers, providers
from shared.delivery.settings import DeliverySettings
from shared.personal import Vault
from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Vaults:
    """One per kind of secret: they do not open each other's."""

    touches: Vault
    contacts: Vault
    tokens: Vault
    consents: Vault


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock, settings, vaults, providers, and what wakes who sends."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    """The company's, in which its calendar runs."""
    settings: CareSettings
    vaults: Vaults
    providers: Providers
    post: WakeUp
    """Called when messages were planned."""
    answers: Vault
    """Opens the answers that are kept for repeated requests."""

    @classmethod
    def of(cls, runtime: Runtime, settings: CareSettings, delivery: DeliverySettings) -> "Context":
        """What one process works with, by the given settings."""
        return cls(
            database=runtime.database,
            clock=runtime.clock,
            zone=runtime.zone,
            settings=settings,
            vaults=Vaults(*(runtime.vault(f"care:{kind}") for kind in ("touches", "contacts", "tokens", "consents"))),
            providers=providers(runtime.settings, delivery),
            post=runtime.clock.wake_up(),
            answers=runtime.vault("care:answers"),
        )

    def today(self) -> date:
        """The day of now in the company's zone."""
        return self.clock.now().astimezone(self.zone).date()
