"""The keys of an installation without an identity provider: the master key and the embedded issuer's signing key.

They lie under `.data`, readable by the owner alone.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from deploy.refusals import Damaged


@dataclass(frozen=True, slots=True)
class Keys:
    """What `keys.json` holds."""

    master: bytes
    signing: OKPKey

    @classmethod
    def kept_in(cls, folder: Path) -> "Keys":
        """The folder's keys; made at the first use. Raises Damaged for a damaged file, never replaces one."""
        file = folder / "keys.json"
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_private(file, json.dumps(_new()))
        try:
            kept = json.loads(file.read_text())
            return cls(_master(kept["master"]), OKPKey.import_key(kept["signing"]))
        except (JoseError, KeyError, TypeError, ValueError) as fault:
            raise Damaged(f"{file} is damaged: without it sealed data cannot be read; restore it") from fault


def _master(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError("a master key has 32 bytes")
    return key


def _new() -> dict[str, object]:
    signing = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    return {"master": secrets.token_hex(32), "signing": signing.as_dict(private=True)}


def write_private(file: Path, text: str) -> None:
    """Writes whole or not at all, readable by the owner alone."""
    draft = file.with_name(file.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
