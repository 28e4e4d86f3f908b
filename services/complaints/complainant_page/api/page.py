"""The complainant's page: the same as `/complaints/v1/track/…`, for people, in Chinese and English, without a login.

It needs no cookie, so nobody can make a visitor's browser act with one: whoever has the link may do what it allows.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.complaints.context import Context
from services.complaints.replies.domain import Judgement
from services.complaints.tracking import handlers, queries
from services.complaints.tracking.api.following import AddedWordsIn, OwnSatisfactionIn
from services.complaints.tracking.api.rendering import HEADERS, Place, told, tracked
from services.complaints.tracking.api.texts import TEXTS, Done
from shared.errors import DomainError, ErrorKind, Invalid, Unsupported
from shared.http.context import Injected
from shared.http.pages import page
from shared.http.routing import router
from shared.languages import Language, language_of

routes = router("/complaints", "tracking")

M = TypeVar("M", bound=BaseModel)
Chosen = Literal["zh", "en"]
Accepted = Annotated[str | None, Header(alias="Accept-Language")]
FORM: Final = "application/x-www-form-urlencoded"
_SCORE: Final = re.compile("[0-9]{1,2}")


@routes.get("/track/{token}", include_in_schema=False)
async def show_tracked_complaint(
    token: str,
    context: Injected[Context],
    lang: Chosen | None = None,
    done: Done | None = None,
    accepted: Accepted = None,
) -> Response:
    """Where the case stands, with what the complainant may do."""
    language = spoken(lang, accepted)
    try:
        case = await queries.track(context, token)
    except DomainError as error:
        return refused(error, context, token, language)
    return page(tracked(case, Place(_place(token), context.largest_file), language, context.zone, done), HEADERS)


@routes.post("/track/{token}/words", include_in_schema=False)
async def post_tracked_words(
    token: str, request: Request, context: Injected[Context], lang: Chosen | None = None, accepted: Accepted = None
) -> Response:
    """Adds what the form says, and leads back to the page."""
    language = spoken(lang, accepted)
    try:
        said = _read(AddedWordsIn, await _form(request))
        await handlers.add_words(context, token, said.text)
    except DomainError as error:
        return refused(error, context, token, language)
    return back(token, language, "words")


@routes.post("/track/{token}/satisfaction", include_in_schema=False)
async def post_tracked_satisfaction(
    token: str, request: Request, context: Injected[Context], lang: Chosen | None = None, accepted: Accepted = None
) -> Response:
    """Keeps how satisfied the form says one is, and leads back to the page."""
    language = spoken(lang, accepted)
    try:
        said = _read(OwnSatisfactionIn, _scored(await _form(request)))
        await handlers.judge(context, token, Judgement(said.perceived, said.expected), said.text)
    except DomainError as error:
        return refused(error, context, token, language)
    return back(token, language, "satisfaction")


def refused(
    error: DomainError, context: Context, token: str, language: Language, *, invalid: str | None = None
) -> Response:
    """The page that says in the visitor's language why it could not be; `invalid` of what cannot be taken."""
    texts, place = TEXTS[language], _place(token)
    match error.kind:
        case ErrorKind.NOT_FOUND:
            said, back_to = texts.unknown, None
        case ErrorKind.GONE:
            said, back_to = texts.ended.format(line=context.settings.line), None
        case ErrorKind.CONFLICT if invalid is None:
            said, back_to = texts.judged, place
        case ErrorKind.TOO_MANY | ErrorKind.BUSY:
            said, back_to = texts.too_many, place
        case _:
            said, back_to = invalid or texts.invalid, place
    again = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return page(told(said, back_to, language), HEADERS | again, error.kind.value)


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


def back(token: str, language: Language, done: Done) -> Response:
    """By a path alone, so that no Host header says where it leads; read anew it posts nothing again."""
    lang = "zh" if language == "zh-CN" else "en"
    return RedirectResponse(f"{_place(token)}?lang={lang}&done={done}", 303, HEADERS)


def _place(token: str) -> str:
    return f"/complaints/track/{token}"


def spoken(chosen: Chosen | None, accepted: str | None) -> Language:
    """The language of the page: as chosen, else as the browser asks, else Chinese."""
    if chosen is not None:
        return "zh-CN" if chosen == "zh" else "en"
    return language_of(accepted) if accepted else "zh-CN"
