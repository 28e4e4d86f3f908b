"""How promises that do not hold and internal cases are described."""

from typing import Final

from services.complaints.confirmations.domain import ConfirmationStep
from services.complaints.internal_cases.domain import Accused, FoundIn, InternalType
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    choices={
        "ConfirmationStep": Choice(ConfirmationStep, "What was said of a promise outside the rules, or came about."),
        "InternalType": Choice(
            InternalType,
            "What an internal case is about: another department's process, a customer badly served or ignored, a "
            "promise that did not hold, anything else.",
        ),
        "Accused": Choice(Accused, "Against what an internal case is said to be."),
        "FoundIn": Choice(FoundIn, "Where an internal case was found."),
    },
)
