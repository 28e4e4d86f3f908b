"""Files that complainants add themselves: by token in JSON's company, and on their page."""

from typing import Annotated

from fastapi import Depends, Form, Header, UploadFile
from pydantic import BeforeValidator
from starlette.responses import Response

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
from services.complaints.tracking.api.following import Added, Token
from services.complaints.tracking.api.page import Chosen, back, refused, spoken
from services.complaints.tracking.api.rendering import megabytes
from services.complaints.tracking.api.texts import TEXTS
from services.complaints.tracking.domain import TrackingEnded
from services.complaints.tracking.handlers import let_in
from shared.errors import DomainError
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.questions import only_known_fields
from shared.http.routing import router

routes = router("/complaints", "evidence")
PATHS = ("/complaints/v1/track/{token}/files", "/complaints/track/{token}/files")

File = Annotated[UploadFile, Form(description="its content; its name and media type must not contradict it")]
Note = Annotated[Added | None, Form(description="what it shows")]
WrittenNote = Annotated[Added | None, BeforeValidator(lambda said: said or None), Form()]
"""Of a page's form, which sends what is left out as an empty text."""
Accepted = Annotated[str | None, Header(alias="Accept-Language")]


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


@routes.post("/track/{token}/files", include_in_schema=False)
async def post_tracked_file(
    token: str,
    context: Injected[Context],
    file: UploadFile,
    note: WrittenNote = None,
    lang: Chosen | None = None,
    accepted: Accepted = None,
) -> Response:
    """Adds the form's file, and leads back to the page."""
    language = spoken(lang, accepted)
    try:
        complaint_id = await let_in(context, token)
        await keeping.add(context, complaint_id, read_upload(file, note), None)
    except DomainError as error:
        text = TEXTS[language].file_refused.format(size=megabytes(context.largest_file))
        return refused(error, context, token, language, invalid=text)
    return back(token, language, "file")
