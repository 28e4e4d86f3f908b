"""Routes of key accounts and their scores."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.key_accounts.domain.accounts import (
    CRITERIA,
    KeyAccountScore,
    KeyAccountStands,
    KeyCriterion,
    NoKeyAccount,
    ScoreIncomplete,
)
from services.customers.key_accounts.handlers import accounts as handlers
from services.customers.key_accounts.queries import accounts as queries
from services.customers.key_accounts.queries.accounts import ListedKeyAccount, ReadKeyAccount
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Reason
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.references import CustomerNotFound, UnknownStaff

routes = router("/customers/v1", "key accounts")

Grade = Annotated[int, Field(ge=1, le=5), NO_TEXT]
ScoreNumber = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]
_BY_ACCOUNT: Order[ListedKeyAccount, UUID] = Order(lambda each: (each.account.id,), UUID)


class KeyAccountIn(BaseModel):
    """Why a customer is a key account, and who cares for it."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(description="why, 1 to 2,000 characters; kept sealed")
    assignee_id: UUID | None = Field(default=None, description="who cares for it; the caller unless said")


class KeyAccountPatch(BaseModel):
    """Who cares for it from now on."""

    model_config = ConfigDict(extra="forbid")

    assignee_id: UUID = Field(description="who cares for it")


class KeyAccountEndIn(BaseModel):
    """Why a customer is no key account any more."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(description="why, 1 to 2,000 characters; kept sealed")


class KeyAccountOut(BaseModel):
    """That a customer is, or was, a key account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="its id (UUIDv7)")
    version: int
    customer_id: UUID
    customer_name: str | None
    assignee_id: UUID = Field(description="who cares for it")
    assignee_name: str | None
    reason: str | None = Field(description="why it became one; null once the person is erased")
    named_at: datetime = Field(description="since when it is one")
    named_by: UUID = Field(description="who named it")
    updated_at: datetime = Field(description="when it was named, handed over or ended last")
    ended_at: datetime | None = Field(description="since when it is none any more; null while it is")
    ended_by: UUID | None = Field(description="who ended it; null while it is one, and where it ended with the person")
    end_reason: str | None = Field(
        description="why it is none any more; null while it is, or once the person is erased"
    )

    @classmethod
    def of(cls, account: ReadKeyAccount, context: Context) -> Self:
        return cls(**_fields(account, context))


class ListedKeyAccountOut(KeyAccountOut):
    """A key account with how it is scored."""

    score: ScoreNumber | None = Field(description="its last score, 1.00 to 5.00; null before the first")
    scored_at: datetime | None = Field(description="when that was made; null before the first")
    trend: ScoreNumber | None = Field(description="how much it is above the score before; null without one")


class KeyAccountScoreIn(BaseModel):
    """What staff say of a customer: 1 to 5 for each criterion, more is better."""

    model_config = ConfigDict(extra="forbid")

    service: Grade = Field(description="how much it asks for of what we are good at")
    price: Grade = Field(description="1: it looks at the price alone; 5: hardly at it")
    partnership: Grade = Field(description="how much it wishes for a partnership")
    volume: Grade | None = Field(
        default=None, description="how much it buys, where that is to be other than the data say"
    )
    concentration: Grade | None = Field(
        default=None, description="how concentrated it buys, where the data say nothing or something else"
    )
    reason: Reason | None = Field(
        default=None, description="why volume or concentration are said by hand, which nobody does without; kept sealed"
    )

    def said(self) -> dict[KeyCriterion, int]:
        grades = {criterion: getattr(self, criterion) for criterion in CRITERIA}
        return {criterion: grade for criterion, grade in grades.items() if grade is not None}


