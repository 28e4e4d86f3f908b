"""Signals (domain 2.5): a rising star 明日之星, whose trend leads to the next tier; watch, an A whose purchases or
payments weaken; competitor, a B whose purchases stop rising or who is said to order elsewhere.

They follow from the sums of complete months (CNY of mid-grade terms, net of returns; a month in which more came back
than was bought counts as nothing), from invoices and from what is reported. Lengths, shares and amounts are those of a
policy with versions; a signal says by which it began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from shared.contracts.customers import Tier
from shared.contracts.signals import SignalCode, SignalEnd, SignalKind
from shared.errors import Invalid, NotFound
from shared.money import ZERO, to_cents

SignalSort: TypeAlias = Literal["latest", "potential"]
ABOVE: Final[Mapping[Tier, Tier]] = {"D": "C", "C": "B", "B": "A"}
INVOICES: Final = 6
"""Of so many invoices, the last that are paid or overdue, the later half is compared with the earlier one."""
_TENTH: Final = Decimal("0.1")


class SignalNotFound(NotFound):
    slug = "signal-not-found"
    title = "There is no such signal"


class SignalPolicyRefused(Invalid):
    slug = "signal-policy-refused"
    title = "Nothing could be found by this policy"


@dataclass(frozen=True, slots=True)
class SignalTerms:
    """By what signals are found.†

    `span`: so many months are compared with the so many before, and these with the so many before them; the trend is
    that of all three. A rising star reaches the next tier within `star_months`, and bought in at least `least_active`
    of the months. Purchases weaken at `weak_share` of the months before or less; they rise when they rise by more than
    `least_rise` of them. An invoice is `overdue_days` overdue, or the mean of the last three is paid `later_days` later
    than that of the three before. A report counts for `report_days`.
    """

    span: int
    star_months: int
    least_active: int
    weak_share: Decimal
    least_rise: Decimal
    overdue_days: int
    later_days: int
    report_days: int

    @property
    def months(self) -> int:
        """How many complete months are looked at."""
        return 3 * self.span


@dataclass(frozen=True, slots=True)
class SignalPolicy:
    """A version of the policy."""

    version: int
    terms: SignalTerms
    id: UUID
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], **by_whom: Any) -> "SignalPolicy":
        """From its row, in which shares are texts."""
        shares = {name: Decimal(definition[name]) for name in _SHARES}
        return cls(version, SignalTerms(**{**definition, **shares}), **by_whom)

    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self.terms), **{name: str(getattr(self.terms, name)) for name in _SHARES}}


_SHARES: Final = ("weak_share", "least_rise")


def check_terms(terms: SignalTerms) -> None:
    """Raises SignalPolicyRefused for lengths that are nothing, and for more months than are looked at."""
    lengths = ("span", "star_months", "least_active", "overdue_days", "later_days", "report_days")
    for name in lengths:
        if getattr(terms, name) < 1:
            raise SignalPolicyRefused("1 or more: a length of nothing finds nothing", pointer=f"#/{name}")
    if terms.least_active > terms.months:
        raise SignalPolicyRefused(f"only {terms.months} months are looked at", pointer="#/least_active")
    if not 0 < terms.weak_share < 1:
        raise SignalPolicyRefused("a part of the months before, above 0 and below 1", pointer="#/weak_share")
    if terms.least_rise < 0:
        raise SignalPolicyRefused("a part of the months before, 0 or more", pointer="#/least_rise")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a signal is given, with the figures of its code: amounts in CNY, `rise` a month, `months` until then."""

    code: SignalCode
    before: Decimal | None = None
    now: Decimal | None = None
    rise: Decimal | None = None
    threshold: Decimal | None = None
    months: int | None = None
    days: Decimal | None = None
    on: date | None = None
    competitor_id: UUID | None = None


