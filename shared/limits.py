"""Rate limits per token and, without one, per address; counted in the process (decision 27).

Every counted answer says what is left.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from shared.auth.principal import Principal
from shared.errors import TooMany
from shared.settings import Settings

Scope = MutableMapping[str, Any]
"""A request, as ASGI describes it."""

_HEADERS: Final = "crm.rate"
REMEMBERED: Final = 10_000
"""Callers that are counted at once; those that were quiet for two seconds are forgotten first."""


@dataclass(slots=True)
class _Count:
    """What a caller has asked in this second and in the one before."""

    second: int
    now: int = 0
    before: int = 0


class SlidingWindow:
    """At most `most` a second, over any second: the one before counts with the part of it that still lies in it.

    Of another `period` (in seconds) the same holds.
    """

    def __init__(self, most: int, seconds: Callable[[], float] = time.monotonic, *, period: float = 1.0) -> None:
        self.most = most
        self._seconds = seconds
        self._period = period
        self._counts: dict[str, _Count] = {}

    def hit(self, caller: str) -> int:
        """Counts one, unless that would be too many; how many are left after it, -1 when it is refused."""
        moment = self._seconds() / self._period
        second = int(moment)
        count = self._counts.get(caller)
        if count is None:
            count = self._counts[caller] = self._new(second)
        elif count.second != second:
            count.before = count.now if count.second == second - 1 else 0
            count.second, count.now = second, 0
        left = self.most - count.now - count.before * (1 - (moment - second))
        if left <= 0:
            return -1
        count.now += 1
        return max(0, int(left - 1))

    @property
    def seconds_left(self) -> int:
        """Until the present period ends, at least one."""
        return max(1, math.ceil(self._period - self._seconds() % self._period))

    def _new(self, second: int) -> _Count:
        if len(self._counts) >= REMEMBERED:
            self._counts = {caller: count for caller, count in self._counts.items() if count.second >= second - 1}
        if len(self._counts) >= REMEMBERED:
            self._counts.clear()
        return _Count(second)


def address_of(scope: Mapping[str, Any]) -> str:
    """Where a request comes from: the connection's address, or what a trusted proxy says."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


class Quota:
    """One rate and its name in the headers of draft-ietf-httpapi-ratelimit-headers-10."""

    def __init__(self, name: str, most: int, refusal: str) -> None:
        self._window = SlidingWindow(most)
        self._refusal = f"at most {most} requests a second {refusal}"
        self._name = name
        self._policy = f'"{name}";q={most};w=1'.encode()

    def count(self, caller: str, scope: Scope) -> None:
        """Counts a request of a caller; its answer tells what is left. Raises TooMany with Retry-After 1."""
        left = self._window.hit(caller)
        scope[_HEADERS] = (
            (b"ratelimit-policy", self._policy),
            (b"ratelimit", b'"%s";r=%d;t=1' % (self._name.encode(), max(0, left))),
        )
        if left < 0:
            raise TooMany(self._refusal, retry_after=1)


class RateLimits:
    """A rate for those who bring a token and one for addresses without; real time, not the business clock."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = Quota("token", settings.requests_per_second_per_token, "per token")
        self._addresses = Quota("address", settings.requests_per_second_per_address, "without a token")
        self._limits_admin = settings.rate_limits_admin

    def count(self, principal: Principal, scope: Scope) -> None:
        if self._limits_admin or not principal.is_admin:
            self._tokens.count(principal.id.hex, scope)

    def count_address(self, scope: Scope) -> None:
        self._addresses.count(address_of(scope), scope)


def rate_headers(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    """`RateLimit-Policy` and `RateLimit` of a request that was counted."""
    headers: Iterable[tuple[bytes, bytes]] = scope.get(_HEADERS, ())
    return headers
