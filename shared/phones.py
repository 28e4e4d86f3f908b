"""Phone numbers as people write them, in E.164; an extension stands behind it, `;ext=12` (RFC 3966).

A number is taken when the country's numbering plan has it, not when its length may be right (decision 30a).
"""

import re
from typing import Any, Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType

from shared.texts import fold_identifier

PhoneMetadata.load_all()
"""Now, in a sixth of a second: a country that is loaded when first asked for, and cannot be read then, leaves the
library's lock held, and the next number waits for ever."""
HOME: Final = "CN"
EXTENSION: Final = ";ext="
_LABEL = re.compile(
    r"^['’‘`]?\s*(?:(?:联系|办公|固定|移动|客服)?(?:电\s?话|手\s?机|座机|固话|宅电|热线|传真)(?:号码|号)?|联系方式|办公"
    r"|tel|phone|mobile|mob|cell)?\s*[.:：]?\s*",
    re.IGNORECASE,
)
_DASHES = re.compile("[‐‑‒–—―−﹣－ー－~～]")
_WRITTEN = re.compile(r"[0-9+()\-. /]{3,40}")
_SIGN = r"(?:;ext=|转|轉|分机|內線|内线|extension|ext\.?|x|#|\*|,|，)"
_EXTENDED = re.compile(rf"(?P<number>.*?\d)\s*{_SIGN}\s*[.:：]?\s*(?P<extension>\d{{1,8}})", re.IGNORECASE)
_BRACKETED = re.compile(rf"(?P<number>.*\d)\s*\({_SIGN}?\s*[.:：]?\s*(?P<extension>\d{{1,6}})\)", re.IGNORECASE)
_DASHED = re.compile(r"(?P<number>.*\d)-(?P<extension>\d{1,6})")
_SERVICE = re.compile(r"(?:\+86)?(95\d{3,6}|96\d{3,6}|100\d{2}|12\d{3})")
"""Short numbers of banks, carriers and public services; the plan of the library knows no such thing."""
_REFUSED = (
    "write a phone number with its area or country code, such as 138 0013 8000, 0571-87654321转8001 or +852 2123 4567"
)
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_PLAN_AT_HOME: Any = PhoneMetadata.metadata_for_region(HOME)
_HOME_MOBILE = re.compile(rf"\+86(?:{_PLAN_AT_HOME.mobile.national_number_pattern})", re.ASCII)
"""What most numbers are, and written as they are kept: the plan's own pattern, without parsing it piece by piece."""


def e164(text: str) -> str:
    """The number in E.164, such as +8613800138000, perhaps with `;ext=`; without a country code it is Chinese.

    Raises ValueError for what no plan has.
    """
    if _HOME_MOBILE.fullmatch(text):
        return text
    written = _LABEL.sub("", _DASHES.sub("-", fold_identifier(text)), count=1)
    if found := _EXTENDED.fullmatch(written) or _BRACKETED.fullmatch(written):
        return _with_extension(found)
    if (found := _DASHED.fullmatch(written)) and _number(found["number"]) is not None:
        return _with_extension(found)  # 010-62345678-12: what stands before is a number already
    if (number := _number(written)) is not None:
        return number
    raise ValueError(_REFUSED)


def e164_or_none(text: str) -> str | None:
    """The same for texts that may be anything."""
    try:
        return e164(text)
    except ValueError:
        return None


def mobile(text: str) -> str:
    """The same, and a number that takes short messages; raises ValueError for a landline or an extension."""
    number = e164(text)
    if not is_mobile(number):
        raise ValueError("write a mobile number, such as 138 0013 8000: a landline takes no short messages")
    return number


def is_mobile(number: str) -> bool:
    """Whether a number in E.164 takes short messages."""
    if EXTENSION in number or _SERVICE.fullmatch(number):
        return False
    return phonenumbers.number_type(phonenumbers.parse(number, HOME)) in _MOBILE


def without_extension(number: str) -> str:
    """The number as a caller's display shows it."""
    return number.partition(EXTENSION)[0]


def _with_extension(found: "re.Match[str]") -> str:
    number = _number(found["number"])
    if number is None:
        raise ValueError(_REFUSED)
    return f"{number}{EXTENSION}{found['extension']}"


def _number(written: str) -> str | None:
    """The number in E.164 when a plan has it."""
    if not _WRITTEN.fullmatch(written):
        return None
    if service := _SERVICE.fullmatch(re.sub(r"[^0-9+]", "", written)):
        return f"+86{service[1]}"
    number = _parsed(written)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(written: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(written, HOME)
    except NumberParseException:
        return None
