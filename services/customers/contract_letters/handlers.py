"""The letter is written once, when it is sent: who reads it afterwards reads the same bytes, whatever has changed.

Before that it is a draft. It names the customer, so whoever reads it is entered where it is a person.
"""

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
from services.customers.contract_letters.domain import Ending, Signer, sheet_of
from services.customers.contracts import handlers as ending
from services.customers.contracts import queries as contracts
from services.customers.contracts.domain.contracts import Contract, Done
from services.customers.contracts.queries import ReadContract
from services.customers.organisation.domain import Staff
from services.customers.organisation.store import gateway
from shared import audit
from shared.contracts.network import EndingStep
from shared.languages import Language
from shared.paper.sheet import LetterSheet
from shared.paper.typesetting import typeset

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""It is kept in each of them."""


async def read_letter(context: Context, id_: UUID, language: Language, *, by: UUID, viewer: UUID | None) -> bytes:
    """The joint letter of a contract whose ending was approved: as it went out, or as it would go out now.

    Raises ContractNotFound, ContractEnded, EndingStepSkipped, LetterErased, NotTypeset, CustomerNotFound (for one who
    was given to others in this moment).
    """
    read = await contracts.read(context, id_, viewer=viewer)
    read.contract.check_approved()
    customer = await archive.customer(context, read.contract.customer_id, viewer=viewer)
    document = await store.kept(context.database, context.words, id_, language)
    if document is None:
        document = await typeset([await _sheet(context, read, customer, language)])
    if customer.profile.kind == "person":
        await audit.enter(context.database, by, UNMASKED, customer.id)
    return document


async def end_step(
    context: Context,
    id_: UUID,
    step: EndingStep,
    *,
    ends_on: date | None,
    text: str | None,
    by: UUID,
    viewer: UUID | None,
) -> Contract:
    """Does a step of the ending; that of the letter writes it and keeps it as it goes out, with the step or not at all.

    It is set before the transaction begins: where contract or customer changed meanwhile, it is set again.
    Raises what `contracts.end_step` raises, CustomerNotFound, NotTypeset.
    """
    if step != "letter":
        return await ending.end_step(context, id_, step, ends_on=ends_on, text=text, by=by, viewer=viewer)
    while True:
        read = await contracts.read(context, id_, viewer=viewer)
        contract = read.contract
        contract.check_step(step, by)
        customer = await archive.customer(context, contract.customer_id, viewer=viewer)
        sent = replace(read, contract=contract.with_done(Done(step, by, context.clock.now())))
        documents = {each: await typeset([await _sheet(context, sent, customer, each)]) for each in LANGUAGES}
        async with context.database.transaction() as transaction:
            if await customers.locked(transaction, customer.id, context.personal, viewer=None) != customer:
                continue
            if await ending.hold(transaction, id_, viewer) != contract:
                continue
            after = await ending.do_step(
                context, transaction, id_, step, ends_on=ends_on, text=text, by=by, viewer=viewer
            )
            await store.keep(transaction, context.words, id_, documents)
        return after


async def _sheet(context: Context, read: ReadContract, customer: Customer, language: Language) -> LetterSheet:
    contract = read.contract
    about = Ending(
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
    return sheet_of(about, await company.read(context.database), language)


def _day(context: Context, contract: Contract, step: EndingStep) -> date:
    """The company's day of a step; today of one that is not done."""
    done = contract.did(step)
    at: datetime = done.at if done is not None else context.clock.now()
    return at.astimezone(context.zone).date()


async def _signer(context: Context, contract: Contract, step: EndingStep) -> Signer:
    done = contract.did(step)
    staff = await gateway(Staff).get(context.database, done.by) if done is not None else None
    return Signer(staff.name, staff.department_id) if staff is not None else Signer()
