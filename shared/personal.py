"""Sealing of personal data: AES-256-GCM under keys derived from the master key, with the row's identity bound in."""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Vault:
    """Seals bytes for one purpose; purposes do not open each other's."""

    def __init__(self, master_key: bytes, purpose: str) -> None:
        """`master_key` has 32 bytes; raises ValueError otherwise."""
        if len(master_key) != 32:
            raise ValueError("CRM_MASTER_KEY must be 32 bytes in hex")
        self._key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(master_key)
        self._cipher = AESGCM(self._key)

    def seal(self, plain: bytes, identity: bytes = b"") -> bytes:
        """Nonce and ciphertext; `identity` (such as the row's id) must be the same on opening."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, identity)

    def open(self, sealed: bytes, identity: bytes = b"") -> bytes:
        """The plain bytes; raises cryptography.exceptions.InvalidTag when sealed otherwise."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], identity)

    def digest(self, content: bytes) -> bytes:
        """A keyed hash of 32 bytes: tracking tokens, blind indexes, signatures."""
        return hmac.new(self._key, content, hashlib.sha256).digest()
