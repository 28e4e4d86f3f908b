"""Routes of the ending of contracts, and of its joint letter on paper."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.contract_letters.domain import LetterErased, LetterUnprintable
from services.customers.contract_letters.handlers import end_step, read_letter
from services.customers.contracts import handlers, queries
from services.customers.contracts.api.contracts import ContractId, ContractOut, answer
from services.customers.contracts.domain.contracts import StepAsked, check_doer
from services.customers.contracts.domain.refusals import (
    ContractDatesRefused,
    ContractEnded,
    ContractNotFound,
    EndingStepDone,
    EndingStepSkipped,
    NotEnding,
    OwnConfirmation,
)
from services.customers.heads.domain import Erased
from shared.auth.visibility import viewer
from shared.contracts.network import EndingStep
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, answers, document
from shared.http.fields import Day, Reason
from shared.http.routing import Caller, OwnIdempotencyKey, router, settles_idempotency_itself
from shared.languages import Language
from shared.paper.sheet import NotTypeset
from shared.references import CustomerNotFound

routes = router("/customers/v1", "contracts")


class EndingStepIn(BaseModel):
    """What belongs to a step of the ending."""

    model_config = ConfigDict(extra="forbid")

    ends_on: Annotated[
        Day | None,
        Field(
            description="of `confirm`: the first day on which the contract holds no more, also one that has "
            "passed; today unless said"
        ),
    ] = None
    text: Annotated[Reason | None, Field(description="what was said or agreed; kept sealed")] = None


@routes.post("/contracts/{contract_id}/ending/{step}")
@raises(
    ContractDatesRefused,
    ContractEnded,
    ContractNotFound,
    CustomerNotFound,
    EndingStepDone,
    EndingStepSkipped,
    Erased,
    LetterUnprintable,
    NotTypeset,
    OwnConfirmation,
)
@settles_idempotency_itself
async def end_contract(
    contract_id: ContractId,
    step: Annotated[EndingStep, Path(description="which step; none is skipped")],
    body: EndingStepIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    key: OwnIdempotencyKey,
) -> ContractOut:
    """A step of the ending: the brand's department confirms that the customer gives up the right of their own will, the
    company approves (somebody else), administration and the department send their joint letter, aftercare begins."""
    check_doer(step, caller)
    asked = StepAsked(step, body.ends_on, body.text, caller.id, viewer(caller), caller.is_admin)
    contract = await end_step(context, contract_id, asked, key)
    if contract is None:
        response.headers["Idempotency-Replayed"] = "true"
        contract = (await queries.read(context, contract_id, viewer=asked.viewer)).contract
    return await answer(context, response, contract)


@routes.delete("/contracts/{contract_id}/ending")
@raises(ContractEnded, ContractNotFound, NotEnding)
async def keep_contract(
    contract_id: ContractId, context: Injected[Context], caller: Caller, response: Response
) -> ContractOut:
    """Calls an ending off before it is approved: the contract goes on."""
    kept = await handlers.keep_on(context, contract_id, by=caller.id, viewer=viewer(caller))
    return await answer(context, response, kept)


@routes.get("/contracts/{contract_id}/letter.pdf", response_class=Response, responses=answers(PDF))
@raises(
    ContractEnded,
    ContractNotFound,
    CustomerNotFound,
    EndingStepSkipped,
    Erased,
    LetterErased,
    LetterUnprintable,
    NotTypeset,
)
async def read_contract_letter(
    contract_id: ContractId,
    context: Injected[Context],
    caller: Caller,
    language: Annotated[Language, Query(description="the language of the letter")] = "zh-CN",
) -> Response:
    """The joint letter of the brand's department and administration as PDF for paper, once the ending is approved: for
    the signature before it goes out, and as it went out afterwards, whatever has changed since."""
    letter = await read_letter(context, contract_id, language, by=caller.id, viewer=viewer(caller))
    return document(letter, PDF, f"contract-{contract_id}.pdf")
