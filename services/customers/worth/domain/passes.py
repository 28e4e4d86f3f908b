"""Judging everybody: a pass, and by what a new one begins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.errors import Conflict, NotFound


class PassUnderWay(Conflict):
    slug = "worth-pass-under-way"
    title = "Everybody is being judged already"


class PassNotFound(NotFound):
    slug = "no-such-worth-pass"
    title = "There is no such judging of everybody"


KEEPS: Final = 3
"""Counted on when a release keeps more of a judgement: everybody is judged anew by it, some at a time. 2: a loss of
whoever is lost, and the policy. 3: what the purchases of a year cost."""


@dataclass(frozen=True, slots=True)
class WorthPass:
    """Judging everybody: asked when and by whom (None: by a new policy or release), judged how many of how many."""

    id: UUID
    tier_policy: int
    worth_policy: int
    fit_id: UUID | None
    asked_at: datetime
    asked_by: UUID | None
    reached: UUID | None
    judged: int
    done_at: datetime | None
    customers: int | None
    keeps: int = KEEPS
