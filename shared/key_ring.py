"""Keys of persons: a data key for each, wrapped by a master key whose id stands beside it (architecture 5).

A ring holds the master keys, the present one first. The present one wraps; each of them unwraps what it has wrapped. So
a ring takes up a new key, and what is sealed is never sealed anew: only its key is wrapped again. Without the row of
the wrapped key nothing of the person opens any more.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.personal import Vault

FIRST = "first"
"""The id of CRM_MASTER_KEY, which stands behind those of CRM_MASTER_KEYS."""
_NONCE_BYTES = 12
_KEY_BYTES = 32


class UnknownMasterKey(ValueError):
    """A data key is wrapped by a master key that this process has not been given, or by another one of that id."""


class Sealer(Protocol):
    """Seals and opens bytes under an identity that must be the same on opening."""

    def seal(self, plain: bytes, identity: bytes = b"") -> bytes: ...
    def open(self, sealed: bytes, identity: bytes = b"") -> bytes: ...


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A person's data key as it is kept: `sealed_by` is the id of the master key that wrapped it."""

    sealed_by: str
    wrapped: bytes


class DataKey:
    """A person's own key: AES-256-GCM, with the row's identity bound in."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, identity: bytes = b"") -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, identity)

    def open(self, sealed: bytes, identity: bytes = b"") -> bytes:
        """The plain bytes; raises cryptography.exceptions.InvalidTag when sealed otherwise."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], identity)


class KeyRing:
    """Master keys by their ids; the first one wraps."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Keys of 32 bytes, at least one."""
        self.present = next(iter(keys))
        self._vaults = {id_: Vault(key, "keys:persons") for id_, key in keys.items()}

    @classmethod
    def written(cls, keys: str, first: bytes) -> "KeyRing":
        """The ring of CRM_MASTER_KEYS (`id:hex,id:hex`, perhaps empty), with CRM_MASTER_KEY as its last."""
        return cls({**ring_of(keys), FIRST: first})

    def new(self, subject: UUID) -> WrappedKey:
        """A data key that nobody has had, wrapped by the present master key."""
        return self._wrap(subject, os.urandom(_KEY_BYTES))

    def opened(self, subject: UUID, key: WrappedKey) -> DataKey:
        """The data key of its own subject alone. Raises UnknownMasterKey."""
        return DataKey(self._unwrap(subject, key))

    def wrapped_anew(self, subject: UUID, key: WrappedKey) -> WrappedKey:
        """The same data key under the present master key. Raises UnknownMasterKey."""
        return self._wrap(subject, self._unwrap(subject, key))

    def _wrap(self, subject: UUID, key: bytes) -> WrappedKey:
        return WrappedKey(self.present, self._vaults[self.present].seal(key, subject.bytes))

    def _unwrap(self, subject: UUID, key: WrappedKey) -> bytes:
        vault = self._vaults.get(key.sealed_by)
        if vault is None:
            raise UnknownMasterKey(f"keys are wrapped by the master key {key.sealed_by}: name it in CRM_MASTER_KEYS")
        try:
            return vault.open(key.wrapped, subject.bytes)
        except InvalidTag:
            raise UnknownMasterKey(f"the master key {key.sealed_by} is another one than that which wrapped") from None


@dataclass(frozen=True, slots=True)
class PersonalVault:
    """Seals what is personal: of who has a key of their own under it, else under the service's."""

    service: Vault
    ring: KeyRing

    def of(self, subject: UUID, key: WrappedKey | None) -> Sealer:
        """What seals and opens the subject's values. Raises UnknownMasterKey."""
        return self.service if key is None else self.ring.opened(subject, key)


def ring_of(written: str) -> dict[str, bytes]:
    """Id -> key of `id:hex,id:hex`, in that order, of a text that the settings have judged."""
    parts = (each.strip().partition(":") for each in written.split(",") if each.strip())
    return {id_: bytes.fromhex(key) for id_, _, key in parts}
