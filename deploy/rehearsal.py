"""`POST /rehearsal/clock`: moves the business clock forward, never back (decision 30).

All in one and outside production only.
"""

import json
import re
from datetime import timedelta
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.keys import write_private
from shared.auth.tokens import TokenVerifier
from shared.clock import Clock
from shared.errors import DomainError, Forbidden, Invalid, Unauthenticated
from shared.http.problems import from_error

PATH = "/rehearsal/clock"
FARTHEST = timedelta(days=3660)
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

    def __init__(self, folder: Path, verifier: TokenVerifier) -> None:
        self._file = folder / "clock.json"
        self._verifier = verifier
        seconds = json.loads(self._file.read_text())["offset_seconds"] if self._file.exists() else 0
        self.clock = Clock(offset=timedelta(seconds=seconds))

    async def answer(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except DomainError as error:
            return from_error(error)

    async def _answer(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("send the header Authorization: Bearer <token>")
        if not (await self._verifier.verify(token)).is_admin:
            raise Forbidden("this needs the role admin")
        if request.method == "POST":
            self._forward(await request.body())
        return JSONResponse({"now": self.clock.now().isoformat(), "offset_seconds": self.clock.offset.total_seconds()})

    def _forward(self, body: bytes) -> None:
        try:
            duration = Forward.model_validate_json(body).duration
        except ValidationError:
            raise Invalid('send {"forward": "PT4H"}', pointer="#/forward") from None
        ahead = self.clock.offset + duration
        write_private(self._file, orjson.dumps({"offset_seconds": ahead.total_seconds()}).decode())
        self.clock.forward(duration)
