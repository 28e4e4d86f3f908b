"""A statement on paper: what was booked, what it comes to, and where it is signed; Chinese or English."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.payroll.domain.figures import Item, Line
from shared.contracts.responsibility import BookingKind, PenaltyRule
from shared.languages import Language
from shared.months import Month
from shared.paper.sheet import LetterSheet

_KINDS: Final[Mapping[Language, Mapping[BookingKind, str]]] = {
    "zh-CN": {
        "penalty": "罚款",
        "reversal": "撤销",
        "reward": "奖励",
        "fund_withdrawal": "基金支出",
        "fault_cost": "过失费用",
    },
    "en": {
        "penalty": "penalty",
        "reversal": "taken back",
        "reward": "reward",
        "fund_withdrawal": "from the fund",
        "fault_cost": "cost of fault",
    },
}
_FIGURES: Final[Mapping[Language, Mapping[str, str]]] = {
    "zh-CN": {
        "charged": "本月应扣：{} 元",
        "carried_in": "上月结转：{} 元",
        "deducted": "本月实扣：{} 元",
        "carried_out": "结转下月：{} 元",
        "rewards": "奖励：{} 元",
        "net": "计入工资（奖励减实扣）：{} 元",
    },
    "en": {
        "charged": "Charged in this month: CNY {}",
        "carried_in": "Carried in from the month before: CNY {}",
        "deducted": "Kept of the wage: CNY {}",
        "carried_out": "Carried into the month after: CNY {}",
        "rewards": "Rewards: CNY {}",
        "net": "Added to the wage (rewards less what is kept): CNY {}",
    },
}
_SUBJECT: Final[Mapping[Language, str]] = {
    "zh-CN": "{year} 年 {month} 月奖惩结算单",
    "en": "Statement of {year}-{month:02d}",
}
_RULES: Final[Mapping[Language, Mapping[PenaltyRule, str]]] = {
    "zh-CN": {
        "unanswered": "未在时限内答复",
        "dissatisfied": "客户不满意",
        "repeat": "当月重复投诉",
        "not_executed": "未按时执行",
        "not_accepted": "未按时受理",
        "steps_not_followed": "未按步骤处理",
        "other": "其他违规",
        "missed_visit": "未按时拜访",
        "missed_call": "未按时电话联络",
        "not_made_good": "未按时补做",
        "scheme": "部门制度",
    },
    "en": {
        "unanswered": "not answered in time",
        "dissatisfied": "customer dissatisfied",
        "repeat": "repeated in the month",
        "not_executed": "not executed in time",
        "not_accepted": "not accepted in time",
        "steps_not_followed": "steps not followed",
        "other": "another violation",
        "missed_visit": "visit missed",
        "missed_call": "call missed",
        "not_made_good": "not made good in time",
        "scheme": "the department's scheme",
    },
}
_BOOKED: Final[Mapping[Language, str]] = {
    "zh-CN": "{day}　{kind}{about}　{amount} 元",
    "en": "{day}  {kind}{about}  CNY {amount}",
}
_ABOUT: Final[Mapping[Language, str]] = {"zh-CN": "（{}）", "en": " ({})"}
_BASES: Final[Mapping[str, BookingKind]] = {"reward": "reward", "internal": "fault_cost"}
_AN_INSTANT: Final = timedelta(microseconds=1)
"""A window that ends at midnight was missed on the day before."""
_BETWEEN: Final[Mapping[Language, str]] = {"zh-CN": "，", "en": ", "}
_READ: Final[Mapping[Language, str]] = {
    "zh-CN": "本人已核对以上金额。实扣为负数的，为退还本人的金额。",
    "en": "I have checked these figures. Where what is kept is below 0, it is given back to me.",
}
_TO_SIGN: Final[Mapping[Language, str]] = {
    "zh-CN": "签名：　　　　　　　　　　日期：　　　　　　",
    "en": "Signed:                              Date:                    ",
}
_SIGNED: Final[Mapping[Language, str]] = {
    "zh-CN": "已于 {at} 签署",
    "en": "Signed on {at}",
}


@dataclass(frozen=True, slots=True)
class Wall:
    """How a statement speaks: whose wall its days are those of, and in which language."""

    zone: ZoneInfo
    language: Language


def sheet_of(
    line: Line,
    name: str,
    items: Sequence[Item],
    signed_at: datetime | None,
    head: tuple[str, str, str],
    wall: Wall,
) -> LetterSheet:
    """A person's statement as it is set; `head`: company, address, complaint line. Amounts are CNY, with two places."""
    month, (company, address, phone) = Month.at(line.month), head
    zone, language = wall.zone, wall.language
    booked = [_booked(each, zone, language) for each in items]
    figures = [said.format(_amount(getattr(line, of))) for of, said in _FIGURES[language].items()]
    if signed_at is None:
        closing = _TO_SIGN[language]
    else:
        closing = _SIGNED[language].format(at=f"{signed_at.astimezone(zone):%Y-%m-%d %H:%M}")
    return LetterSheet(
        number=f"{month} · {line.digest[:16]}",
        language=language,
        company=company,
        address=address,
        line=phone,
        subject=_SUBJECT[language].format(year=month.year, month=month.number),
        greeting=name,
        paragraphs=[*booked, *figures, _READ[language]],
        closing=closing,
    )


def _booked(item: Item, zone: ZoneInfo, language: Language) -> str:
    """As the figures count it: a reward as what is paid, all else as what is charged; and what it is for."""
    day = f"{item.booked_at.astimezone(zone):%Y-%m-%d}"
    amount = -item.amount if item.kind == "reward" else item.amount
    about = _BETWEEN[language].join(_what_for(item, zone, language))
    return _BOOKED[language].format(
        day=day,
        kind=_KINDS[language][item.kind],
        about=_ABOUT[language].format(about) if about else "",
        amount=_amount(amount),
    )


def _what_for(item: Item, zone: ZoneInfo, language: Language) -> Iterator[str]:
    """The rule, or what the department's scheme calls it, or what was taken back; the case; the day on which a rule was
    broken, else the month in which it happened."""
    if item.rule is not None:
        yield (item.name_zh if language == "zh-CN" else item.name_en) or item.violation or _RULES[language][item.rule]
    elif item.kind == "reversal" and item.basis_type in _BASES:
        yield _KINDS[language][_BASES[item.basis_type]]
    if item.number is not None:
        yield item.number
    if item.at is not None:
        yield f"{(item.at - _AN_INSTANT).astimezone(zone):%Y-%m-%d}"
    elif item.month is not None:
        yield str(Month.at(item.month))


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}"
