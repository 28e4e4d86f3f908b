"""What is done to win somebody back (domain 2.6, examples 22): a call, a visit, a message, each by its time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.care.obligations.domain import Window
from services.care.touches.domain import Task, TaskKind, TaskState
from shared.contracts.care import Contact
from shared.contracts.winbacks import WinbackOpened

ENDED: Final = "winback_ended"
"""Why something is not owed any longer: the case has its outcome."""
NEVER_LOST: Final = "churn_withdrawn"
"""The same: the case was opened because of a loss that never was. Should it be one after all, it is owed again."""
MANAGER: Final = "sales_manager"
CARER: Final = "salesperson"


@dataclass(frozen=True, slots=True)
class _Step:
    contact: Contact
    role: str
    due: Callable[[WinbackOpened], datetime | None]


_STEPS: Final = (
    _Step("phone", CARER, lambda fact: fact.call_due_at),
    _Step("visit", MANAGER, lambda fact: fact.visit_due_at),
    _Step("message", CARER, lambda fact: fact.message_due_at),
)


def asked_for(fact: WinbackOpened, now: datetime, new_id: Callable[[], UUID]) -> list[Task]:
    """What the terms ask for; whose time is over before it is heard of has until now, and is missed at once."""
    return [
        Task(
            id=new_id(),
            customer_id=fact.customer_id,
            kind=TaskKind.WINBACK,
            role=step.role,
            contact=step.contact,
            assignee_id=fact.assignee_id if step.role == CARER else None,
            window=Window(min(fact.at, due), max(due, now)),
            anchor_at=fact.at,
            winback_id=fact.winback_id,
            loss_id=fact.loss_id,
        )
        for step in _STEPS
        if (due := step.due(fact)) is not None
    ]


def owed_again(task: Task, now: datetime) -> Task:
    """What was dropped, in its next version: until when it was due where that lies ahead, else it has all its time anew
    from now on."""
    opened = task.next_version(state=TaskState.OPEN)
    if task.window.due_at > now:
        return opened
    return replace(opened, window=Window(now, now + (task.window.due_at - task.anchor_at)), anchor_at=now)
