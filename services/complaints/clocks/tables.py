"""The clocks of a case beside that of its answer, which stands in the case itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import json_text, smallint


class CaseClockRow(ComplaintsTable, table=True):
    """A clock of a round: for accepting, for a step, or for the resolution. Its pauses are those of the round.

    `due_at` and `next_alarm_at` follow from what happened; null while paused. `breached_at` is the missed moment
    itself, `noticed_at` when somebody noticed it. `warned` is the highest per cent of which somebody was warned,
    `next_level_seconds` how long after the last level told the next one is (null: none ahead), `told` who has heard, in
    order: the moment of the level, when it was told, the level (or the per cent before the miss) and the staff id.
    """

    __tablename__ = "case_clock"
    __table_args__ = (Index("case_clock_alarm", "next_alarm_at", postgresql_where=text("next_alarm_at IS NOT NULL")),)

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint(primary_key=True)
    kind: str = Field(primary_key=True)
    policy_version: int | None
    calendar_version: int | None
    allowed_seconds: int | None
    started_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    noticed_at: datetime | None
    next_alarm_at: datetime | None
    warned: int = smallint(sa_column_kwargs={"server_default": "0"})
    next_level_seconds: int | None
    told: str | None = json_text(default=None)
