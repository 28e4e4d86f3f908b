"""Setting the company profile; it is announced."""

from dataclasses import replace
from uuid import UUID

from services.customers.company import events, store
from services.customers.company.domain import COMPANY, Profile
from services.customers.context import Context
from services.customers.organisation.domain import Department, UnknownDepartment
from services.customers.organisation.store import gateway
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.versions import check_version


async def put(context: Context, asked: Profile, expected_version: int | None, *, by: UUID) -> Profile:
    """Sets the profile; the first needs no version that was read. The same again changes nothing.

    Raises LanguageMissing, UnknownDepartment, PreconditionRequired, Stale.
    """
    asked.check_spoken()
    async with context.database.transaction() as transaction:
        before = await store.lock(transaction)
        if before is not None:
            check_version(before.version, expected_version)
            if replace(asked, version=before.version) == before:
                return before
        await _check_departments(transaction, asked)
        profile = replace(asked, version=before.version + 1 if before is not None else 1)
        await store.keep(transaction, profile)
        await audit.enter(transaction, by, "company_profile.set", COMPANY)
        await outbox.append(transaction, [events.listed(profile, context.clock.now())])
    return profile


async def _check_departments(transaction: Connection, profile: Profile) -> None:
    for place, each in enumerate(profile.signatories):
        id_ = each.department_id
        if id_ is not None and await gateway(Department).get(transaction, id_) is None:
            raise UnknownDepartment("no department has this id", pointer=f"#/signatories/{place}/department_id")
