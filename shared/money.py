"""Money is CNY in decimal with two places, never a float (domain: facts at the head)."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")
MOST = Decimal("9999999999.99")
"""The largest amount a single entry may carry; sums may be larger."""


def to_cents(amount: Decimal) -> Decimal:
    """Rounds half up to two places."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def in_digits(value: object) -> object:
    """The value; raises ValueError for text that only a lenient reading takes for a number: 1e3, +5, 1_000."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise ValueError("write a number in digits, such as 1250.00")
    return value


def _no_float(value: object) -> object:
    if isinstance(value, float | bool):
        raise ValueError('send money as a string such as "12.50", not as a number with a binary point')
    return in_digits(value)


def _two_places(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("an amount must be a finite number")
    cents = to_cents(value)
    if value != cents:
        raise ValueError("an amount has at most two decimal places")
    return cents


def _unless_right(value: object, judged: ValidatorFunctionWrapHandler) -> object:
    """An amount as tables keep it stands as it is: most of what is answered, at a fifth of the cost."""
    if type(value) is Decimal and value.same_quantum(CENT) and -MOST <= value <= MOST:
        return value
    return judged(value)


def _written(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": ["1250.00"]})


_NOT_NEGATIVE = _written(r"^[0-9]{1,10}(\.[0-9]{1,2})?$")

Money = Annotated[
    Decimal,
    Field(max_digits=14, ge=-MOST, le=MOST),
    BeforeValidator(_no_float),
    AfterValidator(_two_places),
    WrapValidator(_unless_right),
    PlainSerializer(str, return_type=str, when_used="json"),
    _written(r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$"),
]
"""An amount in CNY as it stands in requests, answers and events: a JSON string with two decimal places."""

MoneyOrNothing = Annotated[Money, Field(ge=0), _NOT_NEGATIVE]
"""An amount that is 0 or more."""

SomeMoney = Annotated[Money, Field(gt=0), _NOT_NEGATIVE]
"""An amount of more than 0."""

Sum = Annotated[
    Decimal,
    Field(max_digits=20),
    BeforeValidator(_no_float),
    AfterValidator(_two_places),
    WrapValidator(_unless_right),
    PlainSerializer(str, return_type=str, when_used="json"),
    _written(r"^-?[0-9]{1,18}(\.[0-9]{1,2})?$"),
]
"""A sum of many amounts: without the bound of a single one."""
