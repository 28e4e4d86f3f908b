"""What the complaints of a month cost (domain 3.7, examples 14): reckoned from how many there were of each kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from services.complaints.cost.domain.model import CostModel
from services.complaints.cost.domain.returning import Learnt
from services.complaints.cost.domain.speed import SPEEDS, Era, Speed
from shared.contracts.settlements import CompensationKind
from shared.money import ZERO
from shared.months import Month

COUNTED: Final = ("complaint", "grumble")
"""Somebody was dissatisfied; suggestions, enquiries and what is internal cost nothing of this kind."""
_WHOLE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Counted:
    """Cases of one era and one speed: how many, how many of their complainants were delighted at last, what was given
    in them, what is at risk (the sum of the cases', each in whole cents), and how many are nobody's customer's; CNY."""

    era: int
    speed: Speed
    cases: int
    delighted: int
    given: Decimal
    at_risk: Decimal
    unknown: int


@dataclass(frozen=True, slots=True)
class OfSpeed:
    """The cases of a month that were solved so fast: how many, which share of all, the share of those that were solved
    so fast or faster (None while unsolved), what was given in them and what is at risk, CNY."""

    speed: Speed
    cases: int
    share: Decimal
    share_so_far: Decimal | None
    given: Decimal
    value_at_risk: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """What was granted in a month of one kind, in whichever cases: how often, and at what cost, CNY."""

    kind: CompensationKind
    times: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What the complaints that were recorded in a month cost: people in whole numbers, amounts in CNY."""

    month: Month
    policy_versions: Sequence[int]
    complaints: int
    dissatisfied: int
    silent: int
    hear_of_it: int
    lost: int
    cost: Decimal
    solved: int
    deal_again: int
    loyal: int
    delighted: int
    hear_well: int
    given: Decimal
    value_at_risk: Decimal
    without_customer: int
    settled: Sequence[Settled]
    settled_cost: Decimal
    learnt: Learnt
    speed: Sequence[OfSpeed]


@dataclass(frozen=True, slots=True)
class _OfEra:
    """What is reckoned by one version."""

    dissatisfied: int
    silent: int
    hear_of_it: int
    lost: int
    deal_again: int
    loyal: int
    hear_well: int
    cost: Decimal


def month_cost(
    month: Month, eras: Sequence[Era], learnt: Learnt, counted: Sequence[Counted], settled: Sequence[Settled]
) -> MonthCost:
    """Reckons each version's cases by that version, and adds up."""
    parts = [_of_era(era.model, [each for each in counted if each.era == n]) for n, era in enumerate(eras)]
    solved = [each for each in counted if each.speed != "unsolved"]
    return MonthCost(
        month=month,
        policy_versions=[era.model.version for era in eras],
        complaints=_cases(counted),
        dissatisfied=sum(part.dissatisfied for part in parts),
        silent=sum(part.silent for part in parts),
        hear_of_it=sum(part.hear_of_it for part in parts),
        lost=sum(part.lost for part in parts),
        cost=sum((part.cost for part in parts), ZERO),
        solved=_cases(solved),
        deal_again=sum(part.deal_again for part in parts),
        loyal=sum(part.loyal for part in parts),
        delighted=sum(each.delighted for each in counted),
        hear_well=sum(part.hear_well for part in parts),
        given=_given(counted),
        value_at_risk=_at_risk(counted),
        without_customer=sum(each.unknown for each in counted),
        settled=settled,
        settled_cost=sum((each.cost for each in settled), ZERO),
        learnt=learnt,
        speed=by_speed(counted),
    )


def _of_era(model: CostModel, counted: Iterable[Counted]) -> _OfEra:
    found = list(counted)
    complaints, solved = _cases(found), _cases(each for each in found if each.speed != "unsolved")
    dissatisfied = _whole(complaints * model.one_in)
    silent = dissatisfied - complaints
    return _OfEra(
        dissatisfied=dissatisfied,
        silent=silent,
        hear_of_it=_whole(dissatisfied * model.tells),
        lost=_whole(silent * model.not_return),
        deal_again=_whole(solved * model.deal_again),
        loyal=_whole(solved * model.become_loyal),
        hear_well=_whole(sum(each.delighted for each in found) * model.delighted_tells),
        cost=complaints * model.of_a_complaint,
    )


def by_speed(counted: Sequence[Counted]) -> list[OfSpeed]:
    """All five, the fastest first, also where there is none."""
    all_cases, so_far, found = _cases(counted), 0, []
    of: Mapping[Speed, list[Counted]] = {speed: [e for e in counted if e.speed == speed] for speed in SPEEDS}
    for speed, cases in of.items():
        many = _cases(cases)
        so_far += many
        reached = None if speed == "unsolved" else _share(so_far, all_cases)
        found.append(OfSpeed(speed, many, _share(many, all_cases), reached, _given(cases), _at_risk(cases)))
    return found


def _cases(counted: Iterable[Counted]) -> int:
    return sum(each.cases for each in counted)


def _given(counted: Iterable[Counted]) -> Decimal:
    return sum((each.given for each in counted), ZERO)


def _at_risk(counted: Iterable[Counted]) -> Decimal:
    return sum((each.at_risk for each in counted), ZERO)


def _share(part: int, whole: int) -> Decimal:
    """From 0 to 1 in four places."""
    return (Decimal(part) / whole if whole else Decimal(0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _whole(people: Decimal | int) -> int:
    """Rounded half up: there is no half customer."""
    return int(Decimal(people).quantize(_WHOLE, ROUND_HALF_UP))
