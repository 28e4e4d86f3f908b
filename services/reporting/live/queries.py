"""How things stand when somebody begins to look: the cases that wait for their answer, and where the stream is."""

from sqlalchemy import and_, func, select
from sqlmodel import col

from services.reporting.complaints.queries import DUE, LATE, OVERDUE, PRESENT_ROUND
from services.reporting.complaints.tables import ComplaintRow, RoundRow
from services.reporting.context import Context
from services.reporting.customer360.tables import CustomerRow
from services.reporting.live.domain import SOON, Board, QueuedCase, Standing
from services.reporting.messages import queries as messages
from services.reporting.stream.queries import Kept
from shared.alias_schema import ALIAS
from shared.directory_schema import NAME, STAFF
from shared.statement import Statement, given, table

_WAITS = and_(col(ComplaintRow.state) == "open", col(ComplaintRow.number).is_not(None))
_TIER = func.coalesce(col(CustomerRow.tier), col(ComplaintRow.tier))
_CASES = func.count()
_STANDING = Statement(
    select(
        _CASES.label("open"),
        _CASES.filter(LATE).label("overdue"),
        _CASES.filter(LATE.is_not(True), given("soon") >= DUE).label("due_soon"),
        _CASES.filter(DUE.is_(None)).label("paused"),
        _CASES.filter(col(ComplaintRow.unreached)).label("unreached"),
    )
    .join_from(ComplaintRow, RoundRow, PRESENT_ROUND)
    .where(_WAITS),
    Standing,
)
_ACCOUNTABLE = STAFF.alias("accountable")
_KEPT = func.coalesce(ALIAS.c.kept_id, col(ComplaintRow.customer_id))
"""Whose case it is, also where it was recorded under the id of one who was merged."""
_OF_CASE = (
    "id", "number", "kind", "subject", "customer_id", "responsible_id", "accountable_id", "notice_number", "round",
    "taken_over", "escalation_level", "unreached",
)  # fmt: skip
_QUEUE = Statement(
    select(
        *(table(ComplaintRow).c[name] for name in _OF_CASE),
        _TIER.label("tier"),
        NAME.c.name.label("customer_name"),
        STAFF.c.name.label("responsible_name"),
        _ACCOUNTABLE.c.name.label("accountable_name"),
        col(RoundRow.began_at),
        DUE.label("answer_due_at"),
        OVERDUE,
    )
    .join_from(ComplaintRow, RoundRow, PRESENT_ROUND)
    .outerjoin(ALIAS, and_(ALIAS.c.id == col(ComplaintRow.customer_id), ALIAS.c.into_id.is_not(None)))
    .outerjoin(CustomerRow, col(CustomerRow.id) == _KEPT)
    .outerjoin(NAME, NAME.c.id == _KEPT)
    .outerjoin(STAFF, STAFF.c.id == col(ComplaintRow.responsible_id))
    .outerjoin(_ACCOUNTABLE, _ACCOUNTABLE.c.id == col(ComplaintRow.accountable_id))
    .where(_WAITS)
    .order_by(_TIER.nulls_last(), DUE.nulls_last(), col(ComplaintRow.id))
    .limit(given("most")),
    QueuedCase,
)


async def board(context: Context, most: int) -> Board:
    """The cases that wait for their answer, at most `most` of them named (domain 5, live).

    Those come by the customer's present tier, then by what is left on the clock.
    """
    now = context.clock.now()
    last_update = (await Kept().extent(context.database)).last_id
    async with context.database.connection() as reader:
        [standing] = await _STANDING.all(reader, now=now, soon=now + SOON)
        today = await messages.of_day(reader, now.astimezone(context.zone).date())
        return Board(now, last_update, standing, today, await _QUEUE.all(reader, now=now, most=most))
