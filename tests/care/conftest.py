"""Care alone, for every test of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.care.building import Care, care_alone
from tests.postgres import FreshDatabase


@pytest.fixture
async def care(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Care]:
    async with care_alone(fresh_database, tmp_path / "outbox") as care:
        yield care
