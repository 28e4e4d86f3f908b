"""Who has left: a token is good for weeks, a person's rights end with the person.

Each process keeps the ids in memory and reads them again every second that somebody asks, so a request costs a look
into a set. Events bring the news into each service's directory (decision 28); from there it is a second.
"""

import asyncio
import math
import time
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.auth.principal import Principal
from shared.db import PASSING, Database
from shared.directory_schema import STAFF
from shared.errors import Busy, Forbidden
from shared.statement import Scalar

READ_EVERY: Final = 1.0
PATIENCE: Final = 1.0
"""Seconds; a busy database leaves what was known."""
IN_DIRECTORY: Final = Scalar(select(STAFF.c.id).where(~STAFF.c.active), UUID)
"""Who has left, by the directory that a service keeps."""


class HasLeft(Forbidden):
    slug = "has-left"
    title = "Who has left may do nothing here"


class Departed:
    """Refuses callers who have left; whoever is not on the staff (partners, administrators) is nobody's matter here."""

    def __init__(self, database: Database, statement: Scalar[UUID]) -> None:
        self._database = database
        self._statement = statement
        self._ids: Collection[UUID] | None = None
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def check(self, caller: Principal) -> None:
        """Raises HasLeft; Busy while nobody can be asked at all yet."""
        if time.monotonic() - self._read_at >= READ_EVERY and (self._ids is None or not self._reading.locked()):
            await self._read()
        if caller.id in (self._ids or ()):
            raise HasLeft("this person has left; who does their work has a token of their own")

    async def _read(self) -> None:
        async with self._reading:
            if time.monotonic() - self._read_at < READ_EVERY:
                return
            try:
                async with self._database.connection(PATIENCE) as reader:
                    self._ids = frozenset(await self._statement.all(reader))
            except (*PASSING, Busy):
                if self._ids is None:
                    raise
            self._read_at = time.monotonic()
