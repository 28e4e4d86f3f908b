"""The complainant's page: the same as `/complaints/v1/track/…`, for people, in Chinese and English, without a login.

It needs no cookie, so nobody can make a visitor's browser act with one: whoever has the link may do what it allows.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal, TypeVar, get_args
from urllib.parse import quote

from fastapi import Form, Header, Request, UploadFile
from pydantic import BaseModel, BeforeValidator, ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.complaints.company.queries import complaint_line
from services.complaints.complainant_page.api.rendering import (
    HEADERS,
    House,
    Visit,
    megabytes,
    satisfaction,
    told,
    tracked,
    upload,
    words,
)
from services.complaints.complainant_page.api.texts import Done
from services.complaints.context import Context
from services.complaints.evidence.api.files import read_upload
from services.complaints.evidence.handlers import keeping
from services.complaints.evidence.queries import list_by_complainant
from services.complaints.replies.domain import Judgement
from services.complaints.tracking import handlers, queries
from services.complaints.tracking.api.following import Added, AddedWordsIn, OwnSatisfactionIn
from shared.errors import Busy, DomainError, ErrorKind, Invalid, TooLarge, TooMany, Unsupported
from shared.http.context import Injected
from shared.http.pages import page
from shared.http.routing import router
from shared.languages import Language, language_of

routes = router("/complaints", "tracking")
ROOT: Final = "/complaints/track/"
FILES: Final = ROOT + "{token}/files"

M = TypeVar("M", bound=BaseModel)
Chosen = Literal["zh", "en"]
Accepted = Annotated[str | None, Header(alias="Accept-Language")]
WrittenNote = Annotated[Added | None, BeforeValidator(lambda said: said or None), Form()]
"""Of a form, which sends what is left out as an empty text."""
READING: Final = ("GET", "HEAD")
TRY_AGAIN: Final = (ErrorKind.TOO_MANY, ErrorKind.BUSY, ErrorKind.INVALID)
"""What a visitor can mend by sending the same again, or something shorter."""
METHOD_NOT_ALLOWED, SERVER_FAULT = 405, 500
_SLUGS: Final = {each.kind.value: each.slug for each in (Busy, Invalid, TooLarge, TooMany)}
FORM: Final = "application/x-www-form-urlencoded"
_SCORE: Final = re.compile("[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why it could not be. With `reading` nothing was to be kept; after `retry_after` seconds it may be tried again."""

    slug: str
    status: int
    reading: bool
    retry_after: int | None = None


@routes.api_route("/track/{token}", methods=["GET", "HEAD"], include_in_schema=False)
async def show_tracked_complaint(
    token: str,
    context: Injected[Context],
    lang: Chosen | None = None,
    done: Done | None = None,
    accepted: Accepted = None,
) -> Response:
    """Where the case stands, with what the complainant may do."""
    visit = await _visit(context, token, lang, accepted)
    try:
        case = await queries.track(context, token)
        files = await list_by_complainant(context, queries.case_of(context, token))
    except DomainError as error:
        return refused(error, visit, reading=True)
    return page(tracked(case, files, replace(visit, done=done)), HEADERS)


@routes.post("/track/{token}/words", include_in_schema=False)
async def post_tracked_words(
    token: str, request: Request, context: Injected[Context], lang: Chosen | None = None, accepted: Accepted = None
) -> Response:
    """Adds what the form says, and leads back to the page."""
    visit = await _visit(context, token, lang, accepted)
    fields: Mapping[str, str] = {}
    try:
        fields = await _form(request)
        await handlers.add_words(context, token, _read(AddedWordsIn, fields).text)
    except DomainError as error:
        said = fields.get("text", "")
        return refused(error, visit, words(visit, said) if said and error.kind in TRY_AGAIN else "")
    return _back(visit, "words")


@routes.post("/track/{token}/satisfaction", include_in_schema=False)
async def post_tracked_satisfaction(
    token: str, request: Request, context: Injected[Context], lang: Chosen | None = None, accepted: Accepted = None
) -> Response:
    """Keeps how satisfied the form says one is, and leads back to the page."""
    visit = await _visit(context, token, lang, accepted)
    fields: Mapping[str, str] = {}
    try:
        fields = await _form(request)
        said = _read(OwnSatisfactionIn, _scored(fields))
        await handlers.judge(context, token, Judgement(said.perceived, said.expected), said.text)
    except DomainError as error:
        return refused(error, visit, _judged_again(error, visit, fields))
    return _back(visit, "satisfaction")


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
    visit = await _visit(context, token, lang, accepted)
    try:
        complaint_id = await handlers.let_in(context, token)
        await keeping.add(context, complaint_id, read_upload(file, note), None)
    except DomainError as error:
        return refused(error, visit, upload(visit, note) if note else "")
    return _back(visit, "file")


