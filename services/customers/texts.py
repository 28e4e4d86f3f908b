"""Texts and dates as requests bring them: trimmed, bounded, without control characters (PostgreSQL refuses NUL)."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not taken here")
    return text


def _several_lines(text: str) -> str:
    if _CONTROL_BUT_LINES.search(text):
        raise ValueError("control characters are not taken here")
    return text


def _mail(text: str) -> str:
    if not _MAIL.match(text):
        raise ValueError("write an e-mail address, such as name@example.com")
    return text


def _plausible_year(day: date) -> date:
    if not 1850 <= day.year <= 2200:
        raise ValueError("the year cannot be right")
    return day


_TRIMMED = StringConstraints(strip_whitespace=True)

Name = Annotated[str, _TRIMMED, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Number = Annotated[str, _TRIMMED, Field(min_length=1, max_length=64), AfterValidator(_one_line)]
"""A number that another system gave: a customer's, an order's, a receipt's."""
Line = Annotated[str, _TRIMMED, Field(min_length=1, max_length=300), AfterValidator(_one_line)]
Words = Annotated[str, _TRIMMED, Field(min_length=1, max_length=2000), AfterValidator(_several_lines)]
Mail = Annotated[str, _TRIMMED, Field(max_length=254), AfterValidator(_one_line), AfterValidator(_mail)]
Day = Annotated[date, AfterValidator(_plausible_year)]
