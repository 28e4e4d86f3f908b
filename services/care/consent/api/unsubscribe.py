"""Routes of the public way out: what the links in messages lead to."""

from html import escape
from typing import Annotated

from fastapi import Header, Path, Request, Response
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from services.care.consent import handlers, queries
from services.care.consent.domain.choices import About, Means
from services.care.consent.domain.tokens import LinkEnded, TokenNotFound
from services.care.context import Context
from services.care.messages.domain import Purpose
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.pages import page, strict_headers
from shared.http.routing import router

routes = router("/care/v1", "consent")

Token = Annotated[str, Path(min_length=1, max_length=100)]
Language = Annotated[str | None, Header(alias="Accept-Language")]


class UnsubscribeOut(BaseModel):
    """What a link is about; POST to the same address withdraws."""

    channel: Means
    purpose: Purpose
    subscribed: bool


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


_HEADERS = strict_headers(posts=True)


def _page(about: About, subscribed: bool, language: str | None) -> HTMLResponse:
    code = "en" if (language or "").lower().startswith("en") else "zh-CN"
    texts = _TEXTS[code]
    what = f"{texts[about[0]]}, {texts[about[1]]}"
    said = escape((texts["ask"] if subscribed else texts["done"]).format(what=what))
    form = f'<form method="post"><button>{texts["button"]}</button></form>' if subscribed else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{said}</title>'
    html = f'<!doctype html><html lang="{code}">{head}<p>{said}</p>{form}</html>'
    return page(html, _HEADERS)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


@routes.get("/unsubscribe/{token}", response_model=UnsubscribeOut)
@raises(LinkEnded, TokenNotFound)
async def read_unsubscribe(
    token: Token, context: Injected[Context], request: Request, language: Language = None
) -> UnsubscribeOut | Response:
    """What the link of a message is about; changes nothing, because mail readers fetch links by themselves."""
    about, still = await queries.subscribed(context, token)
    if _wants_page(request):
        return _page(about, still, language)
    return UnsubscribeOut(channel=about[0], purpose=about[1], subscribed=still)


@routes.post("/unsubscribe/{token}", response_model=UnsubscribeOut)
@raises(LinkEnded, TokenNotFound)
async def unsubscribe(
    token: Token, context: Injected[Context], request: Request, language: Language = None
) -> UnsubscribeOut | Response:
    """Withdraws, by a person's click or a mail reader's one-click (RFC 8058)."""
    about = await handlers.withdraw(context, token)
    if _wants_page(request):
        return _page(about, False, language)
    return UnsubscribeOut(channel=about[0], purpose=about[1], subscribed=False)
