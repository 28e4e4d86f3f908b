"""Routes of departments' funds."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.funds import queries
from services.complaints.funds.domain import (
    AgreedBefore,
    FundExceeded,
    FundNotFound,
    FundWithdrawalEnded,
    FundWithdrawalNotFound,
    FundWithdrawalNotGranted,
    NotOfDepartment,
    WithdrawalState,
)
from services.complaints.funds.handlers import withdrawing
from services.complaints.funds.queries import ListedFund, ReadWithdrawal
from services.complaints.ledger.api import BookingBasisOut
from services.complaints.ledger.domain import Booking
from shared.contracts.responsibility import BookingKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney, Sum
from shared.months import Month

routes = router("/complaints/v1", "funds")

DepartmentId = Annotated[UUID, Path(description="the department whose fund it is")]
WithdrawalId = Annotated[UUID, Path(description="what was asked for")]


class FundOut(BaseModel):
    """A department's fund as it stands, CNY."""

    department_id: UUID = Field(description="the department whose fund it is")
    balance: Sum = Field(description="what was paid by the department's own scheme, less what was taken out")
    asked: Sum = Field(description="how much of it is asked for and not settled yet")
    available: Sum = Field(description="what can still be asked for")
    staff: int = Field(description="how many are at work in the department")


class ListedFundOut(FundOut):
    """A fund in the list."""

    name: str = Field(description="what the department is called")

    @classmethod
    def of(cls, listed: ListedFund) -> "ListedFundOut":
        fund = listed.fund
        return cls(
            department_id=fund.department_id,
            balance=fund.balance,
            asked=fund.asked,
            available=fund.available,
            staff=listed.staff,
            name=listed.name,
        )


class FundMovementOut(BaseModel):
    """What came into a fund or left it; who paid is said by the list of bookings, to whom that is shown."""

    id: UUID = Field(description="the id of the booking (UUIDv7)")
    kind: BookingKind = Field(description="for what it is")
    amount: Money = Field(description="CNY: positive, what came in; negative, what left")
    month: Month = Field(description="the month in which it counts, YYYY-MM")
    booked_at: datetime = Field(description="when it was booked")
    basis: BookingBasisOut = Field(description="what it rests on")

    @classmethod
    def of(cls, booking: Booking) -> "FundMovementOut":
        return cls(
            id=booking.id,
            kind=booking.kind,
            amount=booking.amount,
            month=Month.at(booking.month),
            booked_at=booking.booked_at,
            basis=BookingBasisOut(type=booking.basis_type, id=booking.basis_id),
        )


class FundWithdrawalIn(BaseModel):
    """How much is wanted, and for what."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[SomeMoney, Field(description="how much is to be taken out, CNY")]
    purpose: Annotated[Reason, Field(description="for what, 1 to 2,000 characters; kept sealed")]


class FundAgreementIn(BaseModel):
    """Whether the caller agrees."""

    model_config = ConfigDict(extra="forbid")

    agree: Annotated[YesOrNo, Field(description="whether the caller agrees; said once")]


class FundWithdrawalReversalIn(BaseModel):
    """Why the money is back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why it was not taken out after all; kept sealed")]


class FundVoteOut(BaseModel):
    """What somebody said about a withdrawal."""

    model_config = ConfigDict(from_attributes=True)

    staff_id: UUID = Field(description="who said it")
    agree: bool = Field(description="whether they agreed")
    at: datetime = Field(description="when they said it")


class FundWithdrawalOut(BaseModel):
    """Money that somebody wants to take out of a fund, and who agreed."""

    id: UUID = Field(description="the id of the withdrawal (UUIDv7)")
    department_id: UUID = Field(description="the department whose fund it is")
    amount: Money = Field(description="CNY")
    purpose: str = Field(description="for what it is")
    state: WithdrawalState = Field(description="how it stands")
    asked_by: UUID = Field(description="who asked for it")
    asked_at: datetime = Field(description="when it was asked for")
    share: Money = Field(description="it is granted when more than this share of the staff agree, 0.00 to 0.99")
    staff: int = Field(description="how many are at work in the department now")
    agreed: int = Field(description="how many of them have agreed")
    disagreed: int = Field(description="how many of them have not")
    votes: list[FundVoteOut] = Field(description="who said what, in order; who has left since is not counted")
    ended_at: datetime | None = Field(description="when it was settled; null while it is asked for")
    ended_by: UUID | None = Field(description="whose word settled it; null before, and where somebody left")
    reason: str | None = Field(description="why the money was put back; null for most")

    @classmethod
    def of(cls, read: ReadWithdrawal) -> "FundWithdrawalOut":
        own = asdict(read.withdrawal)
        own.pop("version")
        return cls(
            **own,
            purpose=read.purpose,
            reason=read.reason,
            staff=read.count.staff,
            agreed=read.count.agree,
            disagreed=read.count.disagree,
            votes=[FundVoteOut.model_validate(each) for each in read.votes],
        )


