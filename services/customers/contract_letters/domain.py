"""The joint letter of the brand's department and administration: that a contract ends, since when, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from services.customers.company.domain import Profile, Signatory
from shared.errors import Conflict
from shared.languages import Language
from shared.paper.sheet import LetterSheet, complaint_line

_SUBJECT: Final[Mapping[Language, str]] = {
    "zh-CN": "关于终止加盟合同的函",
    "en": "The end of your franchise contract",
}
_GREETING: Final[Mapping[Language, str]] = {"zh-CN": "{name}：", "en": "Dear {name},"}
_SIGNED: Final[Mapping[Language, str]] = {
    "zh-CN": "贵方与我公司就“{brand}”品牌在{region}签订的加盟合同{number}，自{starts_on}起生效。",
    "en": "Since {starts_on} a franchise contract{number} has tied you to our brand “{brand}” in {region}.",
}
_NUMBER: Final[Mapping[Language, str]] = {"zh-CN": "（合同编号 {}）", "en": " (No. {})"}
_ENDED: Final[Mapping[Language, str]] = {
    "zh-CN": "{confirmed_on}，品牌部与贵方确认：贵方自愿放弃该品牌在上述区域的加盟权；{approved_on}，我公司予以批准。"
    "该合同自{ends_on}零时起终止。",
    "en": "On {confirmed_on} you confirmed to our brand department that you give up this right of your own will, and "
    "on {approved_on} the company approved it. The contract ends on {ends_on} at 00:00.",
}
_FOLLOWS: Final[Mapping[Language, str]] = {
    "zh-CN": "自该日起，请停止使用该品牌的名称、标识与陈列用品。"
    "此后我公司将电话回访，收回陈列用品，并与贵方核对、结清账目。",
    "en": "Please do not use the name, the signs and the displays of the brand from that day on. We will call you, "
    "fetch the displays, and settle the account with you.",
}
_THANKS: Final[Mapping[Language, str]] = {
    "zh-CN": "感谢贵方一直以来的支持与合作。",
    "en": "Thank you for the time in which we have worked together.",
}
_BRAND_DEPARTMENT: Final[Mapping[Language, str]] = {"zh-CN": "品牌部", "en": "Brand department"}
_ADMINISTRATION: Final[Mapping[Language, str]] = {"zh-CN": "行政部", "en": "Administration"}
_TO_SIGN: Final[Mapping[Language, str]] = {
    "zh-CN": "{who}　签章：　　　　　　　　",
    "en": "{who}    Signed:                              ",
}


class LetterErased(Conflict):
    slug = "letter-erased"
    title = "Nothing is kept of this letter any more"


class LetterUnprintable(Conflict):
    """It would be printed with boxes; the characters themselves may be of somebody's name."""

    slug = "letter-unprintable"
    title = "The letter has characters that no font here has"
    members: ClassVar[Mapping[str, str]] = {
        "places": "where they stand: customer, brand, region, number, signers, company"
    }

    def __init__(self, detail: str, places: Sequence[str]) -> None:
        super().__init__(detail)
        self.places = list(places)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who did a step for a department: their name and department, as far as the directory knows them."""

    name: str | None = None
    department_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What the letter is about: days are the company's; `written_on` is the day on which it went out, or today."""

    number: str
    external_no: str | None
    customer: str
    brand: str
    region: str
    starts_on: date
    confirmed_on: date
    approved_on: date
    ends_on: date
    written_on: date
    brand_department: Signer
    administration: Signer


def sheet_of(ending: Ending, profile: Profile | None, language: Language) -> LetterSheet:
    """The letter as it is set, with a line for the signature of each of the two."""
    named = _NUMBER[language].format(ending.external_no) if ending.external_no else ""
    days = ("starts_on", "confirmed_on", "approved_on", "ends_on")
    told = {name: day_said(getattr(ending, name), language) for name in days}
    told |= {"brand": ending.brand, "region": ending.region, "number": named}
    return LetterSheet(
        number=ending.number,
        language=language,
        company=profile.names.get(language, "") if profile else "",
        address=profile.addresses.get(language, "") if profile else "",
        line=complaint_line(profile.line, language) if profile else "",
        subject=_SUBJECT[language],
        greeting=_GREETING[language].format(name=ending.customer),
        paragraphs=[
            _SIGNED[language].format(**told),
            _ENDED[language].format(**told),
            _FOLLOWS[language],
            _THANKS[language],
        ],
        closing="\n".join([*_signatures(ending, profile, language), day_said(ending.written_on, language)]),
    )


def written(ending: Ending, profile: Profile | None, language: Language) -> dict[str, str]:
    """What others have written of it, by place: it may have any character."""
    company = (profile.names.get(language, ""), profile.addresses.get(language, ""), profile.line) if profile else ()
    return {
        "customer": ending.customer,
        "brand": ending.brand,
        "region": ending.region,
        "number": ending.number,
        "signers": "".join(_signatures(ending, profile, language)),
        "company": "".join(company),
    }


def day_said(day: date, language: Language) -> str:
    """A day as letters write it."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh-CN" else f"{day.day} {day:%B %Y}"


def _signatures(ending: Ending, profile: Profile | None, language: Language) -> Sequence[str]:
    signatories = profile.signatories if profile else ()
    both = (
        (_BRAND_DEPARTMENT, ending.brand_department, _of(signatories, ending.brand_department.department_id)),
        (_ADMINISTRATION, ending.administration, _of(signatories, ending.administration.department_id)),
    )
    return [_TO_SIGN[language].format(who=_who(titles, who, signs, language)) for titles, who, signs in both]


def _of(signatories: Sequence[Signatory], department_id: UUID | None) -> Signatory | None:
    """Who signs for a department in the company's name, where the profile names somebody."""
    return next((each for each in signatories if department_id and each.department_id == department_id), None)


def _who(titles: Mapping[Language, str], signer: Signer, signs: Signatory | None, language: Language) -> str:
    """Title and name: as the profile says them, else the department and who did the step for it."""
    if signs is not None:
        return f"{signs.titles.get(language, titles[language])}　{signs.names.get(language, '')}".strip()
    return f"{titles[language]}　{signer.name or ''}".strip()
