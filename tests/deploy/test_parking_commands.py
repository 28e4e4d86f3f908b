"""`crm parking` as an operator types it, on a service's own database."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from shared.bus.event import Event
from shared.bus.port import Record
from shared.contracts.complaints import ComplaintClosed
from shared.ids import new_id
from tests.architecture.source import ROOT
from tests.postgres import FreshDatabase
from tests.support import MASTER_KEY, START, OneService, one_service

PHONE = "+8613800138000"


@pytest.fixture
async def care(fresh_database: FreshDatabase) -> AsyncIterator[OneService]:
    """Care with two parked events of one key: the first has a phone number where an id belongs."""
    customer = new_id()
    async with one_service(fresh_database, "care") as alone:
        for version, case in ((1, PHONE), (2, str(new_id()))):
            data = json.dumps({"complaint_id": case, "customer_id": str(customer), "round": 1, "at": START.isoformat()})
            event = Event(
                type=ComplaintClosed.TYPE, topic=ComplaintClosed.TOPIC, key=str(customer), time=START,
                aggregate_id=customer, aggregate_version=version, data=data,
            )  # fmt: skip
            await alone.inbox.take([Record(event.topic, 0, version, event.key, event)])
        yield alone


def crm(care: OneService, *arguments: str) -> tuple[int, str]:
    """Exit code and what it prints; its log has no content either."""
    environment = {
        **os.environ, "CRM_DATABASE_URL_CARE": care.database.url, "CRM_MASTER_KEY": MASTER_KEY.hex(),
        "CRM_JWKS_URL": "http://127.0.0.1:1/keys",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "crm", *arguments],
        cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert PHONE not in done.stdout + done.stderr
    return done.returncode, done.stdout


async def test_what_is_parked_is_listed_replayed_and_discarded(care: OneService) -> None:
    code, listed = crm(care, "parking", "list", "care")
    assert code == 0
    assert "care: 2 events of 1 key parked" in listed
    number = listed.splitlines()[1].split()[0]
    rows = [json.loads(line) for line in crm(care, "parking", "list", "care", "--json")[1].splitlines()]
    assert [(row["service"], row["type"]) for row in rows] == [("care", ComplaintClosed.TYPE)] * 2

    code, replayed = crm(care, "parking", "replay", "care")
    assert (code, replayed.splitlines()[0]) == (1, "0 events replayed")
    assert "ValidationError; 2 events of its key still parked" in replayed

    assert crm(care, "parking", "discard", "care", "--reason", "a reason")[0] == 2
    assert crm(care, "parking", "discard", "care", number, "--reason", " ")[0] == 2
    code, discarded = crm(care, "parking", "discard", "care", number, "--reason", "its case is nobody's")
    assert (code, discarded.partition(";")[0]) == (0, "1 event discarded")

    code, replayed = crm(care, "parking", "replay", "care")
    assert (code, replayed.splitlines()[0]) == (0, "1 event replayed")
    assert "care: nothing is parked" in crm(care, "parking", "list", "care")[1]
