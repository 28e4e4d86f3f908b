"""What a service is given by whoever starts it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.auth.tokens import TokenVerifier
from shared.bus.contacts import ContactSeal
from shared.bus.port import KeptContacts, kept_nowhere
from shared.clock import Clock
from shared.db import Database
from shared.key_ring import KeyRing
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
    kept_contacts: KeptContacts = kept_nowhere
    """What the bus keeps of contacts beside the log."""

    @property
    def zone(self) -> ZoneInfo:
        """The company's zone, in which its calendar runs."""
        return self.settings.zone

    @property
    def contacts(self) -> ContactSeal:
        """Seals and opens what travels on the contacts topic: by a key of its own where one is set."""
        own = self.settings.contacts_key.get_secret_value()
        before = self.settings.contacts_keys_before.get_secret_value().split(",")
        ring = [bytes.fromhex(key) for key in (own, self.master_key.hex(), *before) if key.strip()]
        return ContactSeal(ring)

    @property
    def ring(self) -> KeyRing:
        """Wraps and unwraps the keys of persons."""
        return KeyRing.written(self.settings.master_keys.get_secret_value(), self.master_key)

    def vault(self, purpose: str) -> Vault:
        """A vault of its own for one purpose, such as "complaints:contact"."""
        return Vault(self.master_key, purpose)
