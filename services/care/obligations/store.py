"""The matrix in the database."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.care.obligations.domain import Every, Interval, MatrixVersion, OnDemand, PerMonth
from shared.db import Connection

_LOCK = "LOCK TABLE obligation_matrix IN SHARE ROW EXCLUSIVE MODE"
_ADD = "INSERT INTO obligation_matrix (version, obligations, set_at, set_by) VALUES ($1, $2, $3, $4)"


async def lock(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await transaction.execute(_LOCK)


async def add(transaction: Connection, version: MatrixVersion) -> None:
    rows = [
        {"tier": tier, "role": role, "contact": contact, "interval": as_json(interval)}
        for (tier, role, contact), interval in version.matrix.items()
    ]
    await transaction.execute(_ADD, version.version, rows, version.set_at, version.set_by)


def as_json(interval: Interval) -> dict[str, Any]:
    """An interval as it is stored with the matrix and with each task."""
    match interval:
        case PerMonth(times):
            return {"kind": "per_month", "times": times}
        case Every(welcome, within):
            return {"kind": "every", "welcome": f"{welcome.normalize():f}", "within": f"{within.normalize():f}"}
        case OnDemand(how):
            return {"kind": how}


def from_json(stored: Mapping[str, Any]) -> Interval:
    match stored["kind"]:
        case "per_month":
            return PerMonth(stored["times"])
        case "every":
            return Every(Decimal(stored["welcome"]), Decimal(stored["within"]))
        case how:
            return OnDemand(how)