class KeyAccountScoreOut(BaseModel):
    """A scoring, as it was made."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="its id (UUIDv7)")
    customer_id: UUID
    criteria: dict[KeyCriterion, int] = Field(description="the grade of each criterion, 1 to 5")
    said: list[KeyCriterion] = Field(description="which of them staff said; the others are from data")
    score: ScoreNumber = Field(description="the mean of the grades by their weights, 1.00 to 5.00")
    monthly: Sum = Field(description="CNY a month as paid, net of returns, of the last six complete months")
    brand_share: ScoreNumber | None = Field(
        description="which part of these was of the largest brand, 0 to 1; null where none is known"
    )
    days: int = Field(description="on how many days of these something was bought")
    policy_version: int = Field(description="by which version of the policy")
    scored_at: datetime = Field(description="when it was made")
    scored_by: UUID = Field(description="who made it")
    reason: str | None = Field(description="why the data were overruled; null where they were not, or once erased")

    @classmethod
    def of(cls, score: KeyAccountScore, context: Context) -> Self:
        same = {name: getattr(score, name) for name in cls.model_fields if name != "reason"}
        return cls(**same, reason=_opened(score.words, score.id, context))


@routes.post("/customers/{customer_id}/key-account", status_code=201)
@raises(CustomerNotFound, Erased, KeyAccountStands, UnknownStaff)
async def name_key_account(
    customer_id: UUID, body: KeyAccountIn, context: Injected[Context], caller: Caller, response: Response
) -> KeyAccountOut:
    """Names a customer a key account."""
    named = await handlers.name(
        context,
        customer_id,
        body.reason,
        assignee_id=body.assignee_id or caller.id,
        by=caller.id,
        viewer=viewer(caller),
    )
    response.headers["Location"] = f"/customers/v1/customers/{customer_id}/key-account"
    return _answer(await queries.written(context, named.id), context, response)


@routes.get("/customers/{customer_id}/key-account")
@raises(CustomerNotFound, NoKeyAccount)
async def read_key_account(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> KeyAccountOut:
    """The key account that a customer is."""
    return _answer(await queries.read(context, customer_id, viewer=viewer(caller)), context, response)


@routes.patch("/customers/{customer_id}/key-account")
@raises(CustomerNotFound, Erased, NoKeyAccount, UnknownStaff)
async def change_key_account(
    customer_id: UUID,
    body: KeyAccountPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> KeyAccountOut:
    """Gives a key account into somebody's care."""
    changed = await handlers.hand_over(
        context, customer_id, body.assignee_id, expected_version, by=caller.id, viewer=viewer(caller)
    )
    return _answer(await queries.written(context, changed.id), context, response)


@routes.post("/customers/{customer_id}/key-account/end")
@raises(CustomerNotFound, Erased, NoKeyAccount)
async def end_key_account(
    customer_id: UUID, body: KeyAccountEndIn, context: Injected[Context], caller: Caller, response: Response
) -> KeyAccountOut:
    """Says that a customer is no key account any more; what was kept of it stays."""
    ended = await handlers.end(context, customer_id, body.reason, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.written(context, ended.id), context, response)


@routes.get("/key-accounts")
async def list_key_accounts(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    ended: Annotated[bool, Query(description="those that are none any more, instead of those that are")] = False,
    assignee_id: Annotated[UUID | None, Query(description="only those in this colleague's care")] = None,
    customer_id: Annotated[UUID | None, Query(description="only those of this customer")] = None,
) -> Page[ListedKeyAccountOut]:
    """Key accounts among the customers whom the caller sees, the latest first, each with its score and trend."""
    filters = {"ended": ended, "assignee_id": assignee_id, "customer_id": customer_id}
    read = partial(queries.page, context, ended, assignee_id, customer_id, viewer=viewer(caller))
    return await paging.page(_BY_ACCOUNT, filters, read, lambda each: _listed(each, context))


@routes.post("/customers/{customer_id}/key-account/scores", status_code=201)
@raises(CustomerNotFound, Erased, ScoreIncomplete)
async def score_key_account(
    customer_id: UUID, body: KeyAccountScoreIn, context: Injected[Context], caller: Caller
) -> KeyAccountScoreOut:
    """Scores a customer, key account or not: volume and concentration from data, the rest as staff say."""
    made = await handlers.score(context, customer_id, body.said(), body.reason, by=caller.id, viewer=viewer(caller))
    return KeyAccountScoreOut.of(made, context)


@routes.get("/customers/{customer_id}/key-account/scores")
@raises(CustomerNotFound)
async def list_key_account_scores(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[KeyAccountScoreOut]:
    """Every scoring of a customer, the latest first: the score over time."""
    read = partial(queries.scores, context, customer_id, viewer=viewer(caller))
    return await paging.page(
        BY_ID, {"customer_id": customer_id}, read, lambda score: KeyAccountScoreOut.of(score, context)
    )


def _opened(words: bytes | None, id_: UUID, context: Context) -> str | None:
    return None if words is None else context.words.open(words, id_.bytes).decode()


def _fields(account: ReadKeyAccount, context: Context) -> dict[str, Any]:
    said = {"reason": account.words, "end_reason": account.end_words}
    same = {name: getattr(account, name) for name in KeyAccountOut.model_fields if name not in said}
    same["updated_at"] = account.updated_at or account.named_at
    return same | {name: _opened(words, account.id, context) for name, words in said.items()}


def _listed(each: ListedKeyAccount, context: Context) -> ListedKeyAccountOut:
    same = _fields(each.account, context)
    return ListedKeyAccountOut(**same, score=each.score, scored_at=each.scored_at, trend=each.trend)


def _answer(account: ReadKeyAccount, context: Context, response: Response) -> KeyAccountOut:
    set_etag(response, account.version)
    return KeyAccountOut.of(account, context)
