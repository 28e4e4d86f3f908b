"""What is said of contracts wherever they are told of (domain 2.2)."""

from typing import Final

NETWORK: Final = {
    "contract_id": "the contract",
    "ContractSigned*.starts_on": "the first day on which it holds",
    "ContractSigned*.ends_on": "the first day on which it holds no more; null until it is ended",
    "ContractSigned*.renews": "the contract of the same customer and brand that it follows; null: none",
    "ContractCorrected*.starts_on": "the first day on which it holds",
    "ContractCorrected*.ends_on": "the first day on which it holds no more; null until it is ended",
    "ContractEnded*.ends_on": "the first day on which it holds no more",
    "ContractEnded*.by_procedure": "whether it was ended step by step; else its term is over",
    "ContractEnded*.renewed": "whether the same customer goes on with the brand, by another contract that was signed",
    "ContractEndingStepDone*.ends_on": "the first day on which it holds no more; settled from `approve` on",
}
