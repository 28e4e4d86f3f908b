"""Rate limits per token and, without one, per address; counted in the process (decision 27)."""

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from shared.auth.principal import Principal
from shared.errors import TooMany
from shared.settings import Settings


class RateLimits:
    """Raises TooMany with Retry-After 1 for a caller above the bound; real time, not the business clock."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._token = RateLimitItemPerSecond(settings.requests_per_second_per_token)
        self._address = RateLimitItemPerSecond(settings.requests_per_second_per_address)
        self._limits_admin = settings.rate_limits_admin

    def count(self, principal: Principal) -> None:
        if principal.is_admin and not self._limits_admin:
            return
        if not self._limiter.hit(self._token, principal.id.hex):
            raise TooMany(f"at most {self._token.amount} requests a second per token", retry_after=1)

    def count_address(self, address: str) -> None:
        if not self._limiter.hit(self._address, address):
            raise TooMany(f"at most {self._address.amount} requests a second without a token", retry_after=1)
