"""What is said of personal data, its erasure and for what it is looked at, in the descriptions of several services."""

from typing import Final

from shared.contracts.confirmations import ErasingService
from shared.contracts.erasures import ErasedKind
from shared.purposes import Purpose
from shared.vocabulary import Choice, Vocabulary

ERASURES: Final = Vocabulary(
    choices={
        "AccessPurpose": Choice(Purpose, "For what somebody looks at what is personal."),
        "ErasedKind": Choice(ErasedKind, "Who was erased: a customer, an owner or somebody of a store, a complainant."),
        "ErasingService": Choice(ErasingService, "Who is asked to erase what it keeps of a person."),
    },
    words={
        "erasure_id": "the erasure",
        "ErasureConfirmed.removed": "what it was, and how many of it were removed",
        "ErasureConfirmed.service": "which service keeps nothing of the person any more",
        "PersonErased*.kind": "who was erased",
        "PersonErased*.person_id": "the customer, the owner, the person of a store, or the case of the complainant",
        "PersonErased*.customer_id": "who they are among the customers; null where they are none",
        "PersonErased*.merged_ids": "customers who were merged into them: the same person, erased with them",
    },
)
