"""The audit: entries stand, are read by administration alone, and hold nothing personal in the open."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared import audit
from shared.ids import new_id
from shared.personal import Vault
from shared.purposes import state, stated
from tests.postgres import FreshDatabase
from tests.shared.notes import Notes, notes_service
from tests.support import MASTER_KEY, bearer

AUDIT = "/reporting/v1/audit"
LI, WANG = new_id(), new_id()
STORE, OTHER = new_id(), new_id()


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


async def _read(notes: Notes, **asked: Any) -> dict[str, Any]:
    answer = await notes.http.get(AUDIT, params=asked)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def _subjects(notes: Notes, **asked: Any) -> list[UUID | None]:
    return [item["subject"] and UUID(item["subject"]) for item in (await _read(notes, **asked))["items"]]


async def test_entries_are_read_newest_first_by_whom_what_and_subject(notes: Notes) -> None:
    await audit.enter(notes.database, LI, "tier.overridden", STORE)
    await audit.enter(notes.database, WANG, "tier.overridden", OTHER)
    await audit.enter(notes.database, LI, "purchase.reversed", None)

    assert await _subjects(notes) == [None, OTHER, STORE]
    assert await _subjects(notes, made_by=LI) == [None, STORE]
    assert await _subjects(notes, what="tier.overridden") == [OTHER, STORE]
    assert await _subjects(notes, subject=STORE) == [STORE]
    first = await _read(notes, limit=2)
    assert [item["what"] for item in first["items"]] == ["purchase.reversed", "tier.overridden"]
    rest = await _read(notes, limit=2, cursor=first["next"])
    assert ([item["made_by"] for item in rest["items"]], rest["next"]) == ([str(LI)], None)


async def test_what_was_looked_up_stands_as_a_keyed_hash(notes: Notes) -> None:
    vault = Vault(MASTER_KEY, "reporting:traces")
    for number in (b"+8613712345678", b"+8613712345679", b"+8613712345678"):
        await audit.enter(notes.database, LI, "phone.looked_up", digest=vault.digest(number))

    page = await _read(notes)
    last, between, first = (item["digest"] for item in page["items"])
    assert last == first != between
    assert "13712345678" not in str(page)


async def _enter_and_fail(notes: Notes) -> None:
    async with notes.database.transaction() as transaction:
        await audit.enter(transaction, LI, "tier.overridden", STORE)
        raise LookupError


async def test_an_entry_goes_with_what_it_tells_of(notes: Notes) -> None:
    with pytest.raises(LookupError):
        await _enter_and_fail(notes)
    assert await _subjects(notes) == []


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET what = 'none'", "DELETE FROM audit_entry"])
async def test_entries_stand(notes: Notes, change: str) -> None:
    await audit.enter(notes.database, LI, "tier.overridden", STORE)
    with pytest.raises(asyncpg.RaiseError, match="takes inserts alone"):
        await notes.database.execute(change)


async def test_administration_alone_reads_it(notes: Notes) -> None:
    assert (await notes.http.get(AUDIT, headers=bearer("admin_dept", LI))).status_code == 200
    for role in ("general_manager", "cs_manager", "salesperson", "partner"):
        assert (await notes.http.get(AUDIT, headers=bearer(role, LI))).status_code == 403, role


async def test_an_entry_says_for_what_it_was_done(notes: Notes) -> None:
    """The request states it, for itself alone; what is no purpose is refused before anything is done."""
    await audit.enter(notes.database, LI, "customer.unmasked", STORE)
    state("complaint")
    await audit.enter_many(notes.database, LI, "customer.unmasked", [STORE, OTHER])
    await audit.enter(notes.database, LI, "caller.looked_up", STORE)

    answer = await notes.http.get(AUDIT, headers={"Purpose": "care"})

    assert [item["purpose"] for item in answer.json()["items"]] == ["complaint", "complaint", "complaint", None]
    assert (await _read(notes))["items"][0]["purpose"] == "complaint"
    assert stated() is None, "the last request stated none"
    refused = await notes.http.get(AUDIT, headers={"Purpose": "curiosity"})
    assert (refused.status_code, refused.json()["slug"]) == (422, "unknown-purpose")
    described = (await notes.http.get("/reporting/openapi.json")).json()["paths"][AUDIT]["get"]["parameters"]
    assert "Purpose" in {each["name"] for each in described}
