"""Presence and skills in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.presence.tables import PresenceRow
from shared.db import Connection
from shared.statement import Statement, by_column, excluded, insert_one

_SAY = Statement(
    insert_one(PresenceRow, "staff_id", "skills", "away_since", "away_until", "said_by").on_conflict_do_update(
        index_elements=["staff_id"],
        set_={name: excluded(PresenceRow)[name] for name in ("away_since", "away_until", "said_by")},
    )
)
_KEEP_SKILLS = Statement(
    """
    INSERT INTO staff_presence (staff_id, skills)
    SELECT staff_id, skills::text[] FROM unnest(:staff_id::uuid[], :skills::text[]) AS given(staff_id, skills)
    ORDER BY staff_id
    ON CONFLICT (staff_id) DO UPDATE SET skills = EXCLUDED.skills
    """
)
"""By hand: skills are an array, which unnest would flatten, so they come as text."""


async def say(
    transaction: Connection, staff_id: UUID, away_since: datetime | None, away_until: datetime | None, by: UUID
) -> None:
    """Keeps whether somebody is there."""
    await _SAY.execute(
        transaction, staff_id=staff_id, skills=[], away_since=away_since, away_until=away_until, said_by=by
    )


async def keep_skills(transaction: Connection, skills: Mapping[UUID, Sequence[str]]) -> None:
    """Keeps what these colleagues know best."""
    await _KEEP_SKILLS.execute(transaction, **by_column(_skills_row(*each) for each in skills.items()))


def _skills_row(staff_id: UUID, skills: Sequence[str]) -> Mapping[str, object]:
    return {"staff_id": staff_id, "skills": "{" + ",".join(f'"{skill}"' for skill in skills) + "}"}
