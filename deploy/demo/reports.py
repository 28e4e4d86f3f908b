"""Chapter 3: what the reports say of it all."""

from dataclasses import dataclass
from datetime import datetime

from deploy.demo.backend import Backend, Json, check, wait_until
from deploy.demo.building import ZONE, Built
from deploy.demo.plan import RISING
from deploy.demo.stage import Stage
from shared.months import Month


@dataclass(frozen=True, slots=True)
class Tally:
    """A month's complaints as reported at one moment."""

    month: Month
    opened: int
    in_time: int
    late: int

    @classmethod
    def of(cls, backend: Backend, month: Month) -> "Tally":
        found = backend.get("/reporting/v1/complaints", month=str(month))
        return cls(month, found["opened"], found["answered_in_time"], found["answered_late"])


def tally(backend: Backend) -> Tally:
    """The running month's complaints so far."""
    return Tally.of(backend, Month.of(backend.now(), ZONE))


def tell_reports(backend: Backend, stage: Stage, built: Built, before: Tally, answered_in_time: int) -> None:
    """Shows the reports; raises DemoFailed when they do not say what happened."""
    stage.chapter("3 · What the reports say")
    _customer(backend, stage, built)
    _tiers(backend, stage, built.last_month)
    _complaints(backend, stage, before, answered_in_time)


def _customer(backend: Backend, stage: Stage, built: Built) -> None:
    store = built.stores[RISING]

    def answered() -> Json | None:
        found = backend.get(f"/reporting/v1/customers/{store['id']}")
        return found if found["complaints"] and found["complaints"][0]["state"] == "answered" else None

    found = wait_until("the answered complaint in the customer 360", answered).value
    purchases, touches = found["purchases"], found["touches"]
    stage.table(
        f"Customer 360 of {found['name']} ({found['external_no']})",
        ("", ""),
        [
            ("tier", f"{found['tier']} since {_day(found['tier_since'])}"),
            ("region", found["region"]["name"]),
            ("team", "、".join(member["name"] for member in found["team"].values())),
            ("purchases", f"{purchases['count']}, together {float(purchases['sum']):,.2f} yuan"),
            ("complaints", "; ".join(f"{c['number']} {c['state']}" for c in found["complaints"])),
            ("touches", f"{touches['open']} ahead, {touches['done']} done, {touches['missed']} missed"),
            ("latest", _lately(found["timeline"])),
        ],
    )


def _lately(timeline: list[Json]) -> str:
    return " · ".join(entry["type"].removeprefix("crm.") for entry in timeline[:6])


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def _tiers(backend: Backend, stage: Stage, month: Month) -> None:
    revision = next(m["revision"] for m in backend.every("/customers/v1/months") if m["month"] == str(month))

    def as_closed() -> Json | None:
        report = backend.get("/reporting/v1/tiers", month=str(month))
        return report if report["revision"] == revision else None

    report = wait_until(f"{month} in the reports as closed", as_closed).value
    check(set(report["tiers"]) == set("ABCD"), f"the report of {month} lacks tiers")
    stage.table(
        f"Tiers of {month}, as closed",
        ("tier", "stores", "yuan", "share of sales", "to expect"),
        [
            (
                tier,
                str(row["customers"]),
                f"{float(row['amount']):,.0f}",
                f"{row['share']:.1%}",
                f"{row['expected_share']:.0%}",
            )
            for tier, row in sorted(report["tiers"].items())
        ],
        right=(1, 2, 3, 4),
    )
    moves = ", ".join(f"{count} {move.replace('>', '→')}" for move, count in sorted(report["moves"].items()))
    stage.saw("reporting", f"moves since {month.plus(-1)}: {moves or 'none'}")


def _complaints(backend: Backend, stage: Stage, before: Tally, answered_in_time: int) -> None:
    def complete() -> bool:
        now = Tally.of(backend, before.month)
        return (now.in_time - before.in_time, now.late - before.late) == (answered_in_time, 1)

    wait_until(f"{answered_in_time} answers in time and one late in the complaints of {before.month}", complete)
    report = backend.get("/reporting/v1/complaints", month=str(before.month))
    stage.table(
        f"Complaints of {before.month}",
        ("opened", "answered in time", "answered late", "overdue, unanswered", "open", "share in time"),
        [
            (
                *(
                    str(report[name])
                    for name in ("opened", "answered_in_time", "answered_late", "unanswered_overdue", "open")
                ),
                f"{report['share_in_time']:.1%}",
            )
        ],
        right=tuple(range(6)),
    )
