"""Reading measures by contract."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import require_seen
from services.complaints.context import Context
from services.complaints.contract_measures import store
from services.complaints.contract_measures.domain import ContractMeasure, MeasureCode
from services.complaints.contract_measures.tables import MeasureCodeRow
from services.complaints.internal_cases.domain import InternalNotFound
from services.complaints.internal_cases.store import read as read_internal
from shared.statement import Statement, table

_CODES = Statement(select(*table(MeasureCodeRow).c).order_by(col(MeasureCodeRow.code)), MeasureCode)


async def list_measures(context: Context, internal_id: UUID, *, viewer: UUID | None) -> list[ContractMeasure]:
    """The measures of an internal case in their order, those withdrawn, too.

    Raises ComplaintNotFound where the case is not the viewer's to see, InternalNotFound.
    """
    await require_seen(context, internal_id, viewer=viewer)
    if await read_internal(context.database, internal_id) is None:
        raise InternalNotFound("no internal case has this id")
    return await store.of_case(context.database, context.words, internal_id)


async def list_codes(context: Context) -> list[MeasureCode]:
    """What can be done by contract, what is out of use, too."""
    return await _CODES.all(context.database)
