"""What the command line says of the parking to the one who is woken by it: what, where, since when, why, what next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from shared.bus.inbox import BEHIND
from shared.bus.replay import Replayed
from shared.settings import ServiceName

Row = Mapping[str, object]


def told_of_parked(service: ServiceName, rows: Sequence[Row]) -> str:
    """What waits, the events that failed each with how many wait behind it, and what can be done."""
    if not rows:
        return f"{service}: nothing is parked"
    keys = {(row["consumer"], row["key"]) for row in rows}
    lines = [f"{service}: {count_of(len(rows), 'event')} of {count_of(len(keys), 'key')} parked"]
    in_order = sorted(rows, key=lambda row: (str(row["consumer"]), str(row["key"]), int(str(row["id"]))))
    for _, of_key in groupby(in_order, key=lambda row: (row["consumer"], row["key"])):
        lines += _told_of_key(list(of_key))
    return "\n".join(
        [
            *lines,
            f"  try again: crm parking replay {service}     give up: crm parking discard {service} NUMBER --reason '…'",
        ]
    )


def _told_of_key(rows: Sequence[Row]) -> Iterator[str]:
    behind = [row for row in rows if row["error"] == BEHIND]
    for row in rows:
        if row["error"] != BEHIND:
            yield _told_of(row)
    if behind:
        numbers = [int(str(row["id"])) for row in behind]
        yield f"        {count_of(len(behind), 'later one')} of its key behind it ({min(numbers)} to {max(numbers)})"


def _told_of(row: Row) -> str:
    since = row["parked_at"]
    moment = f"{since:%Y-%m-%d %H:%M:%S} UTC" if isinstance(since, datetime) else str(since)
    what = f"{row['type'] or 'no event of ours'} in {row['topic']} at {row['partition']}/{row['position']}"
    by = " by the relay" if row["consumer"] == "relay" else ""
    return f"  {row['id']:>5}  {moment}  {what}{by}: {row['error']}{_of_key(row)}"


def _of_key(row: Row) -> str:
    """The key of an event of ours is an id; what others put there may be anything."""
    try:
        return f" (key {UUID(str(row['key']))})"
    except ValueError:
        return ""


def told_of_replay(service: ServiceName, outcomes: Sequence[Replayed], released: int) -> str:
    """What had its effect, and which events still keep their keys from going on."""
    lines = [f"{count_of(sum(outcome.events for outcome in outcomes), 'event')} replayed"]
    if released:
        lines.append(f"the relay tries {count_of(released, 'event')} again")
    for outcome in outcomes:
        if outcome.stuck is not None:
            stuck = outcome.stuck
            lines.append(
                f"  {stuck.id:>5}  {stuck.type or 'no event of ours'} in {stuck.topic} at"
                f" {stuck.partition}/{stuck.position} failed again: {outcome.error};"
                f" {count_of(outcome.left, 'event')} of its key still parked"
            )
    if any(outcome.left for outcome in outcomes):
        lines.append(f"  give up: crm parking discard {service} NUMBER --reason '…'")
    return "\n".join(lines)


def count_of(number: int, thing: str) -> str:
    """As in "1 event", "2 events"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
