"""Reading the letter for paper; it names the customer, so that is entered where it is a person."""

from datetime import date, datetime
from uuid import UUID

from services.customers.archive import queries as archive
from services.customers.archive.handlers import UNMASKED
from services.customers.company import store as company
from services.customers.context import Context
from services.customers.contract_letters.domain import Ending, Signer, sheet_of
from services.customers.contracts import queries as contracts
from services.customers.contracts.domain.contracts import Contract
from services.customers.organisation.domain import Staff
from services.customers.organisation.store import gateway
from shared import audit
from shared.contracts.network import EndingStep
from shared.languages import Language
from shared.paper.sheet import LetterSheet


async def read_sheet(context: Context, id_: UUID, language: Language, *, by: UUID, viewer: UUID | None) -> LetterSheet:
    """The joint letter of a contract whose ending was approved. Raises ContractNotFound, ContractEnded,
    EndingStepSkipped, CustomerNotFound (for one who was given to others in this moment)."""
    read = await contracts.read(context, id_, viewer=viewer)
    contract = read.contract
    contract.check_approved()
    customer = await archive.customer(context, contract.customer_id, viewer=viewer)
    ending = Ending(
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
    if customer.profile.kind == "person":
        await audit.enter(context.database, by, UNMASKED, customer.id)
    return sheet_of(ending, await company.read(context.database), language)


def _day(context: Context, contract: Contract, step: EndingStep) -> date:
    """The company's day of a step; today of one that is not done."""
    done = contract.did(step)
    at: datetime = done.at if done is not None else context.clock.now()
    return at.astimezone(context.zone).date()


async def _signer(context: Context, contract: Contract, step: EndingStep) -> Signer:
    done = contract.did(step)
    staff = await gateway(Staff).get(context.database, done.by) if done is not None else None
    return Signer(staff.name, staff.department_id) if staff is not None else Signer()
