"""What a service is given by whoever starts it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.auth.tokens import TokenVerifier
from shared.clock import Clock
from shared.db import Database
from shared.personal import Vault
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a service gets from outside; `deploy/` makes it, a service's context is made from it."""

    settings: Settings
    database: Database
    clock: Clock
    verifier: TokenVerifier
    master_key: bytes

    @property
    def zone(self) -> ZoneInfo:
        """The company's zone, in which its calendar runs."""
        return self.settings.zone

    def vault(self, purpose: str) -> Vault:
        """A vault of its own for one purpose, such as "complaints:contact"."""
        return Vault(self.master_key, purpose)
