"""Routes of consent, and the public way out."""

from datetime import datetime
from html import escape
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse

from services.care.consent import handlers
from services.care.consent.domain.choices import About, Basis, Means, Purpose, basis, is_allowed
from services.care.consent.handlers import Sheet
from services.care.context import InContext
from services.care.inputs import Line
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/care/v1", "consent")

Token = Annotated[str, Path(min_length=1, max_length=100)]
Language = Annotated[str | None, Header(alias="Accept-Language")]
Chosen = Literal[Purpose.RELATIONSHIP, Purpose.PROMOTION]


class ChoiceBody(BaseModel):
    """What the customer said about one channel and purpose; service needs no consent and cannot be withdrawn."""

    model_config = ConfigDict(extra="forbid")

    channel: Means
    purpose: Chosen
    granted: bool


class ConsentsBody(BaseModel):
    """Choices to be stored; those that are not named stay. `source` says how they were given."""

    model_config = ConfigDict(extra="forbid")

    consents: list[ChoiceBody] = Field(min_length=1, max_length=20)
    source: Line = "staff"


class ConsentAnswer(BaseModel):
    """Whether something may be sent, and why; `granted` is null where the customer has said nothing."""

    channel: Means
    purpose: Purpose
    allowed: bool
    basis: Basis
    granted: bool | None
    since: datetime | None


class ChangeAnswer(BaseModel):
    """A choice that was made; `by` is null for the customer's own hand."""

    channel: Means
    purpose: Purpose
    granted: bool
    at: datetime
    source: str
    by: UUID | None


class PromotionAnswer(BaseModel):
    """Whether promotion waits because of a complaint: `open_complaint` or `overdue_complaint`."""

    held: bool
    reason: str | None


class ConsentsAnswer(BaseModel):
    """A customer's consents; version 0 means that nothing was ever said."""

    customer_id: UUID
    version: int
    consents: list[ConsentAnswer]
    promotion: PromotionAnswer
    history: list[ChangeAnswer]


class UnsubscribeAnswer(BaseModel):
    """What a link is about; POST to the same address withdraws."""

    channel: Means
    purpose: Purpose
    subscribed: bool


def _answer(response: Response, sheet: Sheet) -> ConsentsAnswer:
    set_etag(response, sheet.version)
    return ConsentsAnswer(
        customer_id=sheet.account.id,
        version=sheet.version,
        consents=[_consent(sheet, (means, purpose)) for means in Means for purpose in Purpose],
        promotion=PromotionAnswer(held=sheet.hold is not None, reason=sheet.hold),
        history=[
            ChangeAnswer(
                channel=means, purpose=purpose, granted=each.granted, at=each.at, source=each.source, by=each.by
            )
            for (means, purpose), each in sheet.history
        ],
    )


def _consent(sheet: Sheet, about: About) -> ConsentAnswer:
    found = basis(sheet.account.kind, about, sheet.choices)
    choice = sheet.choices.get(about)
    means, purpose = about
    return ConsentAnswer(
        channel=means,
        purpose=purpose,
        allowed=is_allowed(found),
        basis=found,
        granted=choice.granted if choice else None,
        since=choice.at if choice else None,
    )


@routes.get("/consents/{customer_id}")
async def read_consents(customer_id: UUID, context: InContext, caller: Caller, response: Response) -> ConsentsAnswer:
    """Per channel and purpose whether and why it is allowed, and whether promotion is held."""
    return _answer(response, await handlers.read_sheet(context, customer_id, caller))


@routes.put("/consents/{customer_id}")
async def set_consents(
    customer_id: UUID,
    body: ConsentsBody,
    context: InContext,
    caller: Caller,
    response: Response,
    if_match: IfMatch = None,
) -> ConsentsAnswer:
    """Stores what the customer said; If-Match is required once something was said before."""
    listed: list[About] = [(each.channel, Purpose(each.purpose)) for each in body.consents]
    handlers.check_named_once(listed)
    wanted = dict(zip(listed, (each.granted for each in body.consents), strict=True))
    sheet = await handlers.set_choices(
        context, customer_id, wanted, source=body.source, if_match=if_match, caller=caller
    )
    return _answer(response, sheet)


_TEXTS = {
    "zh-CN": {
        "ask": "不再接收此类消息（{what}）？",
        "button": "退订",
        "done": "您已退订（{what}）。",
        "relationship": "问候",
        "promotion": "优惠",
        "service": "服务",
        "profiling": "个性化分析",
        "sms": "短信",
        "email": "电子邮件",
        "phone": "电话",
        "letter": "信函",
    },
    "en": {
        "ask": "No more of these messages ({what})?",
        "button": "Unsubscribe",
        "done": "You are unsubscribed ({what}).",
        "relationship": "greetings",
        "promotion": "offers",
        "service": "service",
        "profiling": "profiling",
        "sms": "SMS",
        "email": "e-mail",
        "phone": "phone",
        "letter": "letter",
    },
}


def _page(about: About, subscribed: bool, language: str | None) -> HTMLResponse:
    code = "en" if (language or "").lower().startswith("en") else "zh-CN"
    texts = _TEXTS[code]
    what = f"{texts[about[0]]}, {texts[about[1]]}"
    said = escape((texts["ask"] if subscribed else texts["done"]).format(what=what))
    form = f'<form method="post"><button>{texts["button"]}</button></form>' if subscribed else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{said}</title>'
    page = f'<!doctype html><html lang="{code}">{head}<p>{said}</p>{form}</html>'
    return HTMLResponse(page, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


@routes.get("/unsubscribe/{token}", response_model=UnsubscribeAnswer)
async def read_unsubscribe(
    token: Token, context: InContext, request: Request, language: Language = None
) -> UnsubscribeAnswer | Response:
    """What the link of a message is about; changes nothing, because mail readers fetch links by themselves."""
    about, still = await handlers.subscribed(context, token)
    if _wants_page(request):
        return _page(about, still, language)
    return UnsubscribeAnswer(channel=about[0], purpose=about[1], subscribed=still)


@routes.post("/unsubscribe/{token}", response_model=UnsubscribeAnswer)
async def unsubscribe(
    token: Token, context: InContext, request: Request, language: Language = None
) -> UnsubscribeAnswer | Response:
    """Withdraws, by a person's click or a mail reader's one-click (RFC 8058)."""
    about = await handlers.withdraw(context, token)
    if _wants_page(request):
        return _page(about, False, language)
    return UnsubscribeAnswer(channel=about[0], purpose=about[1], subscribed=False)
