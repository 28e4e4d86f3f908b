"""Who decides about money, as the directory has it now."""

from sqlalchemy import select

from services.complaints.responsibility.domain.bench import DECIDERS, Bench, Colleague
from shared.directory_schema import STAFF
from shared.statement import Reader, Statement

_COLLEAGUES = Statement(
    select(STAFF.c.id, STAFF.c.name, STAFF.c.role, STAFF.c.active)
    .where(STAFF.c.role.in_(DECIDERS))
    .order_by(STAFF.c.id),
    Colleague,
)


async def read(reader: Reader) -> Bench:
    """Everybody in a role that decides, and who was."""
    return Bench(await _COLLEAGUES.all(reader))
