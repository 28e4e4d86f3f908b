"""A notice on paper: whose case it is, what is demanded, until when, and where its receipt is signed (domain 3.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.notices.domain import ReadNotice
from shared.languages import Language
from shared.paper.sheet import LetterSheet

_SUBJECT: Final[Mapping[Language, str]] = {"zh-CN": "通知单", "en": "Notice"}
_CASE: Final[Mapping[Language, str]] = {
    "zh-CN": "关于投诉 {case}（第 {round} 轮），现要求您：",
    "en": "About complaint {case} (round {round}), this is demanded of you:",
}
_DEADLINE: Final[Mapping[Language, str]] = {"zh-CN": "期限：{at} 前", "en": "Before: {at}"}
_READ: Final[Mapping[Language, str]] = {
    "zh-CN": "已于 {at} 确认收到。",
    "en": "Its receipt was acknowledged on {at}.",
}
_SUPERSEDED: Final[Mapping[Language, str]] = {
    "zh-CN": "本通知单已于 {at} 被后一份代替。",
    "en": "It was superseded by another one on {at}.",
}
_TO_SIGN: Final[Mapping[Language, str]] = {
    "zh-CN": "签收：　　　　　　　　　　日期：　　　　　　",
    "en": "Received:                              Date:                    ",
}
_ISSUED: Final[Mapping[Language, str]] = {"zh-CN": "签发于 {at}", "en": "Issued on {at}"}


def sheet_of(
    read: ReadNotice, case: str, head: tuple[str, str, str], zone: ZoneInfo, language: Language
) -> LetterSheet:
    """A notice as it is set; `case` is the number of the case, `head` company, address and complaint line.

    Moments are those of `zone`, the company's. What is demanded stands as it was written, whatever the language.
    """
    notice, (company, address, line) = read.notice, head

    def said(words: Mapping[Language, str], at: datetime) -> str:
        return words[language].format(at=f"{at.astimezone(zone):%Y-%m-%d %H:%M}")

    ended = [said(_READ, notice.acknowledged_at)] if notice.acknowledged_at is not None else []
    ended += [said(_SUPERSEDED, notice.superseded_at)] if notice.superseded_at is not None else []
    return LetterSheet(
        number=notice.number,
        language=language,
        company=company,
        address=address,
        line=line,
        subject=_SUBJECT[language],
        greeting=read.to_name or "",
        paragraphs=[
            _CASE[language].format(case=case, round=notice.round),
            *(part.strip() for part in read.demand.split("\n") if part.strip()),
            said(_DEADLINE, notice.deadline),
            said(_ISSUED, notice.issued_at),
            *ended,
        ],
        closing=_TO_SIGN[language] if notice.acknowledged_at is None else "",
    )
