"""How money for people is described: rewards, funds, payroll."""

from typing import Final

from shared.vocabulary import Vocabulary

VOCABULARY: Final = Vocabulary(
    tags={
        "rewards": "What persons and teams are paid for excellent service: proposed, by figures too, and decided.",
    },
    words={
        "RewardPolicyOut.version": "counts its versions from 1",
    },
)