@routes.get("/funds")
async def list_funds(context: Injected[Context], caller: Caller) -> Page[ListedFundOut]:
    """The funds of departments that the caller may see, on one page."""
    return Page(items=[ListedFundOut.of(each) for each in await queries.list_funds(context, caller)])


@routes.get("/funds/{department_id}")
@raises(FundNotFound)
async def read_fund(department_id: DepartmentId, context: Injected[Context], caller: Caller) -> FundOut:
    """A department's fund: for its staff, its manager, managers of customer service and administration."""
    await queries.require_seen(context, department_id, caller)
    fund, staff = await queries.read_fund(context, department_id)
    return FundOut(
        department_id=department_id, balance=fund.balance, asked=fund.asked, available=fund.available, staff=staff
    )


@routes.get("/funds/{department_id}/movements")
@raises(FundNotFound)
async def list_fund_movements(
    department_id: DepartmentId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[FundMovementOut]:
    """What came into a fund and left it, the latest first, without who paid."""
    await queries.require_seen(context, department_id, caller)
    read = partial(queries.list_movements, context, department_id)
    return await paging.page(BY_ID, {"department_id": department_id}, read, FundMovementOut.of)


@routes.get("/funds/{department_id}/withdrawals")
@raises(FundNotFound)
async def list_fund_withdrawals(
    department_id: DepartmentId,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    state: Annotated[WithdrawalState | None, Query(description="only what stands so")] = None,
) -> Page[FundWithdrawalOut]:
    """What was asked for of a fund, the latest first, and who agreed."""
    await queries.require_seen(context, department_id, caller)
    read = partial(queries.list_withdrawals, context, department_id, state)
    filters = {"department_id": department_id, "state": state}
    return await paging.page(BY_ID, filters, read, FundWithdrawalOut.of)


@routes.get("/funds/{department_id}/withdrawals/{withdrawal_id}")
@raises(FundNotFound, FundWithdrawalNotFound)
async def read_fund_withdrawal(
    department_id: DepartmentId, withdrawal_id: WithdrawalId, context: Injected[Context], caller: Caller
) -> FundWithdrawalOut:
    """What was asked for of a fund, and who agreed."""
    await queries.require_seen(context, department_id, caller)
    return await _read(context, department_id, withdrawal_id)


@routes.post("/funds/{department_id}/withdrawals", status_code=201)
@raises(FundExceeded, FundNotFound, NotOfDepartment)
async def ask_of_fund(
    department_id: DepartmentId,
    body: FundWithdrawalIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
) -> FundWithdrawalOut:
    """Asks for money of the fund: somebody of the department, or its manager. It is set aside until the staff have said
    whether they agree; whoever asks says so like everybody else."""
    asked = await withdrawing.ask(context, department_id, body.amount, body.purpose, caller)
    response.headers["Location"] = f"/complaints/v1/funds/{department_id}/withdrawals/{asked.id}"
    return FundWithdrawalOut.of(await queries.as_asked(context, asked, body.purpose))


@routes.post("/funds/{department_id}/withdrawals/{withdrawal_id}/agreement")
@raises(AgreedBefore, FundExceeded, FundWithdrawalEnded, FundWithdrawalNotFound, NotOfDepartment)
async def agree_to_withdrawal(
    department_id: DepartmentId,
    withdrawal_id: WithdrawalId,
    body: FundAgreementIn,
    context: Injected[Context],
    caller: Caller,
) -> FundWithdrawalOut:
    """Says whether the caller agrees, once, of those who are at work in the department. The money is taken out as soon
    as more than the policy's share of them agree; it is refused as soon as so many cannot any longer."""
    await withdrawing.agree(context, department_id, withdrawal_id, agree=body.agree, caller=caller)
    return await _read(context, department_id, withdrawal_id)


@routes.post("/funds/{department_id}/withdrawals/{withdrawal_id}/cancellation")
@raises(FundWithdrawalEnded, FundWithdrawalNotFound)
async def cancel_withdrawal(
    department_id: DepartmentId, withdrawal_id: WithdrawalId, context: Injected[Context], caller: Caller
) -> FundWithdrawalOut:
    """Takes back what was asked for while it is not settled, by who asked or by administration."""
    await withdrawing.cancel(context, department_id, withdrawal_id, caller)
    return await _read(context, department_id, withdrawal_id)


@routes.post("/funds/{department_id}/withdrawals/{withdrawal_id}/reversal")
@raises(FundWithdrawalNotFound, FundWithdrawalNotGranted)
async def put_back_withdrawal(
    department_id: DepartmentId,
    withdrawal_id: WithdrawalId,
    body: FundWithdrawalReversalIn,
    context: Injected[Context],
    caller: Caller,
) -> FundWithdrawalOut:
    """Books back what was not taken out after all, in the month that is open now; it is entered in the audit."""
    await withdrawing.put_back(context, department_id, withdrawal_id, body.reason, caller)
    return await _read(context, department_id, withdrawal_id)


async def _read(context: Context, department_id: UUID, id_: UUID) -> FundWithdrawalOut:
    return FundWithdrawalOut.of(await queries.read_withdrawal(context, department_id, id_))
