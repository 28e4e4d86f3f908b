"""The letter is written once, when it is sent: who reads it afterwards reads the same bytes, whatever has changed.

Before that it is a draft. It names the customer, so whoever reads it is entered where it is a person.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Final, get_args
from uuid import UUID

from services.customers.archive import queries as archive
from services.customers.archive.domain import Customer
from services.customers.archive.handlers import UNMASKED
from services.customers.archive.store import customers
from services.customers.company import store as company
from services.customers.context import Context
from services.customers.contract_letters import store
from services.customers.contract_letters.domain import Ending, LetterUnprintable, Signer, sheet_of, written
from services.customers.contracts import handlers as ending
from services.customers.contracts import queries as contracts
from services.customers.contracts.domain.contracts import Contract, Done, StepAsked
from services.customers.contracts.queries import ReadContract
from services.customers.organisation.domain import Staff
from services.customers.organisation.store import gateway
from shared import audit
from shared.contracts.network import EndingStep
from shared.db import Connection
from shared.errors import Busy
from shared.idempotency import IdempotencyKey, claim_for, stored_resource
from shared.languages import Language
from shared.letter_fonts import unprintable
from shared.paper.typesetting import typeset

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""It is kept in each of them."""
TIMES: Final = 3
"""As often it is set again where contract or customer have changed meanwhile."""


class _Changed(Exception):
    """The contract or the customer is other than the letter says."""


class _SameRequest(Exception):
    """The Idempotency-Key came before."""


async def read_letter(context: Context, id_: UUID, language: Language, *, by: UUID, viewer: UUID | None) -> bytes:
    """The joint letter of a contract whose ending was approved: as it went out, or as it would go out now.

    Raises ContractNotFound, ContractEnded, EndingStepSkipped, LetterErased, Erased, LetterUnprintable, NotTypeset,
    CustomerNotFound (for one who was given to others in this moment).
    """
    read = await contracts.read(context, id_, viewer=viewer)
    read.contract.check_approved()
    customer = await archive.customer(context, read.contract.customer_id, viewer=viewer)
    document = await store.kept(context.database, context.words, id_, language)
    if document is None:
        document = await _set(context, read, customer, language)
    if customer.profile.kind == "person":
        await audit.enter(context.database, by, UNMASKED, customer.id)
    return document


async def end_step(context: Context, id_: UUID, asked: StepAsked, key: IdempotencyKey | None = None) -> Contract | None:
    """Does a step of the ending; that of the letter writes it and keeps it as it goes out, with the step or not at all.

    It is set before any transaction begins, so the key is settled here; None where the same request came before.
    Raises what `contracts.do_step` raises, CustomerNotFound, LetterUnprintable, NotTypeset, KeyReused, KeyInProgress,
    and Busy where contract or customer change faster than it is set.
    """
    try:
        if asked.step == "letter":
            return await _send(context, id_, asked, key)
        async with context.database.transaction() as transaction:
            await _claim(transaction, key, id_)
            return await ending.do_step(context, transaction, id_, asked)
    except _SameRequest:
        return None


async def _send(context: Context, id_: UUID, asked: StepAsked, key: IdempotencyKey | None) -> Contract:
    for _ in range(TIMES):
        with suppress(_Changed):
            return await _sent(context, id_, asked, key)
    raise Busy("contract or customer change all the time; try again")


async def _sent(context: Context, id_: UUID, asked: StepAsked, key: IdempotencyKey | None) -> Contract:
    """The contract whose letter went out. Raises _Changed where it or the customer is other than it was set for."""
    read = await contracts.read(context, id_, viewer=asked.viewer)
    contract = read.contract
    if key is not None and contract.did("letter") is not None and await _came_before(context, key):
        raise _SameRequest
    contract.check_step("letter", asked.by, alone=asked.alone)
    customer = await archive.customer(context, contract.customer_id, viewer=asked.viewer)
    sent = replace(read, contract=contract.with_done(Done("letter", asked.by, context.clock.now())))
    documents = {each: await _set(context, sent, customer, each) for each in LANGUAGES}
    async with context.database.transaction() as transaction:
        await _claim(transaction, key, id_)
        if await customers.locked(transaction, customer.id, context.personal, viewer=None) != customer:
            raise _Changed
        if await ending.hold(transaction, id_, asked.viewer) != contract:
            raise _Changed
        after = await ending.do_step(context, transaction, id_, asked)
        await store.keep(transaction, context.words, id_, documents)
    return after


async def _claim(transaction: Connection, key: IdempotencyKey | None, id_: UUID) -> None:
    if key is not None and not await claim_for(transaction, key, id_):
        await stored_resource(transaction, key)
        raise _SameRequest


async def _came_before(context: Context, key: IdempotencyKey) -> bool:
    async with context.database.connection() as reader:
        return await stored_resource(reader, key) is not None


async def _set(context: Context, read: ReadContract, customer: Customer, language: Language) -> bytes:
    """The letter as PDF. Raises Erased, LetterUnprintable, NotTypeset."""
    customer.check_stands()
    about = await _about(context, read, customer)
    profile = await company.read(context.database)
    places = [place for place, text in written(about, profile, language).items() if await unprintable(text)]
    if places:
        raise LetterUnprintable("write these with other characters: " + ", ".join(places), places)
    return await typeset([sheet_of(about, profile, language)])


async def _about(context: Context, read: ReadContract, customer: Customer) -> Ending:
    contract = read.contract
    return Ending(
        number=contract.external_no or str(contract.id),
        external_no=contract.external_no,
        customer=customer.profile.name,
        brand=read.brand_name,
        region=read.region_name,
        starts_on=contract.starts_on,
        confirmed_on=_day(context, contract, "confirm"),
        approved_on=_day(context, contract, "approve"),
        ends_on=contract.ends_on or context.today(),
        written_on=_day(context, contract, "letter"),
        brand_department=await _signer(context, contract, "confirm"),
        administration=await _signer(context, contract, "letter"),
    )


def _day(context: Context, contract: Contract, step: EndingStep) -> date:
    """The company's day of a step; today of one that is not done."""
    done = contract.did(step)
    at: datetime = done.at if done is not None else context.clock.now()
    return at.astimezone(context.zone).date()


async def _signer(context: Context, contract: Contract, step: EndingStep) -> Signer:
    done = contract.did(step)
    staff = await gateway(Staff).get(context.database, done.by) if done is not None else None
    return Signer(staff.name, staff.department_id) if staff is not None else Signer()
