"""What a fit gives, and why there may be none."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

FEWEST: Final = 30
"""Customers with a repeat purchase, unless a policy asks for more; below there is nothing to learn from.†"""


class FitOutcome(StrEnum):
    """Whether there is a fit, and why there is none."""

    CONVERGED = "converged"
    TOO_FEW = "too_few_customers"
    RUNS_AWAY = "parameters_run_away"
    NOT_CONVERGED = "not_converged"
    NO_MEAN = "no_mean_amount"
    TOO_LONG = "took_too_long"
    ENDED = "process_ended"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Parameters and log-likelihood where it has converged."""

    parameters: tuple[float, ...] | None
    log_likelihood: float | None
    steps: int
    outcome: FitOutcome

    def __post_init__(self) -> None:
        """Raises ValueError for what no fit can have given."""
        converged = self.outcome is FitOutcome.CONVERGED
        if (self.parameters is not None) != converged or (self.log_likelihood is not None) != converged:
            raise ValueError("either parameters with their likelihood, or why there are none")
        if not all(0 < each < inf for each in self.parameters or ()) or not -inf < (self.log_likelihood or 0.0) < inf:
            raise ValueError("parameters are positive numbers")


@dataclass(frozen=True, slots=True)
class BothFits:
    """What the process that fits says: of how many customers and over how many days, and both models."""

    customers: int
    repeating: int
    days: int
    buying: Estimate
    spending: Estimate
