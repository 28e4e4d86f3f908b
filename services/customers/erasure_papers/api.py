"""The route of a certificate on paper."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from services.customers.context import Context
from services.customers.erasure_papers import queries
from services.customers.erasure_papers.domain import CertificateNotGenuine, ErasureRunning, NobodyErased
from services.customers.erasures.api import ErasureId
from services.customers.erasures.domain import ErasureNotFound
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, answers, document
from shared.http.routing import router
from shared.languages import Language
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import typeset

routes = router("/customers/v1", "erasures")


@routes.get("/erasures/{erasure_id}/certificate.pdf", response_class=Response, responses=answers(PDF))
@raises(CertificateNotGenuine, ErasureNotFound, ErasureRunning, NobodyErased, NotTypeset)
async def read_erasure_certificate(
    erasure_id: ErasureId,
    context: Injected[Context],
    language: Annotated[Language, Query(description="the language of the certificate")] = "zh-CN",
) -> Response:
    """The certificate of an erasure as PDF for paper: what was removed where and when, and what stays.

    Refused where what is kept is not what was signed (`genuine` is false in what GET answers).
    """
    sheet = await queries.read_certificate(context, erasure_id, language)
    return document(await typeset([sheet]), PDF, f"erasure-{erasure_id}.pdf")
