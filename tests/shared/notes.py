"""A tiny service that keeps notes about people, to try the HTTP kernel with: real app, real database."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar
from uuid import UUID

import httpx
import orjson
from fastapi import FastAPI, File, Query, UploadFile
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from shared.auth.policy import ADMIN_ONLY, PUBLIC, STAFF_AND_PARTNERS, only
from shared.auth.tokens import TokenVerifier
from shared.bus import outbox
from shared.bus.event import Event
from shared.clock import ManualClock
from shared.contracts.base import Fact
from shared.db import Database
from shared.errors import Conflict, NotFound
from shared.http.app import create_app
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, Moment
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.ids import new_id
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from shared.statement import Statement
from shared.versions import check_version
from tests.postgres import FreshDatabase
from tests.support import ISSUER, MASTER_KEY, SETTINGS, START, client_of, database_of

NOTES = "/reporting/v1/notes"

CREATE = """
CREATE TABLE note (
    id uuid PRIMARY KEY, version integer NOT NULL DEFAULT 1, about text NOT NULL, phone text UNIQUE, stars integer
);
"""


class Noted(Fact):
    TYPE: ClassVar[str] = "crm.note.taken"
    TOPIC: ClassVar[str] = "crm.notes.v1"
    note_id: UUID


class NewNote(BaseModel):
    """`phone` is personal."""

    model_config = ConfigDict(extra="forbid")
    about: Line
    phone: Annotated[str | None, Field(pattern=r"^[0-9]{11}$")] = None
    stars: int | None = None
    taken_at: Moment | None = None
    tags: list[Line] = []


class Note(BaseModel):
    id: UUID
    about: str
    stars: int | None


class Refused(Conflict):
    slug = "note-refused"
    title = "Notes are not taken today"


@dataclass
class Context:
    """What the routes work with; the test holds the other end of `gate` and `stream`."""

    database: Database
    runtime: Runtime
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    stream: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)


routes = router("/reporting/v1", "notes")


async def _take(context: Context, body: NewNote) -> Note:
    note = Note(id=new_id(), about=body.about, stars=body.stars)
    async with context.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO note (id, about, phone, stars) VALUES ($1, $2, $3, $4)",
            note.id,
            note.about,
            body.phone,
            note.stars,
        )
        await outbox.append(tx, [Event.of(Noted(note_id=note.id), aggregate_id=note.id, version=1, at=START)])
    return note


@routes.post("/notes", status_code=201)
async def take_note(body: NewNote, context: Injected[Context], response: Response) -> Note:
    note = await _take(context, body)
    set_etag(response, 1)
    response.headers["Location"] = f"{NOTES}/{note.id}"
    return note


@routes.post("/quick-notes", status_code=201)
@compiled
async def take_quickly(body: NewNote, context: Injected[Context]) -> Response:
    return Response((await _take(context, body)).model_dump_json(), 201, media_type="application/json")


@routes.post("/slow-notes", status_code=201)
async def take_slowly(body: NewNote, context: Injected[Context]) -> Note:
    note = await _take(context, body)
    context.entered.set()
    await context.gate.wait()
    return note


@routes.post("/refused-notes", status_code=201)
@raises(Refused)
async def refuse_note(body: NewNote, context: Injected[Context]) -> Note:
    await _take(context, body)
    raise Refused("not today")


@routes.post("/undeclared-notes", status_code=201)
async def refuse_undeclared(body: NewNote, context: Injected[Context]) -> Note:
    await _take(context, body)
    raise Refused("not today")


@routes.post("/quietly-refused-notes", status_code=201)
async def refuse_quietly(body: NewNote, context: Injected[Context]) -> Response:
    await _take(context, body)
    return Response("no", 409)


@routes.post("/broken-notes", status_code=201)
async def break_note(body: NewNote, context: Injected[Context]) -> Note:
    await _take(context, body)
    raise RuntimeError(f"cannot note {body.about} at {body.phone}")


@routes.post("/scans", status_code=201)
async def scan_note(context: Injected[Context]) -> Response:
    await _take(context, NewNote(about="扫描"))
    return Response(bytes(range(256)), 201, {"Content-Disposition": "attachment"}, "application/pdf")


@routes.post("/attachments", status_code=201)
async def attach(file: Annotated[UploadFile, File()]) -> dict[str, int]:
    return {"bytes": len(await file.read())}


_LIST = Statement(
    "SELECT id, about, stars FROM note WHERE (:after::uuid IS NULL OR id > :after) "
    "AND (:stars::int IS NULL OR stars = :stars) ORDER BY id LIMIT :most",
    Note,
)


def _out(note: Note) -> Note:
    return note


@routes.get("/notes")
async def list_notes(context: Injected[Context], paging: Paging, stars: int | None = None) -> Page[Note]:
    async def read(after: UUID | None, most: int) -> list[Note]:
        return await _LIST.all(context.database, after=after, stars=stars, most=most)

    return await paging.page(BY_ID, {"stars": stars}, read, _out)


@routes.get("/quick-notes")
@compiled
async def list_quickly(
    context: Injected[Context], paging: Paging, stars: Annotated[int | None, Query()] = None
) -> Response:
    filters = {"stars": stars}
    after = paging.after(BY_ID, filters)
    rows = await _LIST.all(context.database, after=after, stars=stars, most=paging.most)
    items, following = paging.cut(rows, BY_ID, filters)
    answer = Page(items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json")


@routes.get("/notes/{note_id}")
@raises(NotFound)
async def read_note(note_id: UUID, context: Injected[Context], response: Response) -> Note:
    row = await context.database.fetchrow("SELECT id, about, stars, version FROM note WHERE id = $1", note_id)
    if row is None:
        raise NotFound("no such note")
    set_etag(response, row["version"])
    return Note(id=row["id"], about=row["about"], stars=row["stars"])


@routes.patch("/notes/{note_id}")
@raises(NotFound)
async def change_note(
    note_id: UUID, body: NewNote, context: Injected[Context], response: Response, expected_version: IfMatch
) -> Note:
    async with context.database.transaction() as tx:
        version = await tx.fetchval("SELECT version FROM note WHERE id = $1 FOR UPDATE", note_id)
        if version is None:
            raise NotFound("no such note")
        check_version(version, expected_version)
        await tx.execute("UPDATE note SET about = $2, version = version + 1 WHERE id = $1", note_id, body.about)
    set_etag(response, version + 1)
    return Note(id=note_id, about=body.about, stars=body.stars)


@routes.get("/people")
async def find_person(context: Injected[Context], phone: str) -> list[str]:
    rows = await context.database.fetch("SELECT about FROM note WHERE phone = $1", phone)
    return [row["about"] for row in rows]


@routes.get("/mine")
async def read_mine(caller: Caller) -> dict[str, Any]:
    return {"id": caller.id, "roles": sorted(caller.roles)}


@routes.get("/broken-people")
async def break_person(phone: str) -> None:
    raise LookupError(f"nobody has {phone}")


@routes.get("/forgotten-people")
async def forget_person(phone: str) -> str:
    """Leaves a task behind that fails: asyncio tells of it when it is collected."""

    async def look_up(number: str) -> None:
        raise LookupError(f"nobody has {number}")

    task = asyncio.create_task(look_up(phone))
    await asyncio.wait([task])
    del task
    gc.collect()
    return "ok"


@routes.get("/secrets")
async def read_secrets() -> str:
    return "told"


@routes.get("/directors-notes")
async def read_directors_notes() -> str:
    return "told"


@routes.get("/open-notes")
async def read_open_notes() -> str:
    return "told"


@routes.post("/open-notes", status_code=201)
async def take_open_note(body: NewNote, context: Injected[Context]) -> Note:
    return await _take(context, body)


@routes.get("/follow", response_class=EventSourceResponse)
async def follow_notes(context: Injected[Context]) -> EventSourceResponse:
    async def lines() -> AsyncIterator[str]:
        while line := await context.stream.get():
            yield line

    return EventSourceResponse(lines(), sep="\n")


@routes.get("/unlisted")
async def unlisted() -> str:
    return "a route without an entry in the policy"


POLICY = {
    **{
        route.name: STAFF_AND_PARTNERS
        for route in routes.routes
        if isinstance(route, APIRoute) and route.name != "unlisted"
    },
    "read_secrets": ADMIN_ONLY,
    "read_directors_notes": only("general_manager"),
    "read_open_notes": PUBLIC,
    "take_open_note": PUBLIC,
}


class Notes:
    """The service, its client (as the administrator) and its database."""

    def __init__(self, app: FastAPI, context: Context) -> None:
        self.app = app
        self.context = context
        self.database = context.database
        self.http = client_of(app)

    async def take(self, key: str | None = None, **body: Any) -> httpx.Response:
        """POST a note, about something unless said otherwise."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.http.post(NOTES, json={"about": "交货", **body}, headers=headers)

    async def count(self) -> int:
        return int(await self.database.fetchval("SELECT count(*) FROM note"))

    async def events(self) -> int:
        return int(await self.database.fetchval("SELECT count(*) FROM event_log"))


