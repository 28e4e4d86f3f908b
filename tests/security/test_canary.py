"""The canary: personal values that occur nowhere else go in by every intake, and are then looked for where none may be.

Looked for in every column of every table of the four databases, event logs, contacts and parking among them, in what is
logged, in traces, in metrics and in answers to mistakes. What is sealed, hashed or masked does not match.
"""

import gc
import io
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog._config import BoundLoggerLazyProxy

from shared import telemetry
from shared.bus.event import Event
from shared.bus.port import Record
from shared.contracts.customers import ContactListed
from shared.db import Database
from shared.ids import new_id
from shared.settings import SERVICES, ServiceName
from shared.telemetry import configure_logging
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import OneProcess, one_process
from tests.postgres import FreshDatabase
from tests.support import START, WholeNetwork

CANARIES: Mapping[str, str] = {
    "a person's name": "金丝雀甲乙",
    "a person's phone": "13912340001",
    "a person's mail": "kanarie-1@vogel.example",
    "a person's address": "鹿城区百灵鸟路一号",
    "a store's phone": "13912340002",
    "a store's mail": "kanarie-2@vogel.example",
    "a store's address": "鹿城区画眉巷二号",
    "the name of somebody of a store": "金丝雀店员",
    "the phone of somebody of a store": "13912340009",
    "the mail of somebody of a store": "kanarie-4@vogel.example",
    "the tastes of somebody of a store": "Kanarienvogel-tastes",
    "a number put right": "13912340003",
    "a colleague's mail": "kanarie-3@vogel.example",
    "a complainant's name": "黄鹂女士",
    "a complainant's phone": "13912340004",
    "what happened": "Kanarienvogel-text",
    "what is wished": "Kanarienvogel-wish",
    "an answer": "Kanarienvogel-answer",
    "a note": "Kanarienvogel-note",
    "words by the link": "Kanarienvogel-words",
    "a judgement": "Kanarienvogel-judged",
    "what a touch was about": "Kanarienvogel-touch",
    "what was said": "Kanarienvogel-said",
    "how consent was given": "Kanarienvogel-source",
    "where consent was given": "Kanarienvogel-place",
    "why a proposal is refused": "Kanarienvogel-refused",
    "why a tier is set": "Kanarienvogel-override",
    "what was said at an ending": "Kanarienvogel-ending",
    "why a contract is corrected": "Kanarienvogel-correction",
    "why a campaign is begun": "Kanarienvogel-campaign",
    "an imported name": "金丝雀进口",
    "an imported phone": "13912340005",
    "an imported row that is bad": "13912340006",
    "an imported name of somebody of a store": "金丝雀进口店员",
    "an imported phone of somebody of a store": "13912340010",
    "why a purchase is put right": "Kanarienvogel-kauf",
    "a number of nobody": "13912340007",
    "a note of a customer": "Kanarienvogel-notiz",
    "what a customer needs": "Kanarienvogel-bedarf",
    "when somebody of a store was born": "1931-09-13",
    "when somebody of a store was wed": "1932-08-17",
    "an owner's name": "金丝雀店主",
    "an owner's phone": "13912340011",
    "an owner's mail": "kanarie-5@vogel.example",
    "a prospect's name": "金丝雀准客",
    "a prospect's phone": "13912340012",
    "a prospect's mail": "kanarie-6@vogel.example",
    "a prospect's address": "鹿城区云雀街三号",
    "a note of a prospect": "Kanarienvogel-vormerkung",
    "why a prospect is lost": "Kanarienvogel-verloren",
    "why two customers are one": "Kanarienvogel-merge",
    "a mistake": "Kanarienvogel-mistake",
    "in an event that fails": "13912340008",
}

POISONED: tuple[ServiceName, ...] = ("complaints", "care")
"""Who reads contacts."""
KNOWN: Mapping[ServiceName, list[tuple[str, str]]] = {"customers": [("staff", "a colleague's mail")]}
"""Where staff are reached at work stands readably with whom the directory belongs to, and nowhere else."""


def written(value: str) -> Iterator[str]:
    """In which ways a value can stand somewhere in the open."""
    yield value
    yield value.encode().hex()
    yield json.dumps(value)[1:-1]


