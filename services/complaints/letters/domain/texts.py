"""What first replies and questions say, in the complainant's language (domain 3.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.templates import Rendered, Template, Text

_REGRETS: Final = ("complaint", "grumble", "internal")

_SORRY: Final = Text(
    "您的投诉 {number} 已收到",
    "您的投诉我们已收到，给您添了麻烦，非常抱歉。编号 {number}，我们将在 {before}答复您。投诉热线 {line}，昼夜接听。",
)
_SORRY_EN: Final = Text(
    "We have your complaint {number}",
    "We have heard you, and we are sorry. Your number is {number}; you have an answer {before}. "
    "Complaint line, day and night: {line}.",
)
_THANKS: Final = Text(
    "您的来信 {number} 已收到",
    "您的意见我们已收到，谢谢您。编号 {number}，我们将在 {before}答复您。投诉热线 {line}，昼夜接听。",
)
_THANKS_EN: Final = Text(
    "We have your message {number}",
    "We have heard you, thank you. Your number is {number}; you have an answer {before}. "
    "Complaint line, day and night: {line}.",
)

_ASKED: Final = Text(
    "关于您的投诉 {number}，我们想请问您",
    "关于编号 {number}，我们想请问您：{question} 请在此回复：{url} 收到您的回复后我们继续处理。投诉热线 {line}。",
)
_ASKED_EN: Final = Text(
    "A question about your complaint {number}",
    "About {number} we would like to ask you: {question} Please reply here: {url} We go on as soon as we have it. "
    "Complaint line: {line}.",
)
_ASKED_AT_LENGTH: Final = Text(
    "关于您的投诉 {number}，我们想请问您",
    "关于编号 {number}，我们有一个问题想请问您，请在此查看并回复：{url} 收到您的回复后我们继续处理。投诉热线 {line}。",
)
_ASKED_AT_LENGTH_EN: Final = Text(
    "A question about your complaint {number}",
    "About {number} we have a question. Please read it and reply here: {url} We go on as soon as we have it. "
    "Complaint line: {line}.",
)
LONGEST_ASKED: Final = 300
"""Characters of a question that goes with the message; what is longer is read on the page."""


def _with_link(text: Text, link: str) -> Text:
    return Text(text.subject, text.body + link)


def _written(zh: Text, en: Text) -> Template:
    return Template({"zh-CN": _with_link(zh, "查看进度：{url}"), "en": _with_link(en, " Follow it: {url}")})


TEMPLATES: Final[Mapping[str, Template]] = {
    "sorry": _written(_SORRY, _SORRY_EN),
    "thanks": _written(_THANKS, _THANKS_EN),
    "sorry_spoken": Template({"zh-CN": _SORRY, "en": _SORRY_EN}),
    "thanks_spoken": Template({"zh-CN": _THANKS, "en": _THANKS_EN}),
    "question": Template({"zh-CN": _ASKED, "en": _ASKED_EN}),
    "long_question": Template({"zh-CN": _ASKED_AT_LENGTH, "en": _ASKED_AT_LENGTH_EN}),
}
"""By what they say; what is spoken has no link."""


def first_reply(
    language: str, kind: str, number: str, due: tuple[datetime, datetime, ZoneInfo], line: str, url: str | None
) -> Rendered:
    """The first reply about a case of this kind; without a link it is a script to be read.

    `due` is when the answer is due, what is now, and the company's zone. Raises HoleInMessage for an empty variable.
    """
    template = ("sorry" if kind in _REGRETS else "thanks") + ("" if url else "_spoken")
    spoken = language if language in ("zh-CN", "en") else "zh-CN"
    variables = {"number": number, "before": _before(*due, spoken), "line": line, "url": url or ""}
    return TEMPLATES[template].render(spoken, variables)


def question(language: str, number: str, asked: str, line: str, url: str) -> Rendered:
    """What the complainant is asked, with where to reply. Raises HoleInMessage for an empty variable."""
    template = "question" if len(asked) <= LONGEST_ASKED else "long_question"
    variables = {"number": number, "question": asked, "line": line, "url": url}
    return TEMPLATES[template].render(language, variables)


def _before(due_at: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """`before 02:15`, with the day where it is not today."""
    due, today = due_at.astimezone(zone), now.astimezone(zone).date()
    if language == "en":
        return f"before {due:%H:%M}" + ("" if due.date() == today else f" ({due.day} {due:%B})")
    return f"{due:%H:%M} 前" + ("" if due.date() == today else f"（{due.month}月{due.day}日）")
