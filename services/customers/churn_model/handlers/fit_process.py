"""The process that fits: `python -m services.customers.churn_model.handlers.fit_process 30` (decision 33), where at
least so many customers came back.

Standard input: a line for each customer, as COPY writes it: repeat purchases, days from the first to the last of them,
days from the first until now, and the mean amount of a repeat purchase (0 without one). Standard output: a line of
JSON, what came of it. It knows no secret, and ends where it takes too much memory or time.
"""

import json
import resource
import sys
from dataclasses import asdict
from typing import IO

import numpy as np

from services.customers.churn_model.domain import estimation
from services.customers.churn_model.domain.fits import BothFits

MOST_MEMORY = 2 << 30
"""Bytes of address space; a million customers take a tenth of it."""
MOST_SECONDS = 300
"""Of the processor."""
COLUMNS = 4


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.stdout.write(json.dumps(asdict(fitted(sys.stdin.buffer, int(sys.argv[1]))), allow_nan=False) + "\n")


def fitted(source: IO[bytes], fewest: int) -> BothFits:
    """Both models of the customers that come in. Raises ValueError for anything that is no such line."""
    lines = (line for line in source if line.strip())
    customers = np.fromiter((each.split(b"\t") for each in lines), dtype=np.dtype((np.float64, COLUMNS)))
    frequency, recency, age, mean = customers.T
    return BothFits(
        len(customers),
        int(np.count_nonzero(frequency)),
        int(age.max(initial=0)),
        estimation.buying(frequency, recency, age, fewest),
        estimation.spending(frequency, mean, fewest),
    )


if __name__ == "__main__":
    main()
