"""Satisfaction (domain 3.5): perceived over expected, each 1 to 10."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias
from uuid import UUID

from services.complaints.cases.domain import Case, OwnCase
from shared.auth.principal import Principal
from shared.errors import Conflict

SatisfactionVerdict: TypeAlias = Literal["dissatisfied", "satisfied", "delighted"]


class SatisfactionGiven(Conflict):
    slug = "satisfaction-given"
    title = "This round has been judged"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the complainant felt and what they expected, each 1 to 10."""

    perceived: int
    expected: int

    @property
    def verdict(self) -> SatisfactionVerdict:
        """Below 1 dissatisfied, 1 satisfied, above 1 delighted."""
        ratio = Fraction(self.perceived, self.expected)
        if ratio < 1:
            return "dissatisfied"
        return "satisfied" if ratio == 1 else "delighted"


def check_not_judged(case: Case, caller: Principal, involved: Collection[UUID]) -> None:
    """Satisfaction is said by the complainant or taken down by administration, never by those it judges (domain 3.5).

    Raises OwnCase for who follows the case, for whom it is against, and for who handled or executed it at any time. The
    administrator of the system, who may enter what others did, has no part in it by that.
    """
    if caller.id in (case.responsible_id, case.accountable_id) or (caller.id in involved and not caller.is_admin):
        raise OwnCase("whom the complainant judges does not take the judgement down; administration does")
