"""The values of the contacts topic are sealed: names and phones are for customers, complaints and care alone.

They are sealed before they are written into the log, so neither the log, nor Kafka, nor a parked event holds them in
the open, and opened for the reactions alone. The value says under which key, so that keys can be changed: the first of
a ring seals, all of them open. Values of older releases are in the open, and are read as they are.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson

from shared.bus.event import Event
from shared.personal import Vault

CONTACTS_TOPIC = "crm.contacts.v1"
_BEGINNING = '{"sealed":'
_NOTHING = "null"
"""The value of a tombstone, which only tells to forget what is kept under its key: over Kafka it is no value at all."""


class SealedUnderAnotherKey(Exception):
    """This process has not been given the key (any more): the event waits in the parking until it is."""


class ContactSeal:
    """A ring of keys; the first one seals, and each opens what it has sealed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Keys of 32 bytes, at least one."""
        vaults = [Vault(key, "bus:contacts") for key in keys]
        self._ring = {_name(vault): vault for vault in reversed(vaults)}
        self._present = _name(vaults[0])

    def sealed(self, events: Iterable[Event]) -> list[Event]:
        """The events, those of the contacts topic sealed, each for its own key in the topic."""
        return [self._seal(event) if event.topic == CONTACTS_TOPIC else event for event in events]

    def _seal(self, event: Event) -> Event:
        if forgets(event):
            return event
        sealed = self._ring[self._present].seal(event.data.encode(), event.key.encode())
        return replace(event, data=orjson.dumps({"sealed": b64encode(sealed).decode(), "by": self._present}).decode())

    def opened(self, event: Event) -> Event:
        """The event as it was before it was sealed. Raises SealedUnderAnotherKey."""
        if not is_sealed(event):
            return event
        value = orjson.loads(event.data)
        if value["by"] not in self._ring:
            raise SealedUnderAnotherKey
        data = self._ring[value["by"]].open(b64decode(value["sealed"]), event.key.encode())
        return replace(event, data=data.decode())


def tombstone(listed: Event) -> Event:
    """What makes the topic forget everything that it holds under the key of a contact."""
    return replace(listed, data=_NOTHING)


def forgets(event: Event) -> bool:
    """Whether it is a tombstone: there is nothing in it to be taken."""
    return event.topic == CONTACTS_TOPIC and event.data == _NOTHING


def is_sealed(event: Event) -> bool:
    return event.topic == CONTACTS_TOPIC and event.data.startswith(_BEGINNING)


def sealed_by(event: Event) -> str | None:
    """The name of the key under which an event is sealed; None for one in the open."""
    return str(orjson.loads(event.data)["by"]) if is_sealed(event) else None


def _name(vault: Vault) -> str:
    """Eight characters that tell keys apart and say nothing of them."""
    return vault.digest(b"name")[:4].hex()
