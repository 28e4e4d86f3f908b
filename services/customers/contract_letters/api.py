"""The route of the joint letter on paper."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from services.customers.context import Context
from services.customers.contract_letters import handlers
from services.customers.contracts.domain.refusals import ContractEnded, ContractNotFound, EndingStepSkipped
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, answers, document
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import typeset
from shared.references import CustomerNotFound

routes = router("/customers/v1", "contracts")


@routes.get("/contracts/{contract_id}/letter.pdf", response_class=Response, responses=answers(PDF))
@raises(ContractEnded, ContractNotFound, CustomerNotFound, EndingStepSkipped, NotTypeset)
async def read_contract_letter(
    contract_id: Annotated[UUID, Path(description="the contract's id")],
    context: Injected[Context],
    caller: Caller,
    language: Annotated[Language, Query(description="the language of the letter")] = "zh-CN",
) -> Response:
    """The joint letter of the brand's department and administration as PDF for paper, once the ending is approved: for
    the signature before it goes out, and as it went out afterwards."""
    sheet = await handlers.read_sheet(context, contract_id, language, by=caller.id, viewer=viewer(caller))
    return document(await typeset([sheet]), PDF, f"contract-{contract_id}.pdf")
