"""What is refused of contracts and of their ending."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from shared.contracts.network import EndingStep
from shared.errors import Conflict, Forbidden, Invalid, NotFound


class ContractNotFound(NotFound):
    slug = "no-such-contract"
    title = "There is no such contract"


class ContractDatesRefused(Invalid):
    slug = "contract-dates-refused"
    title = "These dates cannot be"


class ContractEnded(Conflict):
    slug = "contract-ended"
    title = "The contract has ended or was withdrawn"


class EndingStepDone(Conflict):
    slug = "ending-step-done"
    title = "This step of the ending is done"


class EndingStepSkipped(Conflict):
    slug = "ending-step-skipped"
    title = "A step of the ending comes first"
    members: ClassVar[Mapping[str, str]] = {"missing": "the steps that come first"}

    def __init__(self, detail: str, missing: Sequence[EndingStep]) -> None:
        super().__init__(detail)
        self.missing = list(missing)


class OwnConfirmation(Forbidden):
    slug = "own-confirmation"
    title = "Who confirmed the ending does not approve it"


class NotEnding(Conflict):
    slug = "not-ending"
    title = "The contract is not being ended, or its ending was approved"


class EndingUnderWay(Conflict):
    slug = "ending-under-way"
    title = "The contract is being ended"


class EndingByProcedure(Conflict):
    slug = "ending-by-procedure"
    title = "A contract is ended by the procedure, not by a correction"


class CorrectionUnexplained(Invalid):
    slug = "correction-unexplained"
    title = "A correction of what a contract says has a reason"


class NetworkPolicyRefused(Invalid):
    slug = "network-policy-refused"
    title = "The rules cannot begin then"
