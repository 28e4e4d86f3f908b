"""The order in which a batch is given to the reactions: as few runs of one type as the order per key allows.

Only events of one key (or one aggregate) are in order to each other (decision 3): a broker may deliver those of others
in any order. So what belongs to many customers is done in one go, although their events lie mixed in the log.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.bus.event import Event


def runs(events: Sequence[Event]) -> Iterator[tuple[str, list[Event]]]:
    """Splits a batch into runs of one type; an event never comes before an earlier one of its key or aggregate."""
    left = list(events)
    if len(left) == 1:
        yield left[0].type, left
        return
    while left:
        type_ = _most_at_the_head(left)
        run, left = _split(left, type_)
        yield type_, run


def _most_at_the_head(events: Sequence[Event]) -> str:
    """The type of most events that nothing of their key or aggregate comes before."""
    heads: Counter[str] = Counter()
    before: set[object] = set()
    for event in events:
        if before.isdisjoint((event.key, event.aggregate_id)):
            heads[event.type] += 1
        before.update((event.key, event.aggregate_id))
    return heads.most_common(1)[0][0]


def _split(events: Sequence[Event], type_: str) -> tuple[list[Event], list[Event]]:
    """The events of the type that nothing else has to come before, and the rest."""
    run: list[Event] = []
    rest: list[Event] = []
    waiting: set[object] = set()
    for event in events:
        if event.type == type_ and waiting.isdisjoint((event.key, event.aggregate_id)):
            run.append(event)
        else:
            waiting.update((event.key, event.aggregate_id))
            rest.append(event)
    return run, rest