def problem_told(house: House, request: Request, status: int) -> Response:
    """What is answered instead of a problem that never came to a route here: too large, too often, not a page at all.

    Who reads the address of a form anew is led to the page.
    """
    token = request.url.path.removeprefix(ROOT).partition("/")[0]
    asked: Any = request.query_params.get("lang")
    lang = asked if asked in get_args(Chosen) else None
    visit = Visit(f"{ROOT}{token}", spoken(lang, request.headers.get("accept-language")), house)
    if status == METHOD_NOT_ALLOWED and request.url.path != visit.place:
        return RedirectResponse(visit.place, 303, HEADERS)
    slug = _SLUGS.get(status, Invalid.slug if status < SERVER_FAULT else "internal")
    return _told(_Refusal(slug, status, reading=request.method in READING), visit)


def _judged_again(error: DomainError, visit: Visit, fields: Mapping[str, str]) -> str:
    """The form with what was chosen and typed; words that cannot go with a judgement any more, to be sent alone."""
    text = fields.get("text", "")
    if error.kind in TRY_AGAIN and fields:
        return satisfaction(visit, fields)
    return words(visit, text) if text and error.kind is ErrorKind.CONFLICT else ""


def refused(error: DomainError, visit: Visit, again: str = "", *, reading: bool = False) -> Response:
    """The page that says in the visitor's language why it could not be, perhaps with the form to try again.

    With `reading` nothing was to be kept: the page itself was asked for.
    """
    answer: Response
    match error.kind:
        case ErrorKind.NOT_FOUND:
            answer = page(told(visit, visit.texts.unknown, leads_back=False), HEADERS, error.kind.value)
        case ErrorKind.GONE:
            answer = page(told(visit, visit.texts.ended, leads_back=False), HEADERS, error.kind.value)
        case _:
            why = _Refusal(error.slug, error.kind.value, reading=reading, retry_after=error.retry_after)
            answer = _told(why, visit, again)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _told(why: _Refusal, visit: Visit, again: str = "") -> Response:
    texts = visit.texts
    said = texts.not_shown.get(why.slug) if why.reading else None
    said = said or texts.refused.get(why.slug, texts.not_taken)
    minutes = math.ceil((why.retry_after or 0) / 60)
    soon = texts.soon if minutes <= 1 else texts.again_in.format(minutes=minutes)
    said = said.replace("{size}", megabytes(visit.house.largest_file)).replace("{again}", soon)
    return page(told(visit, said, again=again), HEADERS, why.status)


def house_of(context: Context) -> House:
    """What pages say of us that have nothing to ask: the database may be away."""
    return House(context.settings.line, context.zone, context.largest_file)


def _scored(fields: Mapping[str, str]) -> Mapping[str, object]:
    """A form's scores as numbers, and nothing for words that were left out."""
    scored: dict[str, object] = {name: value for name, value in fields.items() if value.strip() or name != "text"}
    return scored | {
        name: int(fields[name]) for name in ("perceived", "expected") if _SCORE.fullmatch(fields.get(name, ""))
    }


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a small form, each of them once. Raises Unsupported, Invalid."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Unsupported(f"send a form, {FORM}")
    return _once(await request.form(max_fields=10))


def _once(form: FormData) -> Mapping[str, str]:
    fields = form.multi_items()
    if len(dict(fields)) != len(fields):
        raise Invalid("give each field once")
    return {name: value for name, value in fields if isinstance(value, str)}


def _read(kind: type[M], fields: Mapping[str, Any]) -> M:
    """The form as the JSON route would take it. Raises Invalid, which quotes nothing."""
    try:
        return kind.model_validate(fields)
    except ValidationError:
        raise Invalid("the form is not complete") from None


def _back(visit: Visit, done: Done) -> Response:
    """By a path alone, so that no Host header says where it leads; read anew it posts nothing again."""
    lang = "zh" if visit.language == "zh-CN" else "en"
    return RedirectResponse(f"{visit.place}?lang={lang}&done={done}", 303, HEADERS)


async def _visit(context: Context, token: str, lang: Chosen | None, accepted: str | None) -> Visit:
    house = replace(house_of(context), line=await complaint_line(context))
    return Visit(f"{ROOT}{quote(token, safe='')}", spoken(lang, accepted), house)


def spoken(chosen: Chosen | None, accepted: str | None) -> Language:
    """The language of the page: as chosen, else as the browser asks, else Chinese."""
    if chosen is not None:
        return "zh-CN" if chosen == "zh" else "en"
    return language_of(accepted) if accepted else "zh-CN"
