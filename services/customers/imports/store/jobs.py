"""Import jobs in the database, and who works on them. Leases run on the database's clock."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, insert, literal_column, not_, null, or_, select, true, update
from sqlmodel import col

from services.customers.imports.domain.form import FileForm
from services.customers.imports.domain.jobs import UNDOABLE, Applied, ImportAsked, ImportState, Job, JobPlace, JobTaken
from services.customers.imports.domain.layout import ImportKind, Layout
from services.customers.imports.domain.preview import Preview
from services.customers.imports.domain.troubles import Trouble
from services.customers.imports.store.sealing import KeptJob, defaults_sealed, preview_sealed
from services.customers.imports.tables import ImportJobRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, condition, given, table

LEASE_SECONDS = 15.0


def kept_job(sealed_defaults: bytes | None, preview: bytes | None, trouble: str | None, **columns: Any) -> KeptJob:
    """The job in a row of JOBS."""
    kind, mapping, defaults = (columns.pop(name) for name in _LAYOUT)
    job = Job(
        layout=Layout(ImportKind(kind), mapping, defaults),
        form=FileForm.of(*(columns.pop(name) for name in _FORM)),
        state=ImportState(columns.pop("state")),
        trouble=Trouble(trouble) if trouble else None,
        **columns,
    )
    return KeptJob(job, sealed_defaults, preview)


_LAYOUT = ("kind", "mapping", "defaults")
_FORM = ("encoding", "date_format", "sheet")
_OTHERS = tuple(field.name for field in fields(Job) if field.name not in ("layout", "form"))
_COLUMNS = (*_LAYOUT, "sealed_defaults", *_FORM, *_OTHERS)
JOBS = select(*(table(ImportJobRow).c[name] for name in _COLUMNS))

_ID, _HOLDER = col(ImportJobRow.id) == given("id"), col(ImportJobRow.holder) == given("holder")
_HELD = (_ID, _HOLDER, col(ImportJobRow.state) == ImportState.RUNNING.value)
_ATTEMPTS = col(ImportJobRow.attempts)
_LEASE = condition("clock_timestamp() + make_interval(secs => :lease_seconds)", lease_seconds=Float)
_NOBODYS = or_(col(ImportJobRow.holder).is_(None), condition("import_job.held_until < clock_timestamp()"))
_UNENDED = (ImportState.QUEUED.value, ImportState.RUNNING.value)
_OLDEST = (
    select(col(ImportJobRow.id))
    .where(not_(col(ImportJobRow.swept)), col(ImportJobRow.state).in_(_UNENDED), _NOBODYS)
    .order_by(col(ImportJobRow.id))
    .limit(1)
    .with_for_update(skip_locked=True)
)
_GIVEN = (
    "id", "kind", "mapping", "sealed_defaults", *_FORM, "dry_run", "create_customers", "created_by", "created_at",
    "undoable",
)  # fmt: skip
_FIGURES = (
    "rows_noted",
    "rows_alike",
    "size",
    "bytes_read",
    "rows_total",
    "rows_unfit",
    "rows_ok",
    "rows_repeated",
    "rows_refused",
    "attempts",
)
_PLACE = {
    "at_customer": "customer_no",
    "at_moment": "occurred_at",
    "at_content": "content",
    "at_row": "row_no",
    "at_ordinal": "ordinal",
}
"""Where the fields of a JobPlace stand."""
_BEGINNING: tuple[Any, ...] = ("", literal_column("'-infinity'"), UUID(int=0), 0, 0)
"""The place before every row."""
_NOBODY = {"holder": null(), "held_until": null()}
_INSERT = Statement(
    insert(ImportJobRow).values(
        {name: given(name) for name in _GIVEN}
        | dict.fromkeys(_FIGURES, 0)
        | dict(zip(_PLACE, _BEGINNING, strict=True))
        | {"state": ImportState.QUEUED.value, "swept": False, "defaults": literal_column("'{}'")}
    )
)
_CLAIM = Statement(
    update(ImportJobRow)
    .values(state=ImportState.RUNNING.value, attempts=_ATTEMPTS + 1, holder=given("holder"), held_until=_LEASE)
    .where(col(ImportJobRow.id) == _OLDEST.scalar_subquery())
    .returning(*JOBS.selected_columns),
    kept_job,
)
_EXTEND_LEASE = Scalar(update(ImportJobRow).values(held_until=_LEASE).where(*_HELD).returning(true()), bool)
_HOLD = Statement(
    select(*(table(ImportJobRow).c[name].label(field) for name, field in _PLACE.items()))
    .where(*_HELD)
    .with_for_update(key_share=True),
    JobPlace,
)
_RELEASE = Statement(update(ImportJobRow).values(**_NOBODY, attempts=_ATTEMPTS - given("forgiven")).where(_ID, _HOLDER))
_ADVANCE = Statement(
    update(ImportJobRow)
    .values(
        rows_ok=col(ImportJobRow.rows_ok) + given("ok"),
        rows_repeated=col(ImportJobRow.rows_repeated) + given("repeated"),
        rows_refused=col(ImportJobRow.rows_refused) + given("refused"),
        rows_alike=col(ImportJobRow.rows_alike) + given("alike"),
        attempts=0,
        **{name: given(field) for name, field in _PLACE.items()},
    )
    .where(_ID)
)
_KEEP_PREVIEW = Statement(
    update(ImportJobRow).values(preview=given("preview"), sheet_read=given("sheet_read")).where(_ID)
)
_ENDED = ("state", "trouble", "trouble_detail", "finished_at")
_FINISH = Statement(update(ImportJobRow).values({name: given(name) for name in _ENDED} | _NOBODY).where(_ID))


async def insert_job(transaction: Connection, id_: UUID, asked: ImportAsked, at: datetime, vault: Vault) -> None:
    """A queued job whose file is still to come; `vault` is that of uploads."""
    await _INSERT.execute(
        transaction,
        id=id_,
        kind=asked.layout.kind,
        mapping=asked.layout.mapping,
        sealed_defaults=defaults_sealed(vault, id_, asked.layout.defaults),
        encoding=asked.form.encoding or "",
        date_format=asked.form.date_format or "",
        sheet=asked.form.sheet or "",
        dry_run=asked.dry_run,
        create_customers=asked.create_customers,
        created_by=asked.by,
        created_at=at,
        undoable=asked.layout.kind in UNDOABLE and not asked.dry_run,
    )


async def claim(transaction: Connection, holder: UUID, lease_seconds: float, vault: Vault) -> Job | None:
    """The oldest job that nobody works on, now held by `holder`; `vault` is that of uploads."""
    kept = await _CLAIM.one(transaction, holder=holder, lease_seconds=lease_seconds)
    return None if kept is None else kept.opened(vault)


async def extend(writer: Reader, id_: UUID, holder: UUID, lease_seconds: float) -> bool:
    """Whether the holder still held it, and so goes on holding it."""
    return bool(await _EXTEND_LEASE.one(writer, id=id_, holder=holder, lease_seconds=lease_seconds))


async def hold(transaction: Connection, id_: UUID, holder: UUID) -> JobPlace:
    """Locks the job for this transaction; raises JobTaken when it is another's by now."""
    place = await _HOLD.one(transaction, id=id_, holder=holder)
    if place is None:
        raise JobTaken
    return place


