"""What notices to staff have in common: who hears of what reaches nobody, and how a notice is written."""

from datetime import datetime, timedelta
from uuid import UUID

from services.care.context import Context
from services.care.messages.domain import Message, Purpose
from shared import directory
from shared.contracts.base import CaseFact, Fact
from shared.db import Connection
from shared.directory import StaffMember
from shared.ids import new_id
from shared.telemetry import log

STALE_AFTER = timedelta(days=1)
ALARMED_ROLES = ("admin_dept", "admin")
"""Administration; where nobody of it is at work, those who administer this system."""


def is_recent(context: Context, moment: datetime) -> bool:
    """What is read again much later, such as from a log of before this reaction, is told to nobody."""
    return moment > context.clock.now() - STALE_AFTER


async def administration(transaction: Connection, fact: Fact) -> list[UUID]:
    """Who hears of what reaches nobody else; if there is nobody of them either, the log says so."""
    alarmed: list[StaffMember] = []
    for role in ALARMED_ROLES:
        alarmed = alarmed or await directory.staff_in_role(transaction, role)
    if not alarmed:
        log("notices").error(
            "this reaches nobody, and administration has nobody to alarm",
            id=str(getattr(fact, "complaint_id", fact.partition_key())),
            about=fact.TYPE,
        )
    return [member.id for member in alarmed]


def round_of(fact: CaseFact) -> str:
    return f"{fact.complaint_id}:{fact.round}"


def local(context: Context, moment: datetime) -> str:
    return moment.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")


def notice_to(
    context: Context, staff_id: UUID | None, fact: CaseFact, template: str, key: str, variables: dict[str, str]
) -> Message:
    return Message(
        id=new_id(),
        staff_id=staff_id,
        occasion=template,
        occasion_key=key,
        template=template,
        variables=variables,
        purpose=Purpose.SERVICE,
        urgent=True,
        expires_at=context.clock.now() + STALE_AFTER,
        about=f"complaint:{fact.complaint_id}",
    )