Found: TypeAlias = Mapping[SignalKind, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class Course:
    """How a customer goes: `sums` are those of the complete months, the earliest first; `thresholds` what an average
    month of each tier comes to; `days_late` those of the last invoices, the latest first; `overdue_days` of the oldest
    one that is; `told_on` when it was last said that it orders elsewhere. Who is erased gives no signal."""

    customer_id: UUID
    tier: Tier
    sums: Sequence[Decimal]
    thresholds: Mapping[Tier, Decimal]
    days_late: Sequence[int] = ()
    overdue_days: int = 0
    told_on: date | None = None
    competitor_id: UUID | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal from its beginning to its end; `tier` is the one at its beginning. `reasons` are those of the last time
    it was looked for. `potential` is what staff say the customer could buy a month, None where nobody said.
    """

    id: UUID
    customer_id: UUID
    kind: SignalKind
    tier: Tier
    reasons: tuple[Reason, ...]
    policy_version: int
    began_at: datetime
    ended_at: datetime | None = None
    cause: SignalEnd | None = None
    potential: Decimal | None = None

    @property
    def leads_to(self) -> Tier | None:
        """The tier to which a rising star rises; of other signals None."""
        return ABOVE.get(self.tier) if self.kind == "rising_star" else None

    def end(self, cause: SignalEnd, at: datetime) -> "Signal":
        return replace(self, ended_at=at, cause=cause)


@dataclass(frozen=True, slots=True)
class Changes:
    """What comes of looking for signals: those that begin, with ids still to be given; that end; whose figures are
    others by now."""

    begin: list[tuple[SignalKind, tuple[Reason, ...]]] = field(default_factory=list)
    end: list[tuple[Signal, SignalEnd]] = field(default_factory=list)
    refresh: list[Signal] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.begin or self.end or self.refresh)


def find(course: Course, terms: SignalTerms, today: date) -> Found:
    """The signals that a customer gives on a day, each with its reasons."""
    if course.erased:
        return {}
    bought = [max(each, ZERO) for each in course.sums]
    found: dict[SignalKind, tuple[Reason, ...]] = {
        "rising_star": _rising(course, bought, terms),
        "watch": _weakening(course, bought, terms) if course.tier == "A" else (),
        "competitor": _leaving(course, bought, terms, today) if course.tier == "B" else (),
    }
    return {kind: reasons for kind, reasons in found.items() if reasons}


def settle(course: Course, found: Found, standing: Iterable[Signal]) -> Changes:
    """What of it is new, over, or goes on: of each kind one signal stands, the oldest."""
    changes = Changes()
    known: set[SignalKind] = set()
    for signal in sorted(standing, key=lambda each: each.id):
        reasons = found.get(signal.kind)
        if signal.kind in known:
            changes.end.append((signal, "doubled"))
            continue
        if reasons is None or signal.tier != course.tier:
            changes.end.append((signal, _why(course, signal)))
            continue
        known.add(signal.kind)
        if reasons != signal.reasons:
            changes.refresh.append(replace(signal, reasons=reasons))
    changes.begin.extend((kind, reasons) for kind, reasons in found.items() if kind not in known)
    return changes


def _why(course: Course, signal: Signal) -> SignalEnd:
    if course.erased:
        return "erased"
    return "over" if course.tier == signal.tier else "tier"


def _rising(course: Course, bought: Sequence[Decimal], terms: SignalTerms) -> tuple[Reason, ...]:
    """The line through the months (least squares), followed until it reaches the next tier."""
    above = ABOVE.get(course.tier)
    if above is None or sum(1 for each in bought if each) < terms.least_active:
        return ()
    last, rise = _line(bought)
    threshold = course.thresholds[above]
    if rise <= 0 or last + rise * terms.star_months < threshold:
        return ()
    months = max(1, int(((threshold - last) / rise).to_integral_value(ROUND_CEILING)))
    return (Reason("trend", now=to_cents(last), rise=to_cents(rise), threshold=threshold, months=months),)


def _line(bought: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The value of the line at the last month, and by how much it rises a month."""
    many = len(bought)
    middle = Decimal(many - 1) / 2
    mean = sum(bought, ZERO) / many
    spread = sum((place - middle) ** 2 for place in range(many))
    rise = sum(((place - middle) * (each - mean) for place, each in enumerate(bought)), ZERO) / spread
    return mean + rise * middle, rise


def _weakening(course: Course, bought: Sequence[Decimal], terms: SignalTerms) -> tuple[Reason, ...]:
    reasons = [*_fall(bought, terms)]
    if course.overdue_days >= terms.overdue_days:
        reasons.append(Reason("overdue", days=Decimal(course.overdue_days)))
    half = INVOICES // 2
    if len(course.days_late) == INVOICES:
        later = Decimal(sum(course.days_late[:half]) - sum(course.days_late[half:])) / half
        if later >= terms.later_days:
            reasons.append(Reason("pays_later", days=later.quantize(_TENTH, ROUND_HALF_UP)))
    return tuple(reasons)


def _leaving(course: Course, bought: Sequence[Decimal], terms: SignalTerms, today: date) -> tuple[Reason, ...]:
    earliest, earlier, late = _thirds(bought, terms.span)
    reasons = [*_fall(bought, terms)]
    if earlier > earliest * (1 + terms.least_rise) and late <= earlier * (1 + terms.least_rise):
        reasons.append(Reason("stopped_rising", before=to_cents(earlier), now=to_cents(late)))
    if course.told_on is not None and today < course.told_on + timedelta(days=terms.report_days):
        reasons.append(Reason("orders_elsewhere", on=course.told_on, competitor_id=course.competitor_id))
    return tuple(reasons)


def _fall(bought: Sequence[Decimal], terms: SignalTerms) -> list[Reason]:
    """The late months beside the mean of all before."""
    earliest, earlier, late = _thirds(bought, terms.span)
    before = (earliest + earlier) / 2
    if before > 0 and late <= before * terms.weak_share:
        return [Reason("purchases_weaken", before=to_cents(before), now=to_cents(late))]
    return []


def _thirds(bought: Sequence[Decimal], span: int) -> tuple[Decimal, Decimal, Decimal]:
    """The means of the earliest, the earlier and the late months."""
    earliest, earlier, late = (sum(bought[from_ : from_ + span], ZERO) / span for from_ in (0, span, 2 * span))
    return earliest, earlier, late
