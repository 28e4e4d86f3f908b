"""`POST /rehearsal/clock`: moves the business clock forward, never back (decision 30).

All in one and outside production only. Before it moves, what has been begun comes to rest, so that nobody is late or
out of date only because the clock sprang past what was on its way.
"""

import asyncio
import contextlib
import re
from datetime import timedelta
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from deploy.keys import write_private
from deploy.refusals import Damaged
from shared.auth.tokens import TokenVerifier
from shared.clock import Clock
from shared.errors import DomainError, Forbidden, Invalid, Unauthenticated
from shared.http.problems import from_error, problem
from shared.limits import RateLimits
from shared.moments import written

PATH = "/rehearsal/clock"
FARTHEST = timedelta(days=3660)
REST_SECONDS = 2.0
"""How long moving the clock waits for rest at most: in the midst of an import it moves all the same."""
LOOK_SECONDS = 0.01
_DURATION = TypeAdapter(timedelta)
_ISO = re.compile(r"^P(?!$)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$")


class Forward(BaseModel):
    """How far, as an ISO 8601 duration such as PT4H or P1DT2H."""

    model_config = ConfigDict(extra="forbid")
    forward: str = Field(max_length=40)

    @property
    def duration(self) -> timedelta:
        """Raises Invalid for anything but a positive duration of at most ten years."""
        if not _ISO.match(self.forward):
            raise Invalid("forward is an ISO 8601 duration such as PT4H", pointer="#/forward")
        duration = _DURATION.validate_python(self.forward)
        if not timedelta() < duration <= FARTHEST:
            raise Invalid("forward is more than nothing and at most ten years", pointer="#/forward")
        return duration


class RehearsalClock:
    """The business clock of the all-in-one mode; its offset outlives a restart, so time never runs back."""

    def __init__(
        self, folder: Path, verifier: TokenVerifier, limits: RateLimits, at_least: timedelta = timedelta()
    ) -> None:
        """`at_least` is CRM_CLOCK_OFFSET; the greater one holds. Raises Damaged for an unreadable `clock.json`."""
        self._file = folder / "clock.json"
        self._verifier = verifier
        self._limits = limits
        kept = _kept(self._file)
        self.clock = Clock(offset=max(kept, at_least))
        if at_least > kept:
            self._keep(at_least)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self.answer(Request(scope, receive)))(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """GET tells the business time, POST moves it."""
        try:
            return await self._answer(request)
        except DomainError as error:
            return from_error(error)

    async def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            return problem(
                405, "method-not-allowed", "Method not allowed", "GET or POST", headers={"Allow": "GET, POST"}
            )
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Unauthenticated("send the header Authorization: Bearer <token>")
            principal = await self._verifier.verify(token.strip())
        except Unauthenticated:
            self._limits.count_address(request.scope)
            raise
        self._limits.count(principal, request.scope)
        if not principal.is_admin:
            raise Forbidden("this needs the role admin")
        if request.method == "POST":
            duration = self._duration(await request.body())
            await self._come_to_rest()
            self._forward(duration)
        return JSONResponse({"now": written(self.clock.now()), "offset_seconds": self.clock.offset.total_seconds()})

    def _duration(self, body: bytes) -> timedelta:
        try:
            return Forward.model_validate_json(body).duration
        except ValidationError:
            raise Invalid('send {"forward": "PT4H"}', pointer="#/forward") from None

    async def _come_to_rest(self) -> None:
        """Waits until everything rests at two looks: between these a relay's stamp wakes those who read it."""
        looks = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REST_SECONDS):
                while looks < 2:
                    await asyncio.sleep(LOOK_SECONDS)
                    looks = looks + 1 if self.clock.is_at_rest else 0

    def _forward(self, duration: timedelta) -> None:
        ahead = self.clock.offset + duration
        if ahead > FARTHEST:
            raise Invalid("the rehearsal would be more than ten years ahead", pointer="#/forward")
        self._keep(ahead)
        self.clock.forward(duration)

    def _keep(self, ahead: timedelta) -> None:
        write_private(self._file, orjson.dumps({"offset_seconds": ahead.total_seconds()}).decode())


def _kept(file: Path) -> timedelta:
    if not file.exists():
        return timedelta()
    try:
        return timedelta(seconds=float(orjson.loads(file.read_bytes())["offset_seconds"]))
    except (ValueError, KeyError, TypeError, OverflowError) as fault:
        raise Damaged(f'{file} is damaged: write {{"offset_seconds": …}} as far as business time was ahead') from fault
