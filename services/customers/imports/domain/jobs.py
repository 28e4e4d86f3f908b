"""An import on its way: how far its file is read, and how far what was read is applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.customers.imports.domain.form import UNSAID, FileForm
from services.customers.imports.domain.layout import ImportKind, Layout
from services.customers.imports.domain.preview import Preview
from services.customers.imports.domain.troubles import Trouble
from shared.errors import Conflict, Invalid, NotFound

PREVIEW_FOR = timedelta(days=1)
"""How long after the end the first rows can be looked at."""


class EmptyUpload(Invalid):
    slug = "empty-file"
    title = "The file is empty"


class ImportNotFound(NotFound):
    slug = "unknown-import"
    title = "There is no such import"


class ImportNotUndoable(Conflict):
    slug = "import-not-undoable"
    title = "This import cannot be undone"


class ImportBuiltOn(Conflict):
    """Something was built on what an import made; `built_on` names it, `standing` what stands on customers."""

    slug = "import-built-on"
    title = "Something was built on this import"
    members: ClassVar[Mapping[str, str]] = {
        "built_on": "up to twenty of each kind: `return:id`, `correction:id`, `month:YYYY-MM`, `payment:id`, "
        "`contract:id`, `person:id`, `date:id`, `relation:id`, `customer:id`",
        "standing": "of customers that are named, what stands of each and how much, up to a hundred: "
        "`customer_id:purchase:2`, `customer_id:note:1`, … `customer_id:customer:1` where it changed itself, "
        "`customer_id:customer_merge:1` where it was merged",
    }

    def __init__(self, detail: str, built_on: Sequence[str] = (), standing: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.built_on = list(built_on)
        self.standing = list(standing)


class JobTaken(Exception):
    """Another worker has taken the job over."""


class ImportState(StrEnum):
    """Where a job stands. `failed` has written nothing but its figures and its list of bad rows."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """An import as somebody asks for it. With `create_customers` unknown numbers become stores named by them."""

    layout: Layout
    dry_run: bool
    create_customers: bool
    by: UUID
    form: FileForm = UNSAID


@dataclass(frozen=True, slots=True)
class Job:
    """An import as it stands."""

    id: UUID
    layout: Layout
    state: ImportState
    dry_run: bool
    create_customers: bool
    size: int
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None
    bytes_read: int
    rows_total: int
    rows_unfit: int
    rows_noted: int
    rows_ok: int
    rows_repeated: int
    rows_refused: int
    at_row: int
    trouble: Trouble | None
    trouble_detail: str | None
    attempts: int
    rows_alike: int
    form: FileForm
    sheet_read: str | None
    undoable: bool
    undo_asked_at: datetime | None
    undo_asked_by: UUID | None
    undone_at: datetime | None
    rows_undone: int
    rows_left: int
    preview: Preview | None = None
    """None before the file is read, and some time after the end."""

    def check_undoable(self) -> None:
        """Raises ImportNotUndoable."""
        if self.finished_at is None:
            raise ImportNotUndoable("it has not come to its end")
        if not self.rows_ok:
            raise ImportNotUndoable("it has written nothing")
        if self.dry_run:
            raise ImportNotUndoable("it was a dry run and has written nothing")
        if not self.undoable:
            raise ImportNotUndoable("what an import of an earlier release made is not taken back as a whole")

    @property
    def has_something_to_undo(self) -> bool:
        """Whether it can be undone as a whole, once it is at its end."""
        return self.undoable and (self.finished_at is None or self.rows_ok > 0)

    @property
    def kind(self) -> ImportKind:
        return self.layout.kind

    @property
    def rows_bad(self) -> int:
        return self.rows_unfit + self.rows_refused

    @property
    def rows_warned(self) -> int:
        """Rows that are taken, though something about them is listed."""
        return self.rows_noted + self.rows_alike

    @property
    def progress(self) -> float:
        """From 0 to 1: reading counts for a third, applying for the rest."""
        if self.state is ImportState.DONE:
            return 1.0
        read = self.bytes_read / self.size if self.size else 1.0
        good = self.rows_total - self.rows_unfit
        applied = (self.rows_ok + self.rows_repeated + self.rows_refused) / good if good else 0.0
        return round(read / 3 + (applied * 2 / 3 if read >= 1 else 0.0), 3)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the file of a job has been read."""

    last_row: int
    whole: bool


@dataclass(frozen=True, slots=True)
class JobPlace:
    """The last row applied of a part, in the order of `import_row`, and its ordinal among equal rows."""

    customer_no: str
    occurred_at: datetime
    content: UUID
    row_no: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Part:
    """The customers of a purchases file that are applied beside those of another part, up to one of them inclusive."""

    number: int
    upto: str
    place: JobPlace


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch; `place` is its last row, `entered` who bought something in the running month."""

    ok: int
    repeated: int
    refused: int
    place: JobPlace
    entered: Sequence[UUID] = ()
    alike: int = 0
    """Rows of a dry run that would be new, though what they say is there in the other way, with or without a number."""


UNDOABLE = frozenset(ImportKind)
"""Kinds of imports that are undone as a whole."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """An import that is being undone; `place` is the last id that was looked at, `left` how many rows it had written
    that were not come upon yet."""

    id: UUID
    kind: ImportKind
    place: UUID
    by: UUID
    left: int


@dataclass(frozen=True, slots=True)
class Made:
    """A customer, payment, contract or person that an import made: its version then, and whether it was new."""

    id: UUID
    version: int
    created: bool
