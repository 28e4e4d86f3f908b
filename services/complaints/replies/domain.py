"""Satisfaction (domain 3.5): perceived over expected, each 1 to 10."""

from fractions import Fraction
from typing import Literal, TypeAlias

from shared.errors import Conflict

Verdict: TypeAlias = Literal["dissatisfied", "satisfied", "delighted"]


class SatisfactionGiven(Conflict):
    slug = "satisfaction-given"
    title = "This round has been judged"


def verdict(perceived: int, expected: int) -> Verdict:
    """Below 1 dissatisfied, 1 satisfied, above 1 delighted."""
    ratio = Fraction(perceived, expected)
    if ratio < 1:
        return "dissatisfied"
    return "satisfied" if ratio == 1 else "delighted"
