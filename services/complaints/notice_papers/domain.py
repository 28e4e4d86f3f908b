"""A notice on paper: whose case it is, what is demanded, until when, and where its receipt is signed (domain 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.faults.domain import ReadFault, standing
from services.complaints.notices.domain import ReadNotice
from shared.languages import Language
from shared.paper.sheet import LetterSheet

_SUBJECT: Final[Mapping[Language, str]] = {"zh-CN": "通知单", "en": "Notice"}
_CASE: Final[Mapping[Language, str]] = {
    "zh-CN": "关于投诉 {case}（第 {round} 轮）",
    "en": "About complaint {case} (round {round})",
}
_FACTS: Final[Mapping[Language, str]] = {"zh-CN": "事由：", "en": "What happened:"}
_DEMAND: Final[Mapping[Language, str]] = {"zh-CN": "现要求您：", "en": "This is demanded of you:"}
_FAULT: Final[Mapping[Language, str]] = {"zh-CN": "过失责任通知书", "en": "Notice of fault"}
_PROMISED: Final[Mapping[Language, str]] = {
    "zh-CN": "内部投诉 {case}：您在规定之外向客户作出以下承诺，其费用由您承担：",
    "en": "Internal case {case}: outside the rules you promised a customer this, and its cost is yours:",
}
_COST: Final[Mapping[Language, str]] = {
    "zh-CN": "经核定费用：人民币 {amount} 元。",
    "en": "The cost was decided: CNY {amount}.",
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


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a notice: the number of its case and what it says happened, the company's name, address and
    complaint line, its zone, and in which language all is said but what people wrote."""

    case: str
    facts: str
    head: tuple[str, str, str]
    zone: ZoneInfo
    language: Language

    def said(self, words: Mapping[Language, str], at: datetime) -> str:
        """Words about a moment, in the company's zone."""
        return words[self.language].format(at=f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}")


def sheet_of(read: ReadNotice, frame: Frame) -> LetterSheet:
    """A notice as it is set: the case, its facts, what is demanded, until when (domain 3.2)."""
    notice, language, said = read.notice, frame.language, frame.said
    ended = [said(_READ, notice.acknowledged_at)] if notice.acknowledged_at is not None else []
    ended += [said(_SUPERSEDED, notice.superseded_at)] if notice.superseded_at is not None else []
    return _sheet(
        frame,
        number=notice.number,
        subject=_SUBJECT[language],
        greeting=read.to_name or "",
        paragraphs=[
            _CASE[language].format(case=frame.case, round=notice.round),
            *([_FACTS[language], *_lines(frame.facts)] if frame.facts else []),
            _DEMAND[language],
            *_lines(read.demand),
            said(_DEADLINE, notice.deadline),
            said(_ISSUED, notice.issued_at),
            *ended,
        ],
        closing=_TO_SIGN[language] if notice.acknowledged_at is None else "",
    )


def fault_sheet_of(read: ReadFault, frame: Frame) -> LetterSheet:
    """A notice of fault as it is set: what was promised, and what it costs where that stands and is shown."""
    cost = standing(read.costs)
    return _sheet(
        frame,
        number=read.notice.number,
        subject=_FAULT[frame.language],
        greeting=read.to_name or "",
        paragraphs=[
            _PROMISED[frame.language].format(case=frame.case),
            *_lines(frame.facts),
            *([_COST[frame.language].format(amount=f"{cost.amount:,.2f}")] if cost is not None else []),
            frame.said(_ISSUED, read.notice.issued_at),
        ],
        closing=_TO_SIGN[frame.language],
    )


def _lines(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n") if part.strip()]


def _sheet(
    frame: Frame, *, number: str, subject: str, greeting: str, paragraphs: list[str], closing: str
) -> LetterSheet:
    company, address, line = frame.head
    return LetterSheet(
        number=number,
        language=frame.language,
        company=company,
        address=address,
        line=line,
        subject=subject,
        greeting=greeting,
        paragraphs=paragraphs,
        closing=closing,
    )
