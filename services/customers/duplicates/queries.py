"""Reading pairs, the latest first."""

from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.duplicates.domain import Duplicate, DuplicateNotFound, DuplicateReason, Side
from services.customers.heads.store.visibility import all_seen, sees
from shared.ids import FROM_THE_END
from shared.statement import Statement

_SELECT: Final = """
    SELECT p.id, p.reasons, p.found_at,
        c.id AS one_id, c.tier AS one_tier, a.name AS one_name, a.region_id AS one_region,
        d.id AS other_id, d.tier AS other_tier, b.name AS other_name, b.region_id AS other_region
    FROM duplicate_pair p
    JOIN customer c ON c.id = p.one_id JOIN archive a ON a.customer_id = c.id
    JOIN customer d ON d.id = p.other_id JOIN archive b ON b.customer_id = d.id
    WHERE {where}
    """


def _duplicate(*, id: UUID, reasons: list[str], found_at: Any, **sides: Any) -> Duplicate:
    one, other = (
        Side(sides[f"{side}_id"], sides[f"{side}_name"], sides[f"{side}_tier"], sides[f"{side}_region"])
        for side in ("one", "other")
    )
    return Duplicate(id, [DuplicateReason(each) for each in reasons], found_at, one, other)


_ONE: Final = Statement(_SELECT, _duplicate, where=f"p.id = :id AND {sees('p.one_id')} AND {sees('p.other_id')}")


@cache
def _page(*, limited: bool) -> Statement[Duplicate]:
    """One statement for who sees all and one for who does not, so that each has its plan."""
    seen = f" AND {all_seen('p.one_id')} AND {all_seen('p.other_id')}" if limited else ""
    return Statement(
        _SELECT + " ORDER BY p.id DESC LIMIT :most", _duplicate, where=f"p.judged_at IS NULL AND p.id < :before{seen}"
    )


async def page(context: Context, before: UUID | None, most: int, *, viewer: UUID | None) -> list[Duplicate]:
    """Pairs that nobody has judged yet, of which the viewer sees both."""
    seen = {} if viewer is None else {"viewer": viewer}
    return await _page(limited=viewer is not None).all(
        context.database, before=before or FROM_THE_END, most=most, **seen
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> Duplicate:
    """Raises DuplicateNotFound, also for a pair of which the viewer does not see both."""
    found = await _ONE.one(context.database, id=id_, viewer=viewer)
    if found is None:
        raise DuplicateNotFound("no pair has this id")
    return found
