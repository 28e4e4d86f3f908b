"""Phone numbers as people write them, in E.164."""

import re
from typing import Annotated, Final

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult
from pydantic import AfterValidator, Field

HOME: Final = "CN"
_WRITTEN = re.compile(r"^[0-9+()（）＋\-－ .·/０-９]{3,40}$")


def e164(text: str) -> str:
    """The number in E.164, such as +8613800138000; without a country code it is Chinese. Raises ValueError."""
    if _WRITTEN.match(text):
        try:
            number = phonenumbers.parse(text, HOME)
        except NumberParseException:
            number = None
        if number is not None and phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise ValueError("write a phone number with its area or country code, such as 138 0013 8000 or +852 2123 4567")


def e164_or_none(text: str) -> str | None:
    """The same for texts that may be anything."""
    try:
        return e164(text)
    except ValueError:
        return None


Phone = Annotated[str, Field(max_length=40), AfterValidator(e164)]
