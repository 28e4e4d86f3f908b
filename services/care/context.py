"""What the handlers of care work with."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from services.care.settings import CareSettings
from shared.clock import Clock, WakeUp
from shared.db import Database
from shared.delivery.registry import Providers, providers
from shared.delivery.settings import DeliverySettings
from shared.http.paging import Cursors
from shared.personal import Vault
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Vaults:
    """One per kind of secret: they do not open each other's."""

    touches: Vault
    contacts: Vault
    tokens: Vault


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, clock, settings, vaults, providers, and what wakes who sends."""

    runtime: Runtime
    cursors: Cursors
    settings: CareSettings
    vaults: Vaults
    providers: Providers
    post: WakeUp
    """Called when messages were planned."""

    @classmethod
    def of(cls, runtime: Runtime, settings: CareSettings, delivery: DeliverySettings) -> "Context":
        """What one process works with, by the given settings."""
        vaults = Vaults(*(runtime.vault(f"care:{kind}") for kind in ("touches", "contacts", "tokens")))
        return cls(
            runtime,
            runtime.cursors("care"),
            settings,
            vaults,
            providers(runtime.settings, delivery),
            runtime.clock.wake_up(),
        )

    @property
    def database(self) -> Database:
        return self.runtime.database

    @property
    def clock(self) -> Clock:
        return self.runtime.clock

    @property
    def zone(self) -> ZoneInfo:
        """The company's zone, in which its calendar runs."""
        return self.runtime.zone


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(_context)]
