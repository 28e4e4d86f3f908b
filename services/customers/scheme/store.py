"""The scheme in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, not_, select, update
from sqlmodel import col

from services.customers.scheme.domain import Part, SchemeVersion
from services.customers.scheme.tables import AcknowledgementRow, PolicyToldRow, SchemePartRow, SchemeVersionRow
from shared.contracts.customers import FACTS
from shared.contracts.scheme import PolicyVersioned
from shared.db import Connection
from shared.scheme import Announcer, Version
from shared.statement import Reader, Scalar, Statement, by_column, excluded, given, insert_many, insert_one, table

_UNTOLD = Statement(
    """
    SELECT p.id AS policy_id, 'tiers' AS part, p.version, p.starts_on::timestamp AT TIME ZONE :zone AS starts_at,
           p.announced_on::timestamp AT TIME ZONE :zone AS at, NULL::text AS tier, NULL::text AS subject,
           NULL::uuid AS department_id, false AS withdrawn
    FROM tier_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'network', p.version, p.starts_on::timestamp AT TIME ZONE :zone,
           p.announced_on::timestamp AT TIME ZONE :zone, NULL, NULL, NULL, false
    FROM network_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'winback', p.version, p.set_at, p.set_at, NULL, NULL, NULL, false
    FROM winback_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'worth', p.version, p.set_at, p.set_at, NULL, NULL, NULL, false
    FROM worth_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'signals', p.version, p.set_at, p.set_at, NULL, NULL, NULL, false
    FROM signal_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'key_accounts', p.version, p.set_at, p.set_at, NULL, NULL, NULL, false
    FROM key_account_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'relationships', p.version, p.set_at, p.set_at, NULL, NULL, NULL, false
    FROM relationship_policy p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    UNION ALL
    SELECT p.id, 'segment_names', p.version, p.set_at, p.set_at, NULL, NULL, NULL, false
    FROM segment_names p
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = p.id AND t.change = 1)
    ORDER BY part, version
    """,
    Version,
)
"""By hand: what several services tell is selected in the same words. A part that comes is a line here."""
ANNOUNCER: Final = Announcer(
    FACTS,
    _UNTOLD,
    Statement(
        insert_many(PolicyToldRow, "policy_id", "change", ordered_by=("policy_id", "change"))
        .on_conflict_do_nothing()
        .returning(col(PolicyToldRow.policy_id), col(PolicyToldRow.change))
    ),
)
_KEPT = ("policy_id", "part", "version", "starts_at", "tier", "subject", "department_id", "withdrawn")
_KEEP_RULE = insert_many(SchemePartRow, *_KEPT, ordered_by=("policy_id",))
_KEEP = Statement(
    _KEEP_RULE.on_conflict_do_update(
        index_elements=[col(SchemePartRow.policy_id)],
        set_={"withdrawn": col(SchemePartRow.withdrawn) | excluded(SchemePartRow).withdrawn},
    )
)
"""What was taken back stays so, whatever comes after."""
_PART = tuple(name for name in _KEPT if name != "withdrawn")
_PARTS = Statement(
    select(*(table(SchemePartRow).c[name] for name in _PART)).where(not_(col(SchemePartRow.withdrawn))), Part
)
_HOLD = Statement("SELECT pg_advisory_xact_lock(hashtextextended('scheme_version', 0))")
"""By hand: two who make the first version at once have no row to wait for."""


def _version(*, parts: list[dict[str, Any]], **same: Any) -> SchemeVersion:
    return SchemeVersion(parts=[_part(**each) for each in parts], **same)


def _part(*, policy_id: str, starts_at: str, department_id: str | None, **same: Any) -> Part:
    return Part(
        policy_id=UUID(policy_id),
        starts_at=datetime.fromisoformat(starts_at),
        department_id=UUID(department_id) if department_id else None,
        **same,
    )


_VERSIONS = Statement(select(*table(SchemeVersionRow).c).order_by(col(SchemeVersionRow.version)), _version)
_ADD = Statement(insert_one(SchemeVersionRow, *table(SchemeVersionRow).c.keys()))
_WITHDRAW = Statement(
    update(SchemeVersionRow)
    .values(withdrawn_at=given("at"), withdrawn_by=given("by"))
    .where(col(SchemeVersionRow.version) == given("version"))
)
_ACKNOWLEDGE = Statement(
    insert_one(AcknowledgementRow, "scheme_version", "staff_id", "acknowledged_at").on_conflict_do_nothing()
)
_ACKNOWLEDGED = Scalar(
    select(col(AcknowledgementRow.acknowledged_at)).where(
        col(AcknowledgementRow.scheme_version) == given("scheme_version"),
        col(AcknowledgementRow.staff_id) == given("staff_id"),
    ),
    datetime,
)
_ACKNOWLEDGED_BY = Scalar(
    select(col(AcknowledgementRow.scheme_version)).where(col(AcknowledgementRow.staff_id) == given("staff_id")), int
)
_MANY = Statement(
    select(col(AcknowledgementRow.scheme_version), func.count().label("many")).group_by(
        col(AcknowledgementRow.scheme_version)
    )
)


def row_of(told: PolicyVersioned | Version) -> dict[str, Any]:
    """The row of a part, as it was told."""
    return {name: getattr(told, name) for name in _KEPT}


async def keep(transaction: Connection, rows: Iterable[Mapping[str, object]]) -> None:
    """Keeps versions of parts, at least one, each once."""
    await _KEEP.execute(transaction, **by_column(rows))


async def parts(reader: Reader) -> list[Part]:
    """Every version of every part that was not taken back."""
    return await _PARTS.all(reader)


async def hold(transaction: Connection) -> None:
    """Lets nobody else make a version of the scheme until the transaction ends."""
    await _HOLD.execute(transaction)


async def versions(reader: Reader) -> list[SchemeVersion]:
    """Every version of the scheme, in their order."""
    return await _VERSIONS.all(reader)


async def add(transaction: Connection, version: SchemeVersion) -> None:
    row = asdict(version)
    row["parts"] = [
        {
            **each,
            "policy_id": str(each["policy_id"]),
            "starts_at": each["starts_at"].isoformat(),
            "department_id": each["department_id"] and str(each["department_id"]),
        }
        for each in row["parts"]
    ]
    await _ADD.execute(transaction, **row)


async def withdraw(transaction: Connection, version: int, at: datetime, by: UUID) -> None:
    await _WITHDRAW.execute(transaction, version=version, at=at, by=by)


async def acknowledge(transaction: Connection, version: int, staff_id: UUID, at: datetime) -> datetime:
    """When the colleague acknowledged it: now, or earlier where they had."""
    await _ACKNOWLEDGE.execute(transaction, scheme_version=version, staff_id=staff_id, acknowledged_at=at)
    return await _ACKNOWLEDGED.only(transaction, scheme_version=version, staff_id=staff_id)


async def acknowledged_by(reader: Reader, staff_id: UUID) -> set[int]:
    """The versions that a colleague has acknowledged."""
    return set(await _ACKNOWLEDGED_BY.all(reader, staff_id=staff_id))


async def how_many(reader: Reader) -> dict[int, int]:
    """Version -> how many have acknowledged it, where anybody has."""
    return {row["scheme_version"]: row["many"] for row in await _MANY.all(reader)}
