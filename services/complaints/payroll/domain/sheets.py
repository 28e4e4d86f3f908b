"""A statement on paper: what was booked, what it comes to, and where it is signed; Chinese or English."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.ledger.domain import Booking
from services.complaints.payroll.domain.figures import Line
from services.complaints.printing.domain import LetterSheet
from shared.contracts.responsibility import BookingKind
from shared.languages import Language
from shared.months import Month

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
_BOOKED: Final[Mapping[Language, str]] = {"zh-CN": "{day}　{kind}　{amount} 元", "en": "{day}  {kind}  CNY {amount}"}
_READ: Final[Mapping[Language, str]] = {
    "zh-CN": "本人已核对以上金额。实扣为负数的，为退还本人的金额。",
    "en": "I have checked these figures. Where what is kept is below 0, it is given back to me.",
}
_TO_SIGN: Final[Mapping[Language, str]] = {
    "zh-CN": "签名：　　　　　　　　　　日期：　　　　　　",
    "en": "Signed:                              Date:                    ",
}
_SIGNED: Final[Mapping[Language, str]] = {
    "zh-CN": "已于 {at} 电子签署",
    "en": "Signed electronically on {at}",
}


@dataclass(frozen=True, slots=True)
class Wall:
    """How a statement speaks: whose wall its days are those of, and in which language."""

    zone: ZoneInfo
    language: Language


def sheet_of(
    line: Line,
    name: str,
    bookings: Sequence[Booking],
    signed_at: datetime | None,
    head: tuple[str, str, str],
    wall: Wall,
) -> LetterSheet:
    """A person's statement as it is set; `head`: company, address, complaint line. Amounts are CNY, with two places."""
    month, (company, address, phone) = Month.at(line.month), head
    zone, language = wall.zone, wall.language
    booked = [_booked(each, zone, language) for each in bookings]
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


def _booked(booking: Booking, zone: ZoneInfo, language: Language) -> str:
    """As the figures count it: a reward as what is paid, all else as what is charged."""
    day = f"{booking.booked_at.astimezone(zone):%Y-%m-%d}"
    amount = -booking.amount if booking.kind == "reward" else booking.amount
    return _BOOKED[language].format(day=day, kind=_KINDS[language][booking.kind], amount=_amount(amount))


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}"
