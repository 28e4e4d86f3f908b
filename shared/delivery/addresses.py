"""Guard against requests into the house: a URL that somebody entered is only called at an address that was checked.

The name is resolved once, every address is judged, and the connection goes to the judged address itself, so a name
that resolves differently a moment later gains nothing.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.delivery.port import PermanentFailure, TransientFailure

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NOT_CALLED = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "fec0::/10", "3fff::/20", "5f00::/16")))
"""Special ranges that the library counts as public or knows in newer releases only: the withdrawn relays of 6to4,
site-local (deprecated, and still routed inside of houses), documentation (RFC 9637), segment routing."""
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The third quarter of an address that tunnels to the IPv4 address in its last one (RFC 5214)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL and the checked address to connect to."""

    url: str
    """With the address in place of the name."""
    host: str
    """What the Host header says: the name, and the port where it is not the scheme's."""
    name: str
    """What the certificate must be for."""


async def checked(url: str, *, private: bool) -> Target:
    """Resolves and judges; `private` lets loopback and private ranges pass.

    Raises PermanentFailure for a URL or an address that is not allowed,
    TransientFailure when the name cannot be resolved now.
    """
    scheme, name, port = _parts(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        raise TransientFailure("name-not-resolved") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not (private or all(is_public(address) for address in addresses)):
        raise PermanentFailure("address-not-allowed")
    place = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    usual = port == (443 if scheme == "https" else 80)
    literal = f"[{name}]" if ":" in name else name
    return Target(
        urlsplit(url)._replace(netloc=f"{place}:{port}", fragment="").geturl(),
        literal if usual else f"{literal}:{port}",
        name,
    )


def _parts(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise PermanentFailure("url-not-allowed") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise PermanentFailure("url-not-allowed")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether an address lies in the public net, also seen through IPv4 inside IPv6."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if (int(parsed) >> 32) & 0xFFFFFFFF in _ISATAP:
            return False
        if inner is not None:
            return is_public(str(inner))
        if parsed.teredo is not None:
            return False
    if any(parsed in network for network in _NOT_CALLED):
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved
