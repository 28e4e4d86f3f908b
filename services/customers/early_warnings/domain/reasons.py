"""Why somebody is about to leave: what happened, which tie ends, and the figures of each (domain 2.6, examples 21)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias, get_args
from uuid import UUID

from shared.contracts.early_warnings import ReasonCode, TieKind, TieSource

RAISING: Final[frozenset[ReasonCode]] = frozenset({"interval", "alive", "tie"})
_ORDER: Final[tuple[ReasonCode, ...]] = get_args(ReasonCode)
HUNDREDTH: Final = Decimal("0.01")
OF_TIE: Final = ("tie_id", "tie_kind", "tie_source")
"""Which tie it is that ends; kept beside the reasons."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What happened on a day: an answer was late, service was missed, the complainant was dissatisfied (`share` of what
    was expected), consent was withdrawn."""

    code: ReasonCode
    on: date
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class EndingTie:
    """What ties a customer, a contract or an agreement too, until `ends_on`: the first day on which it does no more."""

    ends_on: date
    id: UUID
    kind: TieKind
    source: TieSource


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is warned of, with its figures: days passed beside the usual ones; the change of the trend; how
    often and when last; the share of what was expected; which tie ends, and on which day."""

    code: ReasonCode
    days: int | None = None
    usual: Decimal | None = None
    change: Decimal | None = None
    count: int | None = None
    on: date | None = None
    share: Decimal | None = None
    tie_id: UUID | None = None
    tie_kind: TieKind | None = None
    tie_source: TieSource | None = None

    def plain(self) -> dict[str, Any]:
        """As it is kept beside its code: figures as texts, without those that it has not."""
        return self._texts(each for each in self.__slots__ if each != "code" and each not in OF_TIE)

    def tie(self) -> dict[str, Any]:
        """Which tie it is that ends, likewise."""
        return self._texts(OF_TIE)

    def _texts(self, names: Iterable[str]) -> dict[str, Any]:
        kept = {name: getattr(self, name) for name in names}
        return {
            name: value if isinstance(value, int) else str(value) for name, value in kept.items() if value is not None
        }

    @classmethod
    def kept(cls, code: ReasonCode, plain: Mapping[str, Any]) -> "Reason":
        values = dict(plain)
        for name in ("usual", "change", "share"):
            if name in values:
                values[name] = Decimal(values[name])
        if "on" in values:
            values["on"] = date.fromisoformat(values["on"])
        if "tie_id" in values:
            values["tie_id"] = UUID(values["tie_id"])
        return cls(code, **values)


Reasons: TypeAlias = tuple[Reason, ...]


def in_order(reasons: Iterable[Reason]) -> Reasons:
    """What raises a warning first."""
    return tuple(sorted(reasons, key=lambda reason: _ORDER.index(reason.code)))


def of_signals(signals: Sequence[Signal], since: date) -> Reasons:
    """One for each kind of what happened on this day or later: how often, and when last."""
    lately = [each for each in signals if each.on >= since]
    kinds: dict[ReasonCode, list[Signal]] = {}
    for each in sorted(lately, key=lambda signal: signal.on):
        kinds.setdefault(each.code, []).append(each)
    return tuple(
        Reason(code, count=len(of_kind), on=of_kind[-1].on, share=of_kind[-1].share) for code, of_kind in kinds.items()
    )
