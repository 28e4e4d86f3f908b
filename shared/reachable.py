"""How customers are reached, as a service that writes to them sees it (decision 20)."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts.care import Channel
from shared.contracts.customers import ContactListed
from shared.phones import is_mobile


@dataclass(frozen=True, slots=True, repr=False)
class Reachable:
    """A customer's name, addresses per channel, language and zone; personal, so it does not print itself.

    `phone` is the first number of all, which may be one that takes no short messages.
    """

    name: str
    addresses: Mapping[Channel, str]
    language: str
    zone: ZoneInfo
    phone: str | None = None

    @classmethod
    def by(cls, contact: ContactListed, company: ZoneInfo) -> "Reachable":
        """By a contact as it was listed; the company's zone holds where the customer's is not known."""
        addresses: dict[Channel, str] = {}
        if mobiles := [phone for phone in contact.phones if is_mobile(phone)]:
            addresses["sms"] = mobiles[0]
        if contact.emails:
            addresses["email"] = contact.emails[0]
        phone = contact.phones[0] if contact.phones else None
        return cls(contact.name, addresses, contact.language, _zone(contact.time_zone, company), phone)


def _zone(name: str | None, company: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else company
    except (ZoneInfoNotFoundError, ValueError):
        return company
