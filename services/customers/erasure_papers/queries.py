"""Reading a certificate for paper."""

from uuid import UUID

from services.customers.company import store as company
from services.customers.context import Context
from services.customers.erasure_papers.domain import CertificateNotGenuine, ErasureRunning, NobodyErased, sheet_of
from services.customers.erasures import queries as erasures
from shared.languages import Language
from shared.paper.sheet import LetterSheet


async def read_certificate(context: Context, id_: UUID, language: Language) -> LetterSheet:
    """The certificate of an erasure as it is set. Raises ErasureNotFound, ErasureRunning, NobodyErased,
    CertificateNotGenuine."""
    erasure = (await erasures.read(context, id_)).erasure
    if erasure.state == "nobody":
        raise NobodyErased("complaints has found no complainant under this case")
    if erasure.certificate is None:
        raise ErasureRunning("it is written when every service has confirmed that nothing is left")
    if not erasures.is_genuine(context, erasure.certificate):
        raise CertificateNotGenuine("what is kept was changed after it was signed; no paper is made of it")
    return sheet_of(erasure.certificate, await company.read(context.database), context.zone, language)
