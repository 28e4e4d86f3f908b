"""Routes of imports: upload, figures, bad rows."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Form, Header, Response, UploadFile
from pydantic import AfterValidator, BaseModel, Field, Json
from starlette.responses import StreamingResponse

from services.customers.context import Context
from services.customers.imports import queries
from services.customers.imports.domain.jobs import EmptyUpload, ImportAsked, ImportNotFound, ImportState, Job
from services.customers.imports.domain.layout import ImportKind, Layout, UnknownField
from services.customers.imports.domain.texts import text_of_trouble
from services.customers.imports.domain.troubles import Fault
from services.customers.imports.handlers.uploading import CHUNK, submit
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, OwnIdempotencyKey, router, streams_its_body
from shared.languages import Language, language_of

PATH = "/customers/v1/imports"

routes = router("/customers/v1", "imports")


def _clean(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not taken here")
    return text


Text = Annotated[str, Field(max_length=400), AfterValidator(_clean)]
Texts = Annotated[dict[Text, Text], Field(max_length=50)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language")]


class ImportOut(BaseModel):
    """An import with its figures. `rows_total` grows while the file is read; `progress` goes from 0 to 1."""

    id: UUID
    kind: ImportKind
    state: ImportState
    dry_run: bool
    create_customers: bool
    progress: float
    rows_total: int
    rows_ok: int
    rows_repeated: int
    rows_bad: int
    error: str | None = Field(description="why it failed, and what to do")
    error_slug: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job, language: Language) -> "ImportOut":
        trouble = job.trouble
        error = text_of_trouble(trouble, language, job.trouble_detail) if trouble else None
        figures = {name: getattr(job, name) for name in cls.model_fields if name not in ("error", "error_slug")}
        return cls(error=error, error_slug=trouble, **figures)


class ImportAcceptedOut(BaseModel):
    """The job that was queued; ask for it to see how it goes."""

    id: UUID
    state: ImportState = ImportState.QUEUED


@routes.post("/imports", status_code=202)
@raises(EmptyUpload, UnknownField)
@streams_its_body
async def start_import(
    context: Injected[Context],
    caller: Caller,
    key: OwnIdempotencyKey,
    response: Response,
    file: Annotated[UploadFile, Field(description="CSV (UTF-8 or GB18030) or XLSX, with a header")],
    kind: Annotated[ImportKind, Form()],
    mapping: Annotated[Json[Texts], Form(description="our field → column, as JSON")] = {},  # noqa: B006  pydantic copies it
    defaults: Annotated[Json[Texts], Form(description="our field → value where the file has none, as JSON")] = {},  # noqa: B006  pydantic copies it
    dry_run: Annotated[bool, Form(description="check everything, write nothing")] = False,
    create_customers: Annotated[bool, Form(description="unknown numbers become stores named by them")] = False,
) -> ImportAcceptedOut:
    """Takes a file of customers or purchases; a worker imports it."""
    asked = ImportAsked(Layout.of(kind, mapping, defaults), dry_run, create_customers, caller.id)
    id_ = await submit(context, asked, _pieces(file), key)
    response.headers["Location"] = f"{PATH}/{id_}"
    return ImportAcceptedOut(id=id_)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(CHUNK):
        yield piece


@routes.get("/imports")
async def list_imports(context: Injected[Context], paging: Paging, language: AcceptLanguage = None) -> Page[ImportOut]:
    """Imports, the latest first."""
    spoken = language_of(language)
    return await paging.page(BY_ID, {}, partial(queries.jobs, context), lambda job: ImportOut.of(job, spoken))


@routes.get("/imports/{import_id}")
@raises(ImportNotFound)
async def read_import(context: Injected[Context], import_id: UUID, language: AcceptLanguage = None) -> ImportOut:
    """How an import stands."""
    return ImportOut.of(await queries.job(context, import_id), language_of(language))


@routes.get(
    "/imports/{import_id}/errors",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "row, column, reason"}},
)
@raises(ImportNotFound)
async def read_import_errors(
    context: Injected[Context], import_id: UUID, language: AcceptLanguage = None
) -> StreamingResponse:
    """The bad rows as CSV: the row as a spreadsheet counts it (the header is 1), the column, the reason."""
    job = await queries.job(context, import_id)
    return StreamingResponse(
        _lines(context, job, language_of(language)),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}-errors.csv"'},
    )


async def _lines(context: Context, job: Job, language: Language) -> AsyncIterator[str]:
    yield "row,column,reason\r\n"
    async for faults in queries.faults(context, job.id):
        text = io.StringIO()
        csv.writer(text).writerows(_line(fault, job.layout, language) for fault in faults)
        yield text.getvalue()


def _line(fault: Fault, layout: Layout, language: Language) -> tuple[int, str, str]:
    """The column by the name that the file gives it; one that a spreadsheet would take for a formula is quoted."""
    column = layout.mapping.get(fault.column, fault.column)
    safe = f"'{column}" if column.startswith(("=", "+", "-", "@")) else column
    return fault.row, safe, text_of_trouble(fault.trouble, language, fault.detail)
