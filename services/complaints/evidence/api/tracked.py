"""Files that complainants add themselves, by their token and without a login."""

from typing import Annotated

from fastapi import Depends, Form, UploadFile
from pydantic import Field

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.evidence.api.files import EvidenceFileOut, read_upload
from services.complaints.evidence.domain.files import (
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    StorageAway,
    TooManyFiles,
)
from services.complaints.evidence.domain.kinds import CarriesScript, KindMismatch, KindNotTaken
from services.complaints.evidence.handlers import keeping
from services.complaints.evidence.queries import list_by_complainant
from services.complaints.tracking.api.following import Added, Token
from services.complaints.tracking.domain import TrackingEnded
from services.complaints.tracking.handlers import let_in
from services.complaints.tracking.queries import case_of, track
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.questions import only_known_fields
from shared.http.routing import router

routes = router("/complaints", "evidence")
PATH = "/complaints/v1/track/{token}/files"

File = Annotated[UploadFile, Field(description="its content; its name and media type must not contradict it")]
Note = Annotated[Added | None, Form(description="what it shows")]


@routes.post("/v1/track/{token}/files", status_code=201, dependencies=[Depends(only_known_fields)])
@raises(
    CarriesScript,
    ComplaintNotFound,
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    KindMismatch,
    KindNotTaken,
    StorageAway,
    TooManyFiles,
    TrackingEnded,
)
async def add_tracked_file(token: Token, context: Injected[Context], file: File, note: Note = None) -> EvidenceFileOut:
    """Adds a picture, a recording, a video or a PDF of the complainant's; no login."""
    complaint_id = await let_in(context, token)
    return EvidenceFileOut.model_validate(await keeping.add(context, complaint_id, read_upload(file, note), None))


@routes.get("/v1/track/{token}/files")
@raises(ComplaintNotFound, TrackingEnded)
async def list_tracked_files(token: Token, context: Injected[Context]) -> Page[EvidenceFileOut]:
    """What the complainant has added, in the order in which it came, on one page; no login."""
    await track(context, token)
    files = await list_by_complainant(context, case_of(context, token))
    return Page(items=[EvidenceFileOut.model_validate(each) for each in files])
