"""How promises that do not hold are described."""

from typing import Final

from services.complaints.confirmations.domain import ConfirmationStep
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    choices={
        "ConfirmationStep": Choice(ConfirmationStep, "What was said of a promise outside the rules, or came about."),
    },
)
