"""What a complaint costs (domain 3.7): the figures that the answers are reckoned with, as versions of a policy.

A version holds for cases recorded from its start on, and none starts in the past: what a case costs does not change
because somebody has learnt better since. Whoever wants to know what another version says of a month names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from shared.errors import Invalid, NotFound
from shared.money import to_cents


class CostPolicyStarted(Invalid):
    slug = "cost-policy-in-the-past"
    title = "A version of the cost policy starts now or later"


class CurveRefused(Invalid):
    slug = "curve-refused"
    title = "The curve of who returns cannot be so"


class UnknownCostPolicy(NotFound):
    slug = "cost-policy-not-found"
    title = "There is no such version of the cost policy"


FIT_FROM: Final = 200
"""Where a version does not say it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Of customers whose case took up to `within_hours` (None: longer than all before), the share that comes back."""

    within_hours: int | None
    returns: Decimal


@dataclass(frozen=True, slots=True)
class CostModel:
    """A version: shares from 0 to 1, `usd` in US dollars a complaint, `rate` in CNY for one of them."""

    version: int
    one_in: Decimal
    """Of so many dissatisfied customers one speaks up."""
    tells: Decimal
    """So many people hear of it from each who is dissatisfied."""
    delighted_tells: Decimal
    """So many hear of it from each who is delighted."""
    deal_again: Decimal
    """The share of those whose case was solved that deals again."""
    become_loyal: Decimal
    """The share of those who were handled well that becomes loyal."""
    not_return: Decimal
    """The share of the dissatisfied who say nothing that does not return."""
    usd: Decimal
    rate: Decimal
    margin: Decimal
    """What is left of a purchase; a setting until costs are known."""
    curve: Sequence[Step]
    """How the share that comes back falls with the hours that a case took, the quickest first."""
    fit_from: int
    """From so many cases on the curve is learnt from them."""

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "CostModel":
        """From its row, in which numbers are texts."""
        steps = [Step(each["within_hours"], Decimal(each["returns"])) for each in definition["curve"]]
        numbers = {name: Decimal(definition[name]) for name in NUMBERS}
        return cls(version=version, curve=steps, fit_from=definition.get("fit_from", FIT_FROM), **numbers)

    @property
    def of_a_complaint(self) -> Decimal:
        """What a complaint costs, CNY."""
        return to_cents(self.usd * self.rate)


NUMBERS: Final = tuple(field.name for field in fields(CostModel) if field.name not in {"version", "curve", "fit_from"})


@dataclass(frozen=True, slots=True)
class NewCostModel:
    """A version to be written: None stays as it was; `starts_at` None means now."""

    one_in: Decimal | None
    tells: Decimal | None
    delighted_tells: Decimal | None
    deal_again: Decimal | None
    become_loyal: Decimal | None
    not_return: Decimal | None
    usd: Decimal | None
    rate: Decimal | None
    margin: Decimal | None
    curve: Sequence[Step] | None
    fit_from: int | None
    starts_at: datetime | None

    def check(self, now: datetime) -> None:
        """Raises CostPolicyStarted, CurveRefused."""
        if self.starts_at is not None and self.starts_at < now:
            raise CostPolicyStarted("leave `starts_at` out to let it start now", pointer="#/starts_at")
        if self.curve is not None:
            check_curve(self.curve)

    def after(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The definition that follows another one."""
        said = {name: str(value) for name, value in asdict(self).items() if name in NUMBERS and value is not None}
        curve = before["curve"]
        if self.curve is not None:
            curve = [{"within_hours": each.within_hours, "returns": str(each.returns)} for each in self.curve]
        fit_from = before.get("fit_from", FIT_FROM) if self.fit_from is None else self.fit_from
        return {**before, **said, "curve": curve, "fit_from": fit_from}


def check_curve(curve: Sequence[Step]) -> None:
    """Raises CurveRefused: hours rise, shares do not, and the last step alone is without an end."""
    hours = [step.within_hours for step in curve]
    if hours[-1] is not None or None in hours[:-1]:
        raise CurveRefused("the last step, and no other, has `within_hours` null", pointer="#/curve")
    for place, (earlier, later) in enumerate(pairwise(curve), 1):
        if later.returns > earlier.returns:
            raise CurveRefused("who waits longer does not return sooner", pointer=f"#/curve/{place}/returns")
        if later.within_hours is not None and later.within_hours <= (earlier.within_hours or 0):
            raise CurveRefused("hours rise from step to step", pointer=f"#/curve/{place}/within_hours")
