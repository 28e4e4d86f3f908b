"""Backup, restore and upgrade by the commands of docs/operating.md, on real databases with everything in them."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command

from deploy.network import Network
from shared.auth.tokens import TokenVerifier
from shared.bus.epoch import epoch_of
from shared.clock import ManualClock
from shared.db import Database
from shared.migrations import configuration
from shared.revisions import newest
from shared.runtime import Runtime
from shared.settings import SERVICES, ServiceName
from tests.all_in_one import AllInOne, refused
from tests.architecture.source import ROOT
from tests.postgres import FreshDatabase
from tests.support import ISSUER, MASTER_KEY, SETTINGS, START, WholeNetwork, database_of

Urls = Mapping[ServiceName, str]
FEED = "/complaints/v1/events"


@pytest.fixture
async def urls(fresh_database: FreshDatabase) -> Urls:
    """The four databases, migrated."""
    return {service: await database_of(fresh_database, service) for service in SERVICES}


@asynccontextmanager
async def running(urls: Urls) -> AsyncIterator[WholeNetwork]:
    """The network on these databases; afterwards nobody is connected."""
    clock = ManualClock(START)
    async with AsyncExitStack() as stack:
        runtimes: dict[ServiceName, Runtime] = {}
        for service, url in urls.items():
            database = await Database.connect(url, pool_size=4)
            stack.push_async_callback(database.close)
            verifier = TokenVerifier(SETTINGS, ISSUER.public_keys)
            runtimes[service] = Runtime(SETTINGS, database, clock, verifier, MASTER_KEY)
        network = WholeNetwork(Network(runtimes), clock)
        async with network.http:
            yield network
            for member in network.network.members.values():
                await member.relay.release()


async def crm(urls: Urls, *arguments: str | Path, code: int = 0) -> str:
    """What a command prints."""
    named = {f"CRM_DATABASE_URL_{service.upper()}": url for service, url in urls.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crm", *arguments),
        env={**os.environ, **named, "CRM_MASTER_KEY": MASTER_KEY.hex()},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == code, said.decode()
    return said.decode()


async def sent(network: WholeNetwork, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    answer = await network.http.post(path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def store(network: WholeNetwork) -> str:
    made = await sent(
        network, "/customers/v1/customers", {"name": "Orchid", "kind": "store", "phones": ["13800138000"]}
    )
    await network.drain()
    return str(made["id"])


async def complaint(network: WholeNetwork, customer: str) -> dict[str, Any]:
    asked = {"customer_id": customer, "subject": "delivery", "text": "Nothing has arrived.", "channel": "line"}
    made = await sent(network, "/complaints/v1/complaints", asked)
    await network.drain()
    return made


async def page(network: WholeNetwork, after: int) -> tuple[int, dict[str, Any]]:
    answer = await network.http.get(FEED, params={"after": after, "limit": 500})
    return answer.status_code, answer.json()


async def last_seen(network: WholeNetwork) -> int:
    return int((await page(network, 0))[1]["items"][-1]["sequence"])


async def shown(network: WholeNetwork, customer: str) -> dict[str, str]:
    """Case -> state, as reporting shows it."""
    answer = (await network.http.get(f"/reporting/v1/customers/{customer}")).json()
    return {case["id"]: case["state"] for case in answer["complaints"]}


async def test_a_service_restored_alone_gives_nothing_twice_and_is_heard(urls: Urls, tmp_path: Path) -> None:
    folder = tmp_path / "backups" / "monday"
    async with running(urls) as network:
        customer = await store(network)
        kept = await complaint(network, customer)
        at_backup = await last_seen(network)
    assert "complaints: " in await crm(urls, "backup", "--to", folder)
    assert json.loads((folder / "complaints.json").read_text())["counts"]["complaint"] == 1
    async with running(urls) as network:
        lost = await complaint(network, customer)
        await sent(network, f"/complaints/v1/complaints/{kept['id']}/answer", {"text": "at once"})
        await network.drain()
        assert (await shown(network, customer))[kept["id"]] == "answered"
        partner = await last_seen(network)

    said = await crm(urls, "restore", "--from", folder, "complaints")
    assert "reporting has seen" in said
    assert lost["id"] in said

    async with running(urls) as network:
        await network.drain()
        assert (await network.http.get(f"/complaints/v1/complaints/{lost['id']}")).status_code == 404
        new = await complaint(network, customer)
        assert new["number"] not in {kept["number"], lost["number"]}
        code, gone = await page(network, partner)
        assert (code, gone["slug"]) == (410, "log-restored")
        assert f"after={at_backup}" in gone["detail"]
        code, again = await page(network, at_backup)
        assert [(item["type"], epoch_of(item["sequence"]) > 0) for item in again["items"]] == [
            ("crm.complaint.opened", True),
            ("crm.complaint.first_reply", True),
        ]
        assert again["items"][0]["sequence"] > partner
        resolved = await sent(network, f"/complaints/v1/complaints/{kept['id']}/resolve", {"text": "in another way"})
        assert resolved["state"] == "resolved"
        await network.drain()

        assert await shown(network, customer) == {kept["id"]: "resolved", lost["id"]: "open", new["id"]: "open"}
        for service in SERVICES:
            assert await network.database(service).fetchval("SELECT count(*) FROM parked_event") == 0

    await crm(urls, "rebuild", "reporting")
    async with running(urls) as network:
        await network.drain()
        assert await shown(network, customer) == {kept["id"]: "resolved", new["id"]: "open"}, "level with the owner"


async def test_all_four_restored_are_what_they_were_and_the_live_stream_says_that_it_lacks_something(
    urls: Urls, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    async with running(urls) as network:
        customer = await store(network)
        kept = await complaint(network, customer)
    await crm(urls, "backup", "--to", folder)
    async with running(urls) as network:
        await complaint(network, customer)
        newest_live = await network.database("reporting").fetchval("SELECT last_id FROM live_stream")

    assert "epoch" in await crm(urls, "restore", "--from", folder)

    async with running(urls) as network:
        await network.drain()
        assert await shown(network, customer) == {kept["id"]: "open"}
        trimmed = await network.database("reporting").fetchval("SELECT trimmed_to FROM live_stream")
        assert trimmed > newest_live, "whoever has seen the last update is told of a gap"
        new = await complaint(network, customer)
        assert await shown(network, customer) == {kept["id"]: "open", new["id"]: "open"}
        contact = await network.database("care").fetchval("SELECT count(*) FROM contact")
        assert contact == 1


async def test_a_second_restore_of_the_same_backup_begins_another_epoch(urls: Urls, tmp_path: Path) -> None:
    await crm(urls, "backup", "--to", tmp_path / "backup", "complaints")
    epochs = []
    for _ in range(2):
        await crm(urls, "restore", "--from", tmp_path / "backup", "complaints")
        connection = await asyncpg.connect(urls["complaints"])
        epochs.append(epoch_of(await connection.fetchval("SELECT last_sequence FROM relay")))
        await connection.close()

    assert 0 < epochs[0] < epochs[1]


async def test_nothing_is_touched_when_a_backup_is_damaged_or_somebody_works(urls: Urls, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    await crm(urls, "backup", "--to", folder, "complaints", "care")
    assert "exists already" in await crm(urls, "backup", "--to", folder, "care", code=2)
    assert "no backup of customers" in await crm(urls, "restore", "--from", folder, "customers", code=2)
    busy = await asyncpg.connect(urls["complaints"])
    assert "stop its processes" in await crm(urls, "restore", "--from", folder, "complaints", code=2)
    await busy.execute("INSERT INTO idempotency_key (caller, key, operation, fingerprint) VALUES ('', '', '', '')")
    await busy.close()

    whole = (folder / "care.dump").read_bytes()
    (folder / "care.dump").write_bytes(whole[:-1])
    assert "is not what was written" in await crm(urls, "restore", "--from", folder, "complaints", "care", code=2)

    left = await asyncpg.connect(urls["complaints"])
    assert await left.fetchval("SELECT count(*) FROM idempotency_key") == 1
    await left.close()


async def test_a_dump_that_does_not_come_whole_changes_nothing(urls: Urls, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    await crm(urls, "backup", "--to", folder, "care")
    manifest = json.loads((folder / "care.json").read_text())
    manifest["counts"]["relay"] += 1
    (folder / "care.json").write_text(json.dumps(manifest))
    changed = await asyncpg.connect(urls["care"])
    await changed.execute("UPDATE relay SET last_sequence = 77")
    await changed.close()

    assert "did not come whole" in await crm(urls, "restore", "--from", folder, "care", code=2)

    left = await asyncpg.connect(urls["care"])
    assert await left.fetchval("SELECT last_sequence FROM relay") == 77
    await left.close()


def test_all_in_one_goes_on_in_a_new_folder_with_the_keys_of_the_old(tmp_path: Path) -> None:
    """As after the loss of a disk: databases, clock and whose the ready tokens are come from the backup."""
    old, new, kept = tmp_path / "old", tmp_path / "new", tmp_path / "kept"
    with AllInOne(old) as first, first.http() as http:
        store = http.post("/customers/v1/customers", json={"name": "兰芷", "kind": "store"}).json()["id"]
        forwarded = http.post("/rehearsal/clock", json={"forward": "P30D"}).json()["now"]
        subjects = json.loads((old / "staff.json").read_text())
        _crm(["backup", "--to", str(kept), "--data", str(old)])

    restore = ["restore", "--from", str(kept), "--data", str(new)]
    assert "put the old folder's keys.json into it first" in refused(*restore)
    assert not (new / "postgresql").exists()
    new.mkdir()
    (new / "keys.json").write_bytes((old / "keys.json").read_bytes())
    _crm(restore)

    with AllInOne(new) as again, again.http() as http:
        assert http.get(f"/customers/v1/customers/{store}").json()["name"] == "兰芷"
        assert http.get("/rehearsal/clock").json()["now"] >= forwarded
        assert json.loads((new / "staff.json").read_text()) == subjects


def _crm(arguments: Sequence[str]) -> None:
    subprocess.run([sys.executable, "-m", "crm", *arguments], cwd=ROOT, check=True, timeout=120)


async def test_an_upgrade_begins_with_a_backup_and_can_be_taken_back(urls: Urls, tmp_path: Path) -> None:
    """The new release is installed, the database still stands at the revision before."""
    url, before = urls["complaints"], f"{int(newest('complaints')) - 1:04d}"
    await asyncio.to_thread(command.downgrade, configuration("complaints", url), before)
    one: Urls = {"complaints": url}

    await crm(one, "backup", "--to", tmp_path / "before", "complaints")
    assert json.loads((tmp_path / "before" / "complaints.json").read_text())["revision"] == before
    assert "complaints" in await crm(one, "migrate")
    await crm(one, "restore", "--from", tmp_path / "before", "complaints")

    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == newest("complaints")
    assert await connection.fetchval("SELECT count(*) FROM log_epoch") == 1
    await connection.close()
    await asyncio.to_thread(command.check, configuration("complaints", url))
