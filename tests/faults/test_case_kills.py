"""Kill -9 of who sends first replies or stores files: a letter goes once, a file is there whole or not at all."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from services.complaints.evidence.domain.files import UNFINISHED_FOR
from shared.contracts.complaints import ComplaintEvidenceAdded
from shared.contracts.letters import ComplaintFirstReply
from tests.complaints.building import Complaints
from tests.complaints.test_evidence import PNG, desk, listed, send, stored
from tests.complaints.test_letters import MOBILE, by, writing
from tests.eventually import eventually
from tests.faults import case_worker
from tests.postgres import FreshDatabase
from tests.support import START

LETTERS = 40


@asynccontextmanager
async def _worker(service: Complaints, folder: Path, what: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.case_worker", service.database.url, str(folder), what
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _killed_when(service: Complaints, folder: Path, what: str, moment: Callable[[], Awaitable[bool]]) -> None:
    async with _worker(service, folder, what):
        await eventually(moment, within=60)


@asynccontextmanager
async def _nobody_keeps_anything_of(service: Complaints, id_: str) -> AsyncIterator[None]:
    """The case is held: who has done something for it cannot write it down."""
    async with service.database.transaction() as transaction:
        await transaction.execute("SELECT FROM complaint WHERE id = $1 FOR UPDATE", UUID(id_))
        yield


async def test_a_first_reply_goes_once_whoever_is_killed(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    """Killed anywhere, and between sending and writing it down: the next one sends under the same key."""
    async with writing(fresh_database, tmp_path, START) as service:
        ids = [(await service.post("/complaints", by(MOBILE))).json()["id"] for _ in range(LETTERS)]
        await service.told()

        async def some_have_gone() -> bool:
            return len(service.messages()) >= LETTERS // 2

        async def all_have_gone() -> bool:
            count = await service.database.fetchval("SELECT count(*) FROM letter WHERE state = 'sent'")
            return bool(count == LETTERS)

        async def leases_run_out() -> None:
            await service.database.execute(
                "UPDATE letter SET lease_until = now() - interval '1 second' WHERE state = 'sending'"
            )

        async with _nobody_keeps_anything_of(service, ids[0]):
            await _killed_when(service, tmp_path, "letters", some_have_gone)
            assert await service.facts(ComplaintFirstReply) == []
        await leases_run_out()
        await _killed_when(service, tmp_path, "letters", all_have_gone)

        assert len(service.messages()) == LETTERS
        told = [str(fact.complaint_id) for fact in await service.facts(ComplaintFirstReply)]
        assert sorted(told) == sorted(ids)
        entries = await service.database.fetch("SELECT complaint_id FROM case_entry WHERE what = 'first_reply'")
        assert sorted(str(entry["complaint_id"]) for entry in entries) == sorted(ids)


async def test_a_file_is_there_whole_or_not_at_all_whoever_is_killed(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Killed while the content is stored, between the content and its row, and after that."""
    folder = tmp_path / "files"
    async with desk(fresh_database, folder) as service:
        cases = [(await service.record())["id"] for _ in range(3)]

        async def states(id_: str) -> list[str]:
            rows = await service.database.fetch("SELECT state FROM evidence_file WHERE complaint_id = $1", UUID(id_))
            return [row["state"] for row in rows]

        def drafts() -> list[Path]:
            return [file for file in stored(folder) if file.name.endswith(".part") and file.stat().st_size]

        async def half_stored() -> bool:
            return "storing" in await states(cases[0]) and bool(drafts())

        async def kept() -> bool:
            return "kept" in await states(cases[2])

        await _killed_when(service, tmp_path, cases[0], half_stored)
        await _killed_between_content_and_row(service, tmp_path, cases[1])
        assert "storing" in await states(cases[1])
        await _killed_when(service, tmp_path, cases[2], kept)
        service.clock.forward(UNFINISHED_FOR + timedelta(seconds=1))
        while await service.run_loops("complaints.files"):
            pass

        found = [(id_, file) for id_ in cases for file in await listed(service, id_)]
        assert {state for id_ in cases for state in await states(id_)} == {"kept"}
        assert sorted(str(fact.file_id) for fact in await service.facts(ComplaintEvidenceAdded)) == sorted(
            file["id"] for _, file in found
        )
        assert len(stored(folder)) == len(found), "nothing lies there that no row knows"
        for id_, file in found:
            content = (await service.get(f"/complaints/{id_}/files/{file['id']}")).content
            assert (len(content), content[:8]) == (len(case_worker.PNG) + case_worker.SIZE, PNG[:8])
        assert [(await send(service, id_, PNG)).status_code for id_ in cases] == [201] * 3


async def _killed_between_content_and_row(service: Complaints, folder: Path, id_: str) -> None:
    """As soon as a file is begun nobody keeps it: its content is stored, and its row still says that it is not."""

    async def storing() -> UUID | None:
        found = "SELECT id FROM evidence_file WHERE complaint_id = $1 AND state = 'storing'"
        return UUID(str(id_)) if (id_ := await service.database.fetchval(found, case_id)) else None

    async def begun() -> bool:
        return await storing() is not None

    case_id = UUID(id_)
    async with _worker(service, folder, id_) as process:
        while process.returncode is None:
            await eventually(begun, within=60)
            async with _nobody_keeps_anything_of(service, id_):
                if file_id := await storing():  # else it was quicker: the next file then
                    await eventually(lambda: any(file.name == str(file_id) for file in stored(folder)))
                    process.kill()
                    await process.wait()