async def release(writer: Reader, id_: UUID, holder: UUID, *, blameless: bool) -> None:
    """Lets others work on it at once; a `blameless` end does not count as an attempt that failed."""
    await _RELEASE.execute(writer, id=id_, holder=holder, forgiven=int(blameless))


async def advance(transaction: Connection, id_: UUID, batch: Applied) -> None:
    """Figures and place after a batch was applied."""
    figures = {"ok": batch.ok, "repeated": batch.repeated, "refused": batch.refused, "alike": batch.alike}
    await _ADVANCE.execute(transaction, id=id_, **figures, **asdict(batch.place))


async def keep_preview(transaction: Connection, id_: UUID, preview: Preview, vault: Vault) -> None:
    """How the job's file is read, for its sender to see; `vault` is that of uploads."""
    sealed = preview_sealed(vault, id_, preview)
    await _KEEP_PREVIEW.execute(transaction, id=id_, preview=sealed, sheet_read=preview.sheet)


async def finish(
    transaction: Connection, id_: UUID, at: datetime, trouble: Trouble | None = None, detail: str | None = None
) -> None:
    """Done, or failed with the reason."""
    state = ImportState.FAILED if trouble else ImportState.DONE
    await _FINISH.execute(transaction, id=id_, state=state, trouble=trouble, trouble_detail=detail, finished_at=at)
