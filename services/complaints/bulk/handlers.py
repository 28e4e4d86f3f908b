"""Doing the same with many cases, each in a transaction of its own."""

from collections.abc import Iterable
from uuid import UUID

from services.complaints.assignment.handlers import naming as assignment
from services.complaints.bulk.domain import Outcome
from services.complaints.cases.domain import Said
from services.complaints.context import Context
from services.complaints.links import handlers as links
from services.complaints.steps import handlers as steps
from shared.contracts.complaints import LinkRelation
from shared.errors import DomainError
from shared.versions import ANY_VERSION


async def assign(context: Context, ids: Iterable[UUID], staff_id: UUID, by: UUID) -> list[Outcome]:
    """Names who handles these cases from now on, each once and as it stands, in the order in which they were named."""
    return [await _assigned(context, id_, staff_id, by) for id_ in dict.fromkeys(ids)]


async def close(context: Context, ids: Iterable[UUID], said: Said) -> list[Outcome]:
    """Ends these cases, as far as all their steps are done; each once, in the order in which they were named."""
    return [await _closed(context, id_, said) for id_ in dict.fromkeys(ids)]


async def link(
    context: Context, ids: Iterable[UUID], complaint_id: UUID, relation: LinkRelation, by: UUID
) -> list[Outcome]:
    """Links these cases to one; each once, in the order in which they were named."""
    return [await _linked(context, id_, complaint_id, relation, by) for id_ in dict.fromkeys(ids)]


async def _assigned(context: Context, id_: UUID, staff_id: UUID, by: UUID) -> Outcome:
    try:
        await assignment.assign(context, id_, staff_id, by, expected_version=ANY_VERSION)
    except DomainError as refusal:
        return Outcome(id_, refusal)
    return Outcome(id_)


async def _closed(context: Context, id_: UUID, said: Said) -> Outcome:
    try:
        await steps.close(context, id_, said)
    except DomainError as refusal:
        return Outcome(id_, refusal)
    return Outcome(id_)


async def _linked(context: Context, id_: UUID, complaint_id: UUID, relation: LinkRelation, by: UUID) -> Outcome:
    try:
        await links.link(context, complaint_id, id_, relation, by=by)
    except DomainError as refusal:
        return Outcome(id_, refusal)
    return Outcome(id_)
