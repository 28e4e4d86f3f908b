"""After an erasure the person is nowhere: neither in the open, nor sealed, nor as a hash by which they could be found.

Whatever is sealed or hashed of their values while the story is told is remembered by its bytes, and looked for
afterwards in every column of every table of the four databases, logs and parking among them, and in the storage.
"""

import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.customers.erasure_papers.domain import REMOVED, STAYING
from shared.bus.event import Event
from shared.bus.port import Record
from shared.contracts.customers import ContactListed
from shared.db import Database
from shared.key_ring import DataKey
from shared.personal import Vault
from shared.settings import SERVICES, ServiceName
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import OneProcess, one_process
from tests.postgres import FreshDatabase
from tests.security.test_canary import logged, network_of, rows_of
from tests.support import START

__all__ = ["logged"]

NAME, PHONE, MAIL, ADDRESS = "百灵鸟丙丁", "13912350001", "lerche@vogel.example", "百灵鸟路三号"
OTHER_PHONE, OWNER_PHONE, IMPORTED, GUEST = "13912350002", "13912350003", "13912350004", "13912350005"
MANAGER, LANDLORD, TAG = "13912350006", "13912350007", "lerchentag"
WORDS = "Lerchenwort"
"""Whatever anybody says of the person has it in it."""
VALUES = (NAME, PHONE, MAIL, ADDRESS, OTHER_PHONE, OWNER_PHONE, IMPORTED, GUEST, MANAGER, LANDLORD, TAG, WORDS)
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
STAY: dict[ServiceName, set[str]] = {"customers": {"audit_entry"}}
"""Who looked for a number stays in the audit, as a keyed hash that leads to nobody (docs/decisions/audit.md)."""


class Remembered:
    """What was made of the person's values: sealed bytes and keyed hashes, as a row shows them."""

    def __init__(self) -> None:
        self.traces: set[str] = set()

    def note(self, plain: bytes, made: bytes) -> bytes:
        if any(value.encode() in plain or json.dumps(value)[1:-1].encode() in plain for value in VALUES):
            self.traces |= {made.hex(), b64encode(made).decode()}
        return made

    async def left_in(self, database: Database) -> set[str]:
        """Tables where something of it is left, or where a value stands in the open."""
        sought = (*self.traces, *VALUES)
        return {table async for table, text in rows_of(database) if any(each in text for each in sought)}


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Remembered]:
    kept = Remembered()

    def noting(make: Callable[..., bytes]) -> Callable[..., bytes]:
        def made(self: Any, plain: bytes, *identity: bytes) -> bytes:
            return kept.note(plain, make(self, plain, *identity))

        return made

    with monkeypatch.context() as patch:
        for place, name in ((Vault, "seal"), (Vault, "digest"), (DataKey, "seal")):
            patch.setattr(place, name, noting(getattr(place, name)))
        yield kept


