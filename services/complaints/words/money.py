"""How money for people is described: rewards, funds, payroll."""

from typing import Final

from services.complaints.payroll.domain.figures import Signature
from services.complaints.payroll.domain.payroll import PayrollState
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    choices={
        "PayrollState": Choice(
            PayrollState, "Whether more may be booked; whether wages may change it; whether it was handed over."
        ),
        "StatementSignature": Choice(
            Signature, "Whether a statement is signed; `outdated`: with figures that are others by now."
        ),
    },
    tags={
        "rewards": "What persons and teams are paid for excellent service: proposed, by figures too, and decided.",
        "funds": "What is paid by departments' own schemes, and what their staff agree to take out.",
        "payroll": "What is kept of wages month by month, the file for payroll, and statements that are signed.",
    },
    words={
        "Violation*.name_en": "what it is called in English",
        "Violation*.name_zh": "what it is called in Chinese",
        "RewardPolicyOut.version": "counts its versions from 1",
    },
)
