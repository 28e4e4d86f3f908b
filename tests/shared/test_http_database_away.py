"""The database server stops and starts again: 503 meanwhile, and no restart of ours is needed."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.embedded_postgres import EmbeddedPostgres
from shared.db import Database
from shared.errors import Busy
from shared.migrations import upgrade
from shared.partitions import ENSURE_PARTITION
from tests.eventually import eventually
from tests.postgres import throwaway_folder
from tests.shared.notes import CREATE, NOTES, Notes, notes_over, slug


@pytest.fixture
def home() -> Iterator[Path]:
    """The folder of a server of this test's own, to be stopped."""
    with throwaway_folder() as folder:
        yield folder / "postgresql"


@pytest.mark.slow
async def test_it_goes_and_comes_back(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.ensure_databases(["notes"])
    url = server.url("notes")
    await upgrade("reporting", url)
    database = await Database.connect(url, pool_size=1)
    await database.execute(ENSURE_PARTITION)
    await database.execute(CREATE)
    await database.close()

    async with notes_over(url) as notes:
        assert (await notes.take(key="before")).status_code == 201
        server.stop()
        for _ in range(2):  # with connections that broke, and with none
            for answer in (await notes.http.get(NOTES), await notes.take(key="during"), await _unready(notes)):
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert slug(await notes.http.get(NOTES)) == "busy"
        with pytest.raises(Busy):
            await Database.connect(url, pool_size=1)

        with EmbeddedPostgres(home, port=urlsplit(url).port, durable=False):
            await eventually(lambda: _is_ready(notes))
            assert (await notes.take(key="before")).headers["idempotency-replayed"] == "true"
            assert (await notes.take(key="during")).status_code == 201
            assert await notes.count() == 2


async def _unready(notes: Notes) -> httpx.Response:
    return await notes.http.get("/reporting/readyz")


async def _is_ready(notes: Notes) -> bool:
    return (await _unready(notes)).status_code == 200