class Life:
    """Everything that is entered of one person, by every intake that there is."""

    def __init__(self, stage: OneProcess, house: Company) -> None:
        self.stage, self.http, self.house = stage, network_of(stage).http, house
        self.parked = 1_000_000
        self.other = ""

    async def told(self) -> tuple[str, str, str]:
        """The person, whom a file has brought, and a case of nobody's customer."""
        person = await self._archive()
        await self.stage.quiet()
        await self._complaint(person)
        await self.stage.quiet()
        await self._care(person)
        imported = await self._import()
        guest = await self._guest()
        await self._parked(person)
        await self.stage.quiet()
        person = await self._twice(person)
        return person, imported, guest

    async def _archive(self) -> str:
        body = {
            "name": NAME, "kind": "person", "phones": [PHONE], "emails": [MAIL], "address": ADDRESS,
            "birthday": "1990-01-02",
        }  # fmt: skip
        key = {"Idempotency-Key": "a-person"}
        person = str((await post(self.http, "/customers/v1/customers", body, key))["id"])
        path = f"/customers/v1/customers/{person}"
        await self._must("PATCH", path, {"phones": [PHONE, OTHER_PHONE]})
        await self._must("PATCH", f"{path}/traits", {"preferences": f"{WORDS} tea", "needs": WORDS})
        await post(self.http, f"{path}/notes", {"text": f"{WORDS} is kind"})
        await post(self.http, f"{path}/tags", {"tag": TAG})
        await post(self.http, f"{path}/dates", {"occasion": "wedding", "month": 5, "day": 4})
        await self._must("PUT", f"{path}/team", {"salesperson": self.house.staff["salesperson"]})
        override = {"tier": "A", "reason": f"{WORDS} tier", "until": "2026-12-01T00:00:00Z"}
        await self._must("PUT", f"{path}/tier-override", override)
        await post(self.http, "/customers/v1/owners", {"name": NAME, "phones": [OWNER_PHONE], "customer_id": person})
        bought = {"customer_id": person, "brand_id": self.house.brand, "amount": "100.00", "external_no": "L-1"}
        purchase = await post(self.http, "/customers/v1/purchases", {**bought, "occurred_at": START.isoformat()})
        await post(self.http, f"/customers/v1/purchases/{purchase['id']}/reversal", {"reason": f"{WORDS} wrong"})
        await get(self.http, "/customers/v1/screen-pop", phone=PHONE)
        return person

    async def _twice(self, person: str) -> str:
        """The same person under another id, with all that is told of somebody, merged into the first; the old id."""
        body = {"name": NAME, "kind": "person", "phones": [OTHER_PHONE], "address": ADDRESS, "birthday": "1990-01-02"}
        twice = str((await post(self.http, "/customers/v1/customers", body))["id"])
        path = f"/customers/v1/customers/{twice}"
        await self._must("PATCH", path, {"emails": [MAIL]})
        await self._must("PATCH", f"{path}/traits", {"needs": WORDS})
        await post(self.http, f"{path}/notes", {"text": f"{WORDS} comes twice"})
        await self._must("PUT", f"{path}/team", {"salesperson": self.house.staff["salesperson"]})
        override = {"tier": "A", "reason": f"{WORDS} tier", "until": "2026-12-01T00:00:00Z"}
        await self._must("PUT", f"{path}/tier-override", override)
        await self.stage.quiet()
        await self._complaint(twice)
        await self.stage.quiet()
        await self._care(twice)
        await self._parked(twice)
        await self.stage.quiet()
        await post(self.http, f"{path}/merge", {"into": person, "reason": f"{WORDS} is one"})
        await self.stage.quiet()
        return twice

    async def _complaint(self, person: str) -> None:
        case = await self.house.complains(
            person, complainant={"name": NAME, "contact": PHONE}, text=f"{WORDS} rash", wish=WORDS, why=WORDS
        )
        path, link = f"/complaints/v1/complaints/{case['id']}", f"/complaints/v1/track/{case['tracking_token']}"
        await post(self.http, f"{path}/notes", {"text": f"{WORDS} note"})
        await post(self.http, f"{link}/words", {"text": f"{WORDS} more"}, {"Authorization": ""})
        file = {"file": (f"{WORDS}.png", PICTURE + WORDS.encode(), "image/png")}
        added = await self.http.post(f"{path}/files", files=file, data={"note": WORDS})
        assert added.status_code == 201, added.text
        code = {"name_en": "Gift", "name_zh": "礼品", "active": True}
        await self._must("PUT", "/complaints/v1/commitment-codes/gift", code)
        promise = {
            "customer_id": person, "complaint_id": case["id"], "code": "gift", "what": f"{WORDS} cream",
            "due": "2026-11-20T00:00:00Z", "made_by": self.house.staff["salesperson"],
        }  # fmt: skip
        made = await post(self.http, "/complaints/v1/commitments", promise)
        await post(self.http, f"/complaints/v1/commitments/{made['id']}/withdrawal", {"reason": f"{WORDS} error"})
        await self._beyond_the_rules(promise)
        await post(self.http, f"{path}/answer", {"text": f"{WORDS} sorry"})

    async def _beyond_the_rules(self, promise: dict[str, Any]) -> None:
        """One that is confirmed, so that a case of what it costs opens, and one that is denied and insisted on."""
        seller = self.stage.signed("salesperson", self.house.staff["salesperson"])
        paths = []
        for confirmed in (True, False):
            outside = {**promise, "outside_rules": True, "cost": "10.00"}
            made = await post(self.http, "/complaints/v1/commitments", outside)
            paths.append(f"/complaints/v1/commitments/{made['id']}")
            said = {"confirmed": confirmed, "text": f"{WORDS} so they say"}
            await post(self.http, f"{paths[-1]}/confirmation", said, seller)
        await post(self.http, f"{paths[-1]}/insistence", {"text": f"{WORDS} was promised"})

    async def around_stores(self) -> tuple[str, str]:
        """Somebody of a store with relations, and an owner who is no customer."""
        shop = (await post(self.http, "/customers/v1/customers", {"name": "一家店", "kind": "store"}))["id"]
        people = f"/customers/v1/customers/{shop}/people"
        body = {"name": NAME, "job": "manager", "phones": [MANAGER]}
        manager, other = [
            (await post(self.http, people, each))["id"] for each in (body, {"name": "另一位", "job": "other"})
        ]
        self.other = str(other)
        kinds = (await get(self.http, "/customers/v1/relation-kinds"))["items"]
        related = {"kind": kinds[0]["code"], "to_id": other}
        await post(self.http, f"{people}/{manager}/relations", related)
        date = {"occasion": "wedding", "month": 5, "day": 4, "person_id": manager}
        await post(self.http, f"/customers/v1/customers/{shop}/dates", date)
        owner = (await post(self.http, "/customers/v1/owners", {"name": NAME, "phones": [LANDLORD]}))["id"]
        return str(manager), str(owner)

    async def _care(self, person: str) -> None:
        seller = self.house.staff["salesperson"]
        touch = {
            "customer_id": person, "contact": "visit", "minutes": 30, "content": f"{WORDS} visit", "said": WORDS,
            "place": ADDRESS,
        }  # fmt: skip
        await post(self.http, "/care/v1/touches", touch, self.stage.signed("salesperson", seller))
        proof = {
            "form": "spoken", "place": ADDRESS, "text_version": "1", "taken_at": START.isoformat(), "taken_by": seller,
        }  # fmt: skip
        choice = {"channel": "sms", "purpose": "promotion", "granted": True}
        consents = {"consents": [choice], "source": f"{WORDS} said", "proof": proof}
        await self._must("PUT", f"/care/v1/consents/{person}", consents, match=False)
        await post(self.http, f"/care/v1/consents/{person}/proposals", consents)

    async def _import(self) -> str:
        rows = f"external_no,name,kind,phones,address\nL-9,{NAME}二,person,{IMPORTED},{ADDRESS}"
        for form in ({"kind": "customers", "dry_run": "true"}, {"kind": "customers"}):
            file = {"file": ("customers.csv", rows.encode(), "text/csv")}
            started = await self.http.post("/customers/v1/imports", files=file, data=form)
            assert started.status_code == 202, started.text
            await self.stage.quiet()
        [found] = (await get(self.http, "/customers/v1/customers", external_no="L-9"))["items"]
        return str(found["id"])

    async def _guest(self) -> str:
        case = await post(
            self.http,
            "/complaints/v1/complaints",
            {
                "complainant": {"name": f"{NAME}三", "contact": GUEST}, "subject": "delivery",
                "text": f"{WORDS} of a guest", "channel": "line",
            },
        )  # fmt: skip
        return str(case["id"])

    async def _parked(self, person: str) -> None:
        """A contact that cannot be read waits in the parking, with its bytes sealed."""
        event = Event(
            type=ContactListed.TYPE, topic=ContactListed.TOPIC, key=person, time=START, aggregate_id=UUID(person),
            aggregate_version=1, data=json.dumps({"customer_id": NAME}),
        )  # fmt: skip
        self.parked += 1
        for name in ("complaints", "care"):
            inbox = network_of(self.stage).network.members[name].inbox
            await inbox.take([Record(event.topic, 0, self.parked, event.key, event)])

    async def _must(self, method: str, path: str, body: object, *, match: bool = True) -> None:
        headers = {"If-Match": "*"} if match else {}
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201), f"{method} {path}: {answer.status_code} {answer.text}"


