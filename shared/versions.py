"""Versions of rows: what a caller has read must still stand when it is changed (decision 26).

HTTP says it with ETag and If-Match (`shared.http.preconditions`); a use case is given `expected_version`.
"""

from typing import Final

from shared.errors import PreconditionRequired, Stale

ANY_VERSION: Final = -1
"""Expected by who changes whatever stands (If-Match: *)."""


def check_version(present: int, expected: int | None) -> None:
    """Raises Stale when the row has another version than was read, PreconditionRequired when nothing was read."""
    if expected is None:
        raise PreconditionRequired("read it first and send its ETag as If-Match", pointer="header/If-Match")
    if expected not in (ANY_VERSION, present):
        raise Stale(f"it is at version {present} now; read it again and repeat")