def seen_in(text: str) -> list[str]:
    return [label for label, value in CANARIES.items() if any(way in text for way in written(value))]


async def rows_of(database: Database) -> AsyncIterator[tuple[str, str]]:
    """Table and all that it holds as text. A row's text has every column; bytes stand in it as hex."""
    tables = await database.fetch(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    for table in tables:
        rows = await database.fetch(f"SELECT t::text AS row FROM {table['name']} t")
        yield table["name"], "\n".join(row["row"] for row in rows)


async def seen_in_database(database: Database) -> list[tuple[str, str]]:
    """Table and canary."""
    return [(table, label) async for table, text in rows_of(database) for label in seen_in(text)]


def _forget_loggers() -> None:
    """Loggers keep what they were configured with at their first line."""
    for each in gc.get_objects():
        if isinstance(each, BoundLoggerLazyProxy):
            vars(each).pop("bind", None)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, from DEBUG on."""
    kept = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", kept)
        configure_logging("DEBUG")
        _forget_loggers()
        structlog.get_logger("canary").warning("logged here")
        yield kept
    configure_logging("ERROR")
    _forget_loggers()


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Every span that ends."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("crm"))
    return exporter


class Story:
    """What goes in, by whom, and what was answered to mistakes."""

    def __init__(self, stage: OneProcess, house: Company) -> None:
        self.stage = stage
        self.http = stage.http
        self.house = house
        self.refused: list[httpx.Response] = []

    async def tell(self) -> None:
        store, person = await self._archive()
        await self._owners(store, person)
        await self._prospects()
        await self._network(store)
        await self._complain(store)
        await self._care(store, person)
        await self._import()
        await self._correct(store)
        await self._mistake(person)
        await self._poison()
        await self.stage.quiet()

    async def _archive(self) -> tuple[str, str]:
        said = CANARIES
        person = await post(
            self.http,
            "/customers/v1/customers",
            {
                "name": said["a person's name"], "kind": "person", "phones": [said["a person's phone"]],
                "emails": [said["a person's mail"]], "address": said["a person's address"], "birthday": "1990-01-02",
            },
        )  # fmt: skip
        store = await self.house.store("明月美容院")
        profile = {
            "phones": [said["a store's phone"], said["a number put right"]],
            "emails": [said["a store's mail"]],
            "address": said["a store's address"],
        }
        await self._must("PATCH", f"/customers/v1/customers/{store}", profile)
        people = f"/customers/v1/customers/{store}/people"
        of_store = {
            "name": said["the name of somebody of a store"], "phones": [said["the phone of somebody of a store"]],
            "emails": [said["the mail of somebody of a store"]], "tastes": said["the tastes of somebody of a store"],
        }  # fmt: skip
        manager = await post(self.http, people, {"job": "manager", **of_store})
        birthday = {"occasion": "birthday", "person_id": manager["id"], "month": 11, "day": 5, "year": 1971}
        await post(self.http, f"/customers/v1/customers/{store}/dates", birthday)
        for label, date in (
            ("when somebody of a store was born", {"occasion": "birthday", "calendar": "lunar"}),
            ("when somebody of a store was wed", {"occasion": "wedding"}),
        ):
            year, month, day = map(int, said[label].split("-"))
            whose = (await post(self.http, people, {"name": of_store["name"], "job": "buyer"}))["id"]
            body = {**date, "person_id": whose, "year": year, "month": month, "day": day}
            entered = await post(self.http, f"/customers/v1/customers/{store}/dates", body)
            path = f"/customers/v1/customers/{store}/dates/{entered['id']}"
            await self._must("PATCH", path, {"day": day + 1})
            await self._must("PATCH", path, {"day": day})
        await get(self.http, people)
        await get(self.http, "/customers/v1/dates", **{"from": "2026-11-04", "to": "2026-11-30"})
        await get(self.http, "/customers/v1/customers", q=said["the phone of somebody of a store"])
        colleague = await self.house.joined_by("salesperson")
        await self._must("PATCH", f"/customers/v1/staff/{colleague}", {"address": said["a colleague's mail"]})
        override = {"tier": "A", "reason": said["why a tier is set"], "until": "2026-12-01T00:00:00Z"}
        await self._must("PUT", f"/customers/v1/customers/{store}/tier-override", override)
        for customer in (store, person["id"]):
            path = f"/customers/v1/customers/{customer}"
            await post(self.http, f"{path}/notes", {"text": said["a note of a customer"]})
            await self._must("PATCH", f"{path}/traits", {"needs": said["what a customer needs"]})
            await get(self.http, f"{path}/changes")
        await get(self.http, "/customers/v1/screen-pop", phone=said["a person's phone"])
        await get(self.http, "/customers/v1/customers", q=said["a person's name"])
        return store, str(person["id"])

    async def _owners(self, store: str, person: str) -> None:
        """Whose a store is, and that a person was entered twice."""
        said = CANARIES
        reached = {"phones": [said["an owner's phone"]], "emails": [said["an owner's mail"]]}
        owner = await post(self.http, "/customers/v1/owners", {"name": "店主", **reached})
        await self._must("PATCH", f"/customers/v1/owners/{owner['id']}", {"name": said["an owner's name"]})
        ownership = {"owner_id": owner["id"]}
        await post(self.http, f"/customers/v1/customers/{store}/ownership", ownership)
        await get(self.http, f"/customers/v1/owners/{owner['id']}")
        await get(self.http, "/customers/v1/names", ids=owner["id"])
        await get(self.http, "/customers/v1/screen-pop", phone=said["an owner's phone"])
        await get(self.http, f"/customers/v1/customers/{store}/changes")
        twin = {"name": said["a person's name"], "kind": "person", "phones": [said["a person's phone"]]}
        merge = {"into": person, "reason": said["why two customers are one"]}
        twins = [
            f"/customers/v1/customers/{(await post(self.http, '/customers/v1/customers', twin))['id']}"
            for _ in range(2)
        ]
        for twice in twins:
            await post(self.http, f"{twice}/merge", merge)
        await post(self.http, f"{twins[-1]}/unmerge", {})
        await get(self.http, f"/customers/v1/customers/{person}/merges")

    async def _prospects(self) -> None:
        """One is lost, one becomes a customer."""
        said, prospects = CANARIES, "/customers/v1/prospects"
        reached = {
            "phones": [said["a prospect's phone"]], "emails": [said["a prospect's mail"]],
            "address": said["a prospect's address"],
        }  # fmt: skip
        for kind in ("store", "person"):
            met = {
                "name": "准客",
                "kind": kind,
                "source": "web",
                "owner_id": self.house.staff["salesperson"],
                **reached,
            }
            path = f"{prospects}/{(await post(self.http, prospects, met))['id']}"
            await self._must("PATCH", path, {"name": said["a prospect's name"]})
            await post(self.http, f"{path}/notes", {"text": said["a note of a prospect"]})
            await get(self.http, path)
            if kind == "person":
                await post(self.http, f"{path}/customer", {})
            else:
                await self._must("PATCH", path, {"state": "lost", "lost_reason": said["why a prospect is lost"]})

    async def _network(self, store: str) -> None:
        said = CANARIES
        asked = {"brand_id": self.house.brand, "region_id": self.house.region, "starts_on": "2026-01-01"}
        contract = await post(self.http, "/customers/v1/contracts", {"customer_id": store, **asked})
        path = f"/customers/v1/contracts/{contract['id']}"
        correction = {"starts_on": "2025-01-01", "reason": said["why a contract is corrected"]}
        await self._must("PATCH", path, correction)
        campaign = {"name": "整顿", "reason": said["why a campaign is begun"], "contracts": [contract["id"]]}
        await post(self.http, "/customers/v1/campaigns", campaign)
        await post(self.http, f"{path}/ending/confirm", {"text": said["what was said at an ending"]})
        await get(self.http, f"{path}/corrections")

    async def _complain(self, store: str) -> None:
        said = CANARIES
        who = {"name": said["a complainant's name"], "contact": said["a complainant's phone"]}
        case = await self.house.complains(
            store, complainant=who, text=said["what happened"], wish=said["what is wished"]
        )
        path, link = f"/complaints/v1/complaints/{case['id']}", f"/complaints/v1/track/{case['tracking_token']}"
        await post(self.http, f"{path}/notes", {"text": said["a note"]})
        await post(self.http, f"{link}/words", {"text": said["words by the link"]}, {"Authorization": ""})
        await post(self.http, f"{path}/answer", {"text": said["an answer"]})
        judged = {"perceived": 9, "expected": 8, "text": said["a judgement"]}
        await post(self.http, f"{link}/satisfaction", judged, {"Authorization": ""})
        await self.stage.quiet()

    async def _care(self, store: str, person: str) -> None:
        said, seller = CANARIES, self.house.staff["salesperson"]
        touch = {
            "customer_id": store, "contact": "visit", "minutes": 30, "content": said["what a touch was about"],
            "said": said["what was said"], "place": said["a store's address"],
        }  # fmt: skip
        await post(self.http, "/care/v1/touches", touch, self.stage.signed("salesperson", seller))
        proof = {
            "form": "spoken", "place": said["where consent was given"], "text_version": "1",
            "taken_at": START.isoformat(), "taken_by": seller,
        }  # fmt: skip
        choice = {"channel": "sms", "purpose": "promotion", "granted": True}
        consents = {"consents": [choice], "source": said["how consent was given"], "proof": proof}
        await self._must("PUT", f"/care/v1/consents/{person}", consents, match=False)
        proposal = await post(self.http, f"/care/v1/consents/{store}/proposals", consents)
        refusal = {"reason": said["why a proposal is refused"]}
        await post(self.http, f"/care/v1/consent-proposals/{proposal['id']}/refuse", refusal)

    async def _import(self) -> None:
        said = CANARIES
        rows = [
            "external_no,name,kind,phones",
            f"K-1,{said['an imported name']},person,{said['an imported phone']}",
            f"K-2,明珠美容院,store,{said['an imported row that is bad']}99999",
            "K-3,明珠美容院,store,",
        ]
        await self._file("customers", rows)
        somebody = (said["an imported name of somebody of a store"], said["an imported phone of somebody of a store"])
        of_store = await self._file("contacts", ["customer_no,name,phones", f"K-3,{somebody[0]},{somebody[1]}"])
        await post(self.http, f"/customers/v1/imports/{of_store}/undo", {})
        await self._file("contacts", ["customer_no,name,phones", f"K-3,{somebody[0]},{somebody[1]}"])
        await self.http.get("/customers/v1/exports/customers.xlsx")

    async def _file(self, kind: str, rows: list[str]) -> str:
        """The id of the import when it is done."""
        file = {"file": (f"{kind}.csv", "\n".join(rows).encode(), "text/csv")}
        started = await self.http.post("/customers/v1/imports", files=file, data={"kind": kind})
        assert started.status_code == 202, started.text
        await self.stage.quiet()
        job = await get(self.http, f"/customers/v1/imports/{started.json()['id']}")
        assert job["state"] == "done", job
        assert job["rows_ok"] > 0, job
        return str(job["id"])

    async def _correct(self, store: str) -> None:
        bought = {"customer_id": store, "amount": "10.00"}
        purchase = await post(self.http, "/customers/v1/purchases", bought)
        right = {**bought, "amount": "1.00", "reason": CANARIES["why a purchase is put right"]}
        await post(self.http, f"/customers/v1/purchases/{purchase['id']}/correction", right)

    async def _mistake(self, person: str) -> None:
        wrong, phone = CANARIES["a mistake"], CANARIES["a number of nobody"]
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("/customers/v1/customers", {"name": wrong, "phones": [wrong]}),
            ("/customers/v1/customers", {"name": wrong * 50, "kind": wrong}),
            ("/customers/v1/owners", {"name": wrong, "phones": [wrong]}),
            ("/customers/v1/prospects", {"name": wrong, "source": wrong, "emails": [wrong]}),
            (f"/customers/v1/customers/{person}/merge", {"into": wrong, "reason": wrong}),
            ("/complaints/v1/complaints", {"customer_id": str(new_id()), "subject": "product", "text": wrong}),
            ("/complaints/v1/complaints", {"complainant": {"name": wrong, "contact": wrong}, "subject": "product"}),
            (f"/customers/v1/customers/{person}/people", {"name": wrong, "job": wrong}),
            ("/care/v1/touches", {"customer_id": person, "contact": "visit", "content": wrong, "minutes": wrong}),
            (f"/care/v1/unsubscribe/{wrong}", {}),
            (f"/complaints/v1/track/{wrong}/words", {"text": wrong}),
        ]
        self.refused += [await self.http.post(path, json=body) for path, body in bodies]
        for asked in ("screen-pop?phone=", "customers?tier="):
            self.refused.append(await self.http.get(f"/customers/v1/{asked}{phone}"))

    async def _poison(self) -> None:
        """A contact that cannot be read is parked, with its bytes sealed."""
        event = Event(
            type=ContactListed.TYPE, topic=ContactListed.TOPIC, key=str(new_id()), time=START,
            aggregate_id=new_id(), aggregate_version=1,
            data=json.dumps({"customer_id": CANARIES["in an event that fails"]}),
        )  # fmt: skip
        for name in POISONED:
            inbox = network_of(self.stage).network.members[name].inbox
            await inbox.take([Record(event.topic, 0, 1_000_000, event.key, event)])

    async def _must(self, method: str, path: str, body: object, *, match: bool = True) -> None:
        headers = {"If-Match": "*"} if match else {}
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201), f"{method} {path}: {answer.status_code} {answer.text}"


def network_of(stage: OneProcess) -> WholeNetwork:
    return stage._network


@asynccontextmanager
async def told(fresh_database: FreshDatabase, folder: Path) -> AsyncIterator[Story]:
    async with one_process(fresh_database, folder) as stage:
        story = Story(stage, await company(stage.http))
        await story.tell()
        yield story


def shown(lines: Iterable[object]) -> str:
    return "\n".join(map(str, lines))


async def test_personal_values_are_nowhere_in_the_open(
    fresh_database: FreshDatabase, tmp_path: Path, logged: io.StringIO, spans: InMemorySpanExporter
) -> None:
    async with told(fresh_database, tmp_path) as story:
        network = network_of(story.stage)
        for service in SERVICES:
            assert await seen_in_database(network.database(service)) == KNOWN.get(service, []), service
            metrics = await story.http.get(f"/{service}/metrics")
            assert metrics.status_code == 200
            assert seen_in(metrics.text) == [], service
        for service in POISONED:
            assert await network.database(service).fetchval("SELECT count(*) FROM parked_event") == 1

        assert {answer.status_code for answer in story.refused} <= {404, 422}
        assert [answer.text for answer in story.refused if seen_in(answer.text)] == []

        no_more = "ALTER TABLE customer ADD CONSTRAINT no_more CHECK (false) NOT VALID"
        await network.database("customers").execute(no_more)  # its message would show the row
        lost = await story.http.post("/customers/v1/customers", json={"name": CANARIES["a mistake"]})
        assert (lost.status_code, seen_in(lost.text)) == (500, [])

    ended = spans.get_finished_spans()
    assert len(ended) > 100
    assert seen_in(shown(span.to_json() for span in ended)) == []
    assert "logged here" in logged.getvalue()
    assert "CheckViolationError" in logged.getvalue(), "what failed is logged by its place"
    assert seen_in(logged.getvalue()) == []


async def test_what_stands_in_the_open_is_seen(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with one_process(fresh_database, tmp_path) as stage:
        database = network_of(stage).database("reporting")
        await database.execute("CREATE TABLE leak (words text, bytes bytea, said json)")
        name, phone, mail = (CANARIES[f"a person's {what}"] for what in ("name", "phone", "mail"))
        await database.execute("INSERT INTO leak (words) VALUES ($1)", f"call +86{phone}")
        await database.execute("INSERT INTO leak (bytes) VALUES ($1)", name.encode())
        await database.execute("INSERT INTO leak (said) VALUES ($1)", json.dumps({"to": mail}))

        seen = await seen_in_database(database)

    assert seen == [("leak", f"a person's {what}") for what in ("name", "phone", "mail")]
