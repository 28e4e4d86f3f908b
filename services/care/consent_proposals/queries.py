"""Proposals as people read them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from services.care.consent.domain.choices import About, Proof
from services.care.consent.store import proof_in
from services.care.consent_proposals import store
from services.care.consent_proposals.domain import ProposalState
from services.care.consent_proposals.tables import ConsentProposalRow
from services.care.context import Context
from shared import aliases
from shared.directory_schema import NAME
from shared.personal import Vault
from shared.statement import Reader, Statement, given, if_given, table


@dataclass(frozen=True, slots=True)
class ProposalDetails:
    """A proposal with what people see beside it; `source` and `reason` are sealed until they are opened."""

    id: UUID
    customer_id: UUID
    customer_name: str | None
    wanted: Mapping[About, bool]
    source: bytes | str
    proof: bytes | Proof | None
    proposed_at: datetime
    proposed_by: UUID
    state: ProposalState
    decided_at: datetime | None
    decided_by: UUID | None
    reason: bytes | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilters:
    """Which proposals are asked for; `viewer` narrows to those of one who proposed."""

    viewer: UUID | None = None
    customer_id: UUID | None = None
    state: ProposalState | None = None


def _details(wanted: list[dict[str, Any]], state: str, **same: Any) -> ProposalDetails:
    return ProposalDetails(wanted=store.wanted_in(wanted), state=ProposalState(state), **same)


_DETAILS = select(
    *table(ConsentProposalRow).c,
    select(NAME.c.name)
    .where(NAME.c.id == col(ConsentProposalRow.customer_id))
    .scalar_subquery()
    .label("customer_name"),
)
_READ = Statement(_DETAILS.where(col(ConsentProposalRow.id) == given("id")), _details)
_CUSTOMERS = given("customers", ARRAY(Uuid))
_BEFORE, _VIEWER = given("before", Uuid), given("viewer", Uuid)
_LIST = Statement(
    _DETAILS.where(
        if_given(table(ConsentProposalRow).c.state),
        or_(_CUSTOMERS.is_(None), col(ConsentProposalRow.customer_id) == func.any(_CUSTOMERS)),
        or_(_VIEWER.is_(None), col(ConsentProposalRow.proposed_by) == _VIEWER),
        or_(_BEFORE.is_(None), col(ConsentProposalRow.id) < _BEFORE),
    )
    .order_by(col(ConsentProposalRow.id).desc())
    .limit(given("most")),
    _details,
)


async def written(context: Context, reader: Reader, proposal_id: UUID) -> ProposalDetails:
    """A proposal that this transaction has written."""
    found = await _READ.one(reader, id=proposal_id)
    if found is None:
        raise LookupError(f"no proposal {proposal_id}")
    return _opened(context.vaults.consents, found)


async def list_proposals(
    context: Context, filters: ProposalFilters, before: UUID | None, most: int
) -> list[ProposalDetails]:
    """Proposals, the newest first."""
    asked = asdict(filters)
    customers = await aliases.asked_for(context.database, asked.pop("customer_id"))
    found = await _LIST.all(context.database, **asked, customers=customers, before=before, most=most)
    return [_opened(context.vaults.consents, each) for each in found]


def _opened(vault: Vault, details: ProposalDetails) -> ProposalDetails:
    def words(sealed: bytes | str | None) -> str | None:
        return store.words_in(vault, details.id, sealed) if isinstance(sealed, bytes) else sealed

    proof = proof_in(vault, details.id, details.proof) if isinstance(details.proof, bytes) else details.proof
    return replace(details, source=words(details.source) or "", proof=proof, reason=words(details.reason))