@pytest.mark.timeout(300)
async def test_who_was_erased_is_nowhere(
    fresh_database: FreshDatabase, tmp_path: Path, logged: io.StringIO, remembered: Remembered
) -> None:
    async with one_process(fresh_database, tmp_path) as stage:
        network = network_of(stage)
        life = Life(stage, await company(network.http))
        person, imported, guest = await life.told()
        manager, owner = await life.around_stores()
        await stage.quiet()
        before = [table for name in SERVICES for table in await remembered.left_in(network.database(name))]
        assert len(before) >= 20, "they stood everywhere"
        assert list((tmp_path / "files").rglob("*")), "and in a file"

        for whose in (
            {"customer_id": person},
            {"customer_id": imported},
            {"complaint_id": guest},
            {"person_id": manager},
            {"person_id": owner},
        ):
            erasure = await post(stage.http, "/customers/v1/erasures", {**whose, "reason": "asked by letter"})
            await stage.quiet()
            done = await get(stage.http, f"/customers/v1/erasures/{erasure['id']}")
            assert done["state"] == "done", done
            removed = done["certificate"]["removed"]
            assert removed.keys() == set(SERVICES)
            assert {what for counts in removed.values() for what in counts} <= REMOVED.keys(), "paper has words for it"
            assert set(done["certificate"]["stays"]) <= STAYING.keys()

        for name in SERVICES:
            assert await remembered.left_in(network.database(name)) == STAY.get(name, set()), name
            metrics = (await stage.http.get(f"/{name}/metrics")).text
            assert not any(value in metrics for value in VALUES), name
        assert await network.database("complaints").fetchval("SELECT count(*) FROM case_trace WHERE grams <> '{}'") == 0
        assert await network.database("complaints").fetchval("SELECT count(*) FROM case_sketch") == 0
        keys = "SELECT array_agg(subject_id::text) FROM personal_key"
        assert await network.database("customers").fetchval(keys) == [life.other], "who was not erased"
        assert await network.database("customers").fetchval("SELECT count(*) FROM relation") == 0
        kept = [each for each in (tmp_path / "files").rglob("*") if each.is_file() and "audit" not in each.parts]
        assert kept == [], "the file is gone"
    assert not any(value in logged.getvalue() for value in VALUES)


async def test_what_is_left_of_a_person_is_seen(
    fresh_database: FreshDatabase, tmp_path: Path, remembered: Remembered
) -> None:
    async with one_process(fresh_database, tmp_path) as stage:
        database = network_of(stage).database("care")
        sealed = Vault(bytes(32), "a test").seal(WORDS.encode(), b"a row")
        trace = Vault(bytes(32), "another").digest(f"phone:+86{PHONE}".encode())
        await database.execute("CREATE TABLE leak (sealed bytea, traces bytea[])")
        await database.execute("INSERT INTO leak VALUES ($1, NULL)", sealed)
        assert await remembered.left_in(database) == {"leak"}
        await database.execute("UPDATE leak SET sealed = NULL, traces = ARRAY[$1::bytea]", trace)
        assert await remembered.left_in(database) == {"leak"}
