"""Contracts from a file: signed one by one, each by the rules of the network."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.customers.archive.domain import ExternalNoTaken
from services.customers.context import Context
from services.customers.contracts import handlers as contracts
from services.customers.contracts import store
from services.customers.contracts.domain.contracts import Contract, NewContract
from services.customers.contracts.domain.refusals import ContractDatesRefused
from services.customers.heads.store import locks
from services.customers.imports.domain.jobs import Job, Made
from services.customers.imports.domain.lines import ContractLine
from services.customers.imports.domain.troubles import Fault, Trouble
from services.customers.imports.store import making
from services.customers.network import store as network
from services.customers.network.domain import NetworkConflict
from services.customers.standing import store as completeness
from shared.db import Connection


async def sign(
    context: Context, transaction: Connection, job: Job, lines: Sequence[ContractLine]
) -> tuple[int, int, list[Fault]]:
    """Signs contracts within the caller's ambient transaction: how many, how many stand already with the same content,
    and what is wrong with the others."""
    await network.hold(transaction)
    owners = await making.customers(transaction, [line.customer_no for line in lines])
    await locks.customers(transaction, list(owners.values()))
    await completeness.hold(transaction, owners.values())
    standing = await store.by_numbers(transaction, [line.external_no for line in lines])
    known = {str(each.external_no): each.as_signed() for each in standing}
    made: list[Contract] = []
    faults: list[Fault] = []
    for line in lines:
        if line.customer_no not in owners:
            faults.append(Fault(line.row, "customer_no", Trouble.UNKNOWN_CUSTOMER))
            continue
        new = _new(line, owners[line.customer_no])
        if line.external_no in known:
            if known[line.external_no] != new:
                faults.append(Fault(line.row, "external_no", Trouble.NUMBER_REUSED))
            continue
        signed = await _signed(context, new, line.row, job.created_by, faults)
        if signed is not None:
            made.append(signed)
            known[line.external_no] = new
    await making.keep(transaction, job.id, [Made(each.id, each.version, created=True) for each in made])
    return len(made), len(lines) - len(made) - len(faults), faults


async def _signed(context: Context, new: NewContract, row: int, by: UUID, faults: list[Fault]) -> Contract | None:
    try:
        return await contracts.sign(context, new, by=by, viewer=None, historical=True)
    except ContractDatesRefused:
        faults.append(Fault(row, "ends_on", Trouble.DAYS))
    except ExternalNoTaken:
        faults.append(Fault(row, "external_no", Trouble.NUMBER_REUSED))
    except NetworkConflict as refused:
        faults.append(Fault(row, "", Trouble.NETWORK_RULE, refused.slug))
    return None


def _new(line: ContractLine, customer_id: UUID) -> NewContract:
    return NewContract(
        customer_id,
        UUID(line.brand_id),
        UUID(line.region_id),
        date.fromisoformat(line.starts_on),
        date.fromisoformat(line.ends_on) if line.ends_on else None,
        line.external_no,
    )