def app_over(
    database: Database,
    settings: Settings = SETTINGS,
    verifier: TokenVerifier | None = None,
    *,
    needs_bus: bool = False,
) -> FastAPI:
    """The service's app over a database that has the table `note`."""
    runtime = Runtime(
        settings, database, ManualClock(START), verifier or TokenVerifier(settings, ISSUER.public_keys), MASTER_KEY
    )
    context = Context(database, runtime)
    service = Service(
        name="reporting",
        runtime=runtime,
        context=context,
        routers=(routes,),
        policy=POLICY,
        reactions={},
        listens={},
        upload_bounds={"/reporting/v1/attachments": 4_000},
    )
    return create_app(service, needs_bus=needs_bus)


@asynccontextmanager
async def notes_over(url: str, settings: Settings = SETTINGS, *, pool: int = 4) -> AsyncIterator[Notes]:
    """The service over the database at this address."""
    database = await Database.connect(url, pool_size=pool)
    app = app_over(database, settings)
    notes = Notes(app, app.state.context)
    try:
        async with notes.http:
            yield notes
    finally:
        await database.close()


async def notes_database(fresh_database: FreshDatabase) -> str:
    """The address of a fresh database with the table `note`."""
    url = await database_of(fresh_database, "reporting")
    database = await Database.connect(url, pool_size=1)
    await database.execute(CREATE)
    await database.close()
    return url


@asynccontextmanager
async def notes_service(
    fresh_database: FreshDatabase, settings: Settings = SETTINGS, *, pool: int = 4
) -> AsyncIterator[Notes]:
    """The service on a fresh database."""
    async with notes_over(await notes_database(fresh_database), settings, pool=pool) as notes:
        yield notes


def slug(answer: httpx.Response) -> str:
    """The problem's slug; fails when the answer is no proper problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "slug", "trace_id", "errors"}
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:crm:problem:{problem['slug']}"
    assert problem["title"]
    assert problem["detail"]
    return str(problem["slug"])


def pointers(answer: httpx.Response) -> list[str]:
    return [each["pointer"] for each in orjson.loads(answer.content)["errors"]]
