"""Reading kinds of relations, and whom somebody has to do with."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.people import queries as people
from services.customers.people.domain import Person
from services.customers.people.store import opened
from services.customers.relations.domain import Relation, RelationKind, Way, way
from services.customers.relations.store import KINDS
from services.customers.relations.tables import RelationKindRow
from shared.statement import Statement

NOBODY: Final = UUID(int=0)
_ALL_KINDS: Final = Statement(KINDS.order_by(col(RelationKindRow.code)), RelationKind)
_OF_PERSON: Final = Statement(
    """
    SELECT r.id AS relation_id, r.from_id, r.to_id, r.kind, r.entered_at, t.name_en, t.name_zh, t.mutual, t.active,
        p.id, p.version, p.customer_id, p.job, p.decides, p.pays, p.uses, p.language, p.means, p.left_on, p.updated_at,
        p.personal,
        k.sealed_by, k.wrapped
    FROM (
        SELECT * FROM relation WHERE from_id = :person_id UNION ALL SELECT * FROM relation WHERE to_id = :person_id
    ) AS r
    JOIN relation_kind t ON t.code = r.kind
    JOIN person p ON p.id = CASE WHEN r.from_id = :person_id THEN r.to_id ELSE r.from_id END
    JOIN personal_key k ON k.subject_id = p.id
    WHERE r.id > :after AND {seen}
    ORDER BY r.id LIMIT :most
    """,
    seen=sees("p.customer_id"),
)
"""By hand: relations of both ways, each with the other one."""


@dataclass(frozen=True, slots=True)
class Related:
    """A relation as it looks from one of both, and the other one."""

    relation: Relation
    kind: RelationKind
    way: Way
    other: Person

    @property
    def id(self) -> UUID:
        return self.relation.id


async def kinds(context: Context) -> list[RelationKind]:
    """All kinds of relations."""
    return await _ALL_KINDS.all(context.database)


async def page(
    context: Context, customer_id: UUID, person_id: UUID, after: UUID | None, most: int, *, viewer: UUID | None
) -> list[Related]:
    """Whom somebody of a store has to do with, as far as the viewer sees these, in the order in which it was entered.

    Raises CustomerNotFound, PersonNotFound.
    """
    await people.read(context, customer_id, person_id, viewer=viewer)
    rows = await _OF_PERSON.all(context.database, person_id=person_id, after=after or NOBODY, most=most, viewer=viewer)
    found: list[Related] = []
    for row in rows:
        relation = Relation(row["relation_id"], row["from_id"], row["to_id"], row["kind"], row["entered_at"])
        kind = RelationKind(row["kind"], row["name_en"], row["name_zh"], row["mutual"], row["active"])
        seen_as = way(relation, person_id, mutual=kind.mutual)
        found.append(Related(relation, kind, seen_as, opened(row, context.personal)))
    return found
