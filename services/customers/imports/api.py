"""Routes of imports: upload, figures, bad rows."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Header, Response, UploadFile
from pydantic import AfterValidator, BaseModel, Field, Json
from starlette.responses import StreamingResponse

from services.customers.context import Context
from services.customers.imports import queries
from services.customers.imports.domain.form import DateFormat, Encoding, FileForm
from services.customers.imports.domain.jobs import (
    EmptyUpload,
    ImportAsked,
    ImportBuiltOn,
    ImportNotFound,
    ImportNotUndoable,
    ImportState,
    Job,
)
from services.customers.imports.domain.layout import ImportKind, Layout, UnknownField
from services.customers.imports.domain.preview import Preview
from services.customers.imports.domain.texts import text_of_fault, text_of_trouble, warnings_of
from services.customers.imports.domain.troubles import Fault
from services.customers.imports.handlers import undoing
from services.customers.imports.handlers.uploading import CHUNK, submit
from shared.auth.principal import Principal
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.questions import only_known_fields
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
_EMPTY = {"default": "{}"}
"""As it is sent in a form: in JSON, within a text."""
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language")]


class SeenRowOut(BaseModel):
    """A row as it is understood: our field to what it means; a cell that cannot be taken stands as it is."""

    row: int = Field(description="as a spreadsheet counts: the header is 1")
    values: dict[str, str] = Field(description="our field to what is understood, moments in UTC; long texts are cut")
    bad: list[str] = Field(description="fields whose cells cannot be taken")


class CandidateOut(BaseModel):
    """An encoding in which the file can be read."""

    encoding: Encoding = Field(description="how its bytes become characters")
    reads: str = Field(description="what the first cell in which the candidates differ says in this one")


class ImportPreviewOut(BaseModel):
    """How the file is read. What it holds is shown to who sent it, until a day after the end."""

    encoding: Encoding | None = Field(description="of a text file, as said or found; none while all of it is ASCII")
    delimiter: str | None = Field(description="what separates the cells of a text file")
    sheet: str | None = Field(description="of a workbook, the one that is read")
    date_format: DateFormat | None = Field(description="as it was said; none: the year comes first")
    header: list[str] = Field(description="the columns of the file")
    rows: list[SeenRowOut] = Field(description="the first rows")
    candidates: list[CandidateOut] = Field(description="encodings among which the sender has to choose")

    @classmethod
    def of(cls, preview: Preview) -> "ImportPreviewOut":
        return cls.model_validate_json(preview.as_json())


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
    rows_warned: int = Field(description="rows that are taken, though something about them is listed with the bad ones")
    warnings: list[str] = Field(description="what these rows are about, with their number")
    error: str | None = Field(description="why it failed, and what to do")
    error_slug: str | None
    created_at: datetime
    finished_at: datetime | None
    sheet: str | None = Field(description="of a workbook, the sheet that was read")
    undoable: bool = Field(
        description="whether it can be undone as a whole, once it is done and while nobody built on it"
    )
    undo_asked_at: datetime | None = Field(description="when it was asked to be undone; null before")
    undo_asked_by: UUID | None = Field(description="who asked for that")
    undone_at: datetime | None = Field(description="when all that it made was undone; null before")
    rows_undone: int = Field(description="how much of what it made is undone so far")
    rows_left: int = Field(description="what somebody else undid or changed before, and of whom more is known by now")
    preview: ImportPreviewOut | None = Field(
        description="how the file is read: for who sent it, until a day after the end"
    )

    @classmethod
    def of(cls, job: Job, language: Language, caller: Principal) -> "ImportOut":
        trouble = job.trouble
        preview = job.preview if job.created_by == caller.id else None
        detail = job.trouble_detail
        if preview and preview.candidates:
            detail = ", ".join(f"{each.encoding} (“{each.reads}”)" for each in preview.candidates)
        told: dict[str, Any] = {
            "error": text_of_trouble(trouble, language, detail, job.sheet_read) if trouble else None,
            "error_slug": trouble,
            "warnings": warnings_of(job.rows_noted, job.rows_alike, language),
            "sheet": job.sheet_read,
            "undoable": job.has_something_to_undo,
            "preview": ImportPreviewOut.of(preview) if preview else None,
        }
        return cls(**told, **{name: getattr(job, name) for name in cls.model_fields if name not in told})


class ImportAcceptedOut(BaseModel):
    """The job that was queued; ask for it to see how it goes."""

    model_config = ANSWERED
    id: UUID
    state: ImportState = ImportState.QUEUED


@routes.post("/imports", status_code=202, dependencies=[Depends(only_known_fields)])
@raises(EmptyUpload, UnknownField)
@streams_its_body
async def start_import(
    context: Injected[Context],
    caller: Caller,
    key: OwnIdempotencyKey,
    response: Response,
    file: Annotated[UploadFile, Field(description="CSV or XLSX, with a header")],
    kind: Annotated[ImportKind, Form()],
    mapping: Annotated[Json[Texts], Form(description="our field → column, as JSON", json_schema_extra=_EMPTY)] = {},  # noqa: B006  pydantic copies it
    defaults: Annotated[
        Json[Texts], Form(description="our field → value where the file has none, as JSON", json_schema_extra=_EMPTY)
    ] = {},  # noqa: B006  pydantic copies it
    dry_run: Annotated[bool, Form(description="check everything, write nothing")] = False,
    create_customers: Annotated[bool, Form(description="unknown numbers become stores named by them")] = False,
    encoding: Annotated[Encoding | None, Form(description="of a text file; looked for where nothing is said")] = None,
    date_format: Annotated[
        DateFormat | None, Form(description="how dates are written where the year is not in front")
    ] = None,
    sheet: Annotated[Text | None, Form(description="of a workbook; the first one to be seen otherwise")] = None,
) -> ImportAcceptedOut:
    """Takes a file of customers, purchases, payments, contracts or contacts (people of stores); a worker imports it."""
    form = FileForm(encoding, date_format, sheet)
    asked = ImportAsked(Layout.of(kind, mapping, defaults), dry_run, create_customers, caller.id, form)
    id_ = await submit(context, asked, _pieces(file), key)
    response.headers["Location"] = f"{PATH}/{id_}"
    return ImportAcceptedOut(id=id_)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(CHUNK):
        yield piece


@routes.get("/imports")
async def list_imports(
    context: Injected[Context], caller: Caller, paging: Paging, language: AcceptLanguage = None
) -> Page[ImportOut]:
    """Imports, the latest first."""
    spoken = language_of(language)
    return await paging.page(BY_ID, {}, partial(queries.jobs, context), lambda job: ImportOut.of(job, spoken, caller))


@routes.get("/imports/{import_id}")
@raises(ImportNotFound)
async def read_import(
    context: Injected[Context], caller: Caller, import_id: UUID, language: AcceptLanguage = None
) -> ImportOut:
    """How an import stands, and how its file is read."""
    return ImportOut.of(await queries.job(context, import_id), language_of(language), caller)


@routes.post("/imports/{import_id}/undo", status_code=202)
@raises(ImportBuiltOn, ImportNotFound, ImportNotUndoable)
async def undo_import(
    context: Injected[Context], caller: Caller, import_id: UUID, language: AcceptLanguage = None
) -> ImportOut:
    """Undoes all that an import made, while nobody has built on it: purchases count nowhere any more, invoices and
    contracts are withdrawn, and the file may be imported again. A worker does it; asked again it changes nothing."""
    job = await undoing.ask(context, import_id, by=caller.id)
    return ImportOut.of(job, language_of(language), caller)


@routes.get(
    "/imports/{import_id}/errors",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "row, column, reason"}},
)
@raises(ImportNotFound)
async def read_import_errors(
    context: Injected[Context], import_id: UUID, language: AcceptLanguage = None
) -> StreamingResponse:
    """The bad rows, and those with a warning, as CSV.

    It names the row as a spreadsheet counts it (the header is 1), the column, of several lines in one cell also which
    (`lines/2`), and the reason.
    """
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
        csv.writer(text).writerows(_line(fault, job, language) for fault in faults)
        yield text.getvalue()


def _line(fault: Fault, job: Job, language: Language) -> tuple[int, str, str]:
    """The column by the name that the file gives it; one that a spreadsheet would take for a formula is quoted.

    A cell of a workbook is called as there: `进货!E2`.
    """
    field, *line = fault.column.split("/")
    column = "/".join([job.layout.mapping.get(field, field), *line])
    safe = f"'{column}" if column.startswith(("=", "+", "-", "@")) else column
    return fault.row, safe, text_of_fault(fault, language, job.sheet_read)
