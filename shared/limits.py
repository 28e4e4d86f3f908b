"""Rate limits per token and, without one, per address; counted in the process (decision 27)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.auth.principal import Principal
from shared.errors import TooMany
from shared.settings import Settings

REMEMBERED: Final = 10_000
"""Callers that are counted at once; those that were quiet for two seconds are forgotten first."""


@dataclass(slots=True)
class _Count:
    """What a caller has asked in this second and in the one before."""

    second: int
    now: int = 0
    before: int = 0


class SlidingWindow:
    """At most `most` a second, over any second: the one before counts with the part of it that still lies in it."""

    def __init__(self, most: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._seconds = seconds
        self._counts: dict[str, _Count] = {}

    def hit(self, caller: str) -> bool:
        """Counts one, unless that would be too many."""
        moment = self._seconds()
        second = int(moment)
        count = self._counts.get(caller)
        if count is None:
            count = self._counts[caller] = self._new(second)
        elif count.second != second:
            count.before = count.now if count.second == second - 1 else 0
            count.second, count.now = second, 0
        if count.now + count.before * (1 - (moment - second)) >= self.most:
            return False
        count.now += 1
        return True

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


class RateLimits:
    """Raises TooMany with Retry-After 1 for a caller above the bound; real time, not the business clock."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = SlidingWindow(settings.requests_per_second_per_token)
        self._addresses = SlidingWindow(settings.requests_per_second_per_address)
        self._limits_admin = settings.rate_limits_admin

    def count(self, principal: Principal) -> None:
        if principal.is_admin and not self._limits_admin:
            return
        if not self._tokens.hit(principal.id.hex):
            raise TooMany(f"at most {self._tokens.most} requests a second per token", retry_after=1)

    def count_address(self, address: str) -> None:
        if not self._addresses.hit(address):
            raise TooMany(f"at most {self._addresses.most} requests a second without a token", retry_after=1)
