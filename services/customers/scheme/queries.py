"""Reading the scheme, its versions and who has acknowledged them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.organisation.domain import Staff
from services.customers.organisation.store import gateway
from services.customers.scheme import domain, store
from services.customers.scheme.domain import NoScheme, Part, PartChange, SchemeVersion, SchemeVersionNotFound
from shared.auth import visibility
from shared.statement import Statement

ABOVE_EVERY_VERSION: Final = 2**31 - 1
BELOW_EVERY_ID: Final = UUID(int=0)
SEE_ALL_STAFF: Final = ("admin_dept", "general_manager")
"""All others see whether they and their people have acknowledged a version."""


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version of the scheme as it is read: what it changed of the one before, and how many have acknowledged it."""

    version: SchemeVersion
    changes: Sequence[PartChange]
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The version that holds, and what has changed of its parts since: the next version would say that."""

    read: ReadVersion
    since: Sequence[PartChange]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A colleague, and when they have acknowledged a version; None while they have not."""

    staff_id: UUID
    name: str
    department_id: UUID | None
    acknowledged_at: datetime | None


_STAFF = """
    SELECT s.id AS staff_id, s.name, s.department_id, a.acknowledged_at
    FROM staff s LEFT JOIN scheme_acknowledgement a ON a.staff_id = s.id AND a.scheme_version = :version
    WHERE s.active AND s.id > :after
        AND (:acknowledged::boolean IS NULL OR (a.acknowledged_at IS NOT NULL) = :acknowledged){seen}
    ORDER BY s.id LIMIT :most
    """
_EVERYBODY = Statement(_STAFF, Acknowledged, seen="")
_OF_ONES_OWN = Statement(
    _STAFF,
    Acknowledged,
    seen=f" AND s.id IN ({visibility.subordinates(staff='staff', departments='department')})",
)
"""By hand: the people of somebody are found by the directory as it is now."""


async def scheme(context: Context) -> Standing:
    """The version that holds now. Raises NoScheme."""
    now = context.clock.now()
    versions = await store.versions(context.database)
    present = domain.in_force(versions, now)
    if present is None:
        raise NoScheme("make one: POST /customers/v1/scheme-versions")
    parts = domain.standing(await store.parts(context.database), now)
    return Standing(await _read(context, versions, present), domain.changes(present.parts, parts))


async def version(context: Context, id_: UUID) -> ReadVersion:
    """One version. Raises SchemeVersionNotFound."""
    versions = await store.versions(context.database)
    for each in versions:
        if each.id == id_:
            return await _read(context, versions, each)
    raise SchemeVersionNotFound("versions are listed by GET /customers/v1/scheme-versions")


async def shown(context: Context, one: SchemeVersion) -> ReadVersion:
    """A version that is there, as it is read."""
    return await _read(context, await store.versions(context.database), one)


async def list_versions(context: Context, below: int | None, most: int) -> list[ReadVersion]:
    """Versions, the latest first."""
    versions = await store.versions(context.database)
    wanted = [each for each in reversed(versions) if each.version < (below or ABOVE_EVERY_VERSION)]
    return [await _read(context, versions, each) for each in wanted[:most]]


async def draft(context: Context, holds_from: datetime | None) -> tuple[datetime, list[Part], list[PartChange]]:
    """What a version would say that is made now and holds from then on: the moment, its parts, and what it changes."""
    start = holds_from or context.clock.now()
    parts = domain.standing(await store.parts(context.database), start)
    standing = [each for each in await store.versions(context.database) if each.withdrawn_at is None]
    return start, parts, domain.changes(standing[-1].parts if standing else (), parts)


async def list_acknowledgements(
    context: Context, id_: UUID, acknowledged: bool | None, viewer: UUID | None, after: UUID | None, most: int
) -> list[Acknowledged]:
    """Colleagues at work, in the order of their ids: all, or those that the viewer leads and they themselves.

    Raises SchemeVersionNotFound.
    """
    found = await version(context, id_)
    wanted = {
        "version": found.version.version,
        "acknowledged": acknowledged,
        "after": after or BELOW_EVERY_ID,
        "most": most,
    }
    if viewer is None:
        return await _EVERYBODY.all(context.database, **wanted)
    return await _OF_ONES_OWN.all(context.database, **wanted, viewer=viewer)


async def waiting_for(context: Context, staff_id: UUID) -> list[SchemeVersion]:
    """What a colleague has not acknowledged of the version that holds and those that will; nobody else is to."""
    if await gateway(Staff).get(context.database, staff_id) is None:
        return []
    versions = domain.to_acknowledge(await store.versions(context.database), context.clock.now())
    done = await store.acknowledged_by(context.database, staff_id) if versions else set()
    return [each for each in versions if each.version not in done]


async def _read(context: Context, versions: Sequence[SchemeVersion], one: SchemeVersion) -> ReadVersion:
    earlier = [each for each in versions if each.version < one.version and each.withdrawn_at is None]
    changed = domain.changes(earlier[-1].parts if earlier else (), one.parts)
    return ReadVersion(one, changed, (await store.how_many(context.database)).get(one.version, 0))
