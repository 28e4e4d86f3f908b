"""Entering opportunities and moving them on; how each stood before is kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, locks
from services.customers.opportunities import domain, store
from services.customers.opportunities.domain import (
    Opportunity,
    OpportunityNotFound,
    OpportunityOfOne,
    Stage,
    UnknownProspect,
    UnknownStage,
)
from services.customers.organisation import store as organisation
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownCustomer, UnknownStaff
from shared.versions import check_version


async def add_stage(context: Context, new: Stage, *, by: UUID) -> Stage:
    """Lists a further stage. Raises StageTaken."""
    async with context.database.transaction() as transaction:
        await store.add_stage(transaction, new)
        await audit.enter(transaction, by, "opportunity_stage.added")
    return new


async def add(context: Context, said: Mapping[str, Any], *, by: UUID, viewer: UUID | None) -> Opportunity:
    """Enters an opportunity; it is the caller's unless somebody else's is said.

    Raises OpportunityOfOne, UnknownProspect, UnknownCustomer, UnknownStage, UnknownStaff, Erased.
    """
    async with context.database.transaction() as transaction:
        await _check_whose(transaction, said["prospect_id"], said["customer_id"], viewer)
        if said["customer_id"] is not None and said["next_step"]:
            await erasing.check(transaction, said["customer_id"])
        stage = await _stage(transaction, said["stage"])
        await check_owner(transaction, said["owner_id"])
        new = Opportunity(
            id=new_id(),
            version=1,
            usual=stage.probability,
            outcome="open",
            lost_reason=None,
            closed_at=None,
            entered_at=context.clock.now(),
            entered_by=by,
            **{**said, "owner_id": said["owner_id"] or by},
        )
        await store.add(transaction, context.words, new)
        await audit.enter(transaction, by, "opportunity.added", new.id)
    return new


async def change(
    context: Context,
    id_: UUID,
    said: Mapping[str, Any],
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Opportunity:
    """Moves an opportunity on. Raises OpportunityNotFound, PreconditionRequired, Stale, OpportunityClosed,
    LossWithoutReason, UnknownStage, UnknownStaff, Erased."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        whose = await store.whose(transaction, id_)
        if whose is not None:  # so that an erasure comes before or after
            await locks.customers(transaction, [whose])
        before = await store.locked(transaction, context.words, id_, viewer=viewer)
        if before is None:
            raise OpportunityNotFound("no opportunity has this id")
        check_version(before.version, expected_version)
        after = domain.changed(before, said, now)
        if after == before:
            return before
        if before.customer_id is not None and (said.get("next_step") or said.get("lost_reason")):
            await erasing.check(transaction, before.customer_id)
        if after.stage != before.stage:
            after = replace(after, usual=(await _stage(transaction, after.stage)).probability)
        if after.owner_id != before.owner_id:
            await check_owner(transaction, after.owner_id)
        after = replace(after, version=before.version + 1)
        await store.save(transaction, context.words, after, at=now, by=by)
        await audit.enter(transaction, by, "opportunity.changed", id_)
    return after


async def check_owner(transaction: Connection, owner_id: UUID | None) -> None:
    """Whether somebody who is named may own it. Raises UnknownStaff."""
    if owner_id is not None and await organisation.role_at_work(transaction, owner_id) is None:
        raise UnknownStaff("GET /customers/v1/staff lists colleagues", pointer="#/owner_id")


async def _check_whose(
    transaction: Connection, prospect_id: UUID | None, customer_id: UUID | None, viewer: UUID | None
) -> None:
    if (prospect_id is None) == (customer_id is None):
        raise OpportunityOfOne("say either prospect_id or customer_id")
    if prospect_id is not None and not await store.is_open_prospect(transaction, prospect_id, viewer=viewer):
        raise UnknownProspect("no open prospect has this id", pointer="#/prospect_id")
    if customer_id is not None and not await locks.customers(transaction, [customer_id], viewer=viewer):
        raise UnknownCustomer("no customer has this id", pointer="#/customer_id")


async def _stage(transaction: Connection, code: str) -> Stage:
    found = await store.stage(transaction, code)
    if found is None:
        raise UnknownStage("GET /customers/v1/opportunity-stages lists them", pointer="#/stage")
    return found
