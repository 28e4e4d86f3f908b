"""Whose a call-back is."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.care.touches.domain import Task


def shared_out(calls: Sequence[Task], burdens: dict[UUID, int]) -> list[Task]:
    """Each call to whoever has the fewest before them, by id where that is equal; to nobody where there is nobody."""
    burdens = dict(burdens)
    given = []
    for call in calls:
        assignee = min(burdens, key=lambda id_: (burdens[id_], id_), default=None)
        if assignee is not None:
            burdens[assignee] += 1
        given.append(replace(call, assignee_id=assignee, assigned_by=None))
    return given
