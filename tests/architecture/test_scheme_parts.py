"""Every policy with versions is a part of the scheme: a table that was forgotten would be told to nobody (domain 1)."""

import importlib
import re
from typing import Final

import pytest
from sqlalchemy import Table

from shared.scheme import Announcer
from shared.settings import ServiceName

TELLERS: Final[tuple[ServiceName, ...]] = ("customers", "complaints", "care")
STARTS: Final = {"starts_at", "starts_on", "set_at", "created_at"}
NO_PARTS: Final = {
    "complaints.calendar": "clock policies name it; a year of public holidays more is no other rule",
    "complaints.product_owner": "says who answers for a product, as the directory says who leads whom",
}
"""Tables with versions that are no policies, and why."""


def versioned(table: Table) -> bool:
    """Whether its rows are versions of something that begins to hold: the version is part of the key, or the name
    says that it is a policy."""
    return table.name.endswith("_policy") or (
        "version" in table.primary_key.columns and bool(STARTS & {*table.c.keys()})
    )


def tables_of(service: ServiceName) -> list[str]:
    metadata = importlib.import_module(f"services.{service}.schema").METADATA
    return sorted(table.name for table in metadata.tables.values() if versioned(table))


@pytest.mark.parametrize("service", TELLERS)
def test_every_policy_is_told(service: ServiceName) -> None:
    announcer = importlib.import_module(f"services.{service}.scheme.store").ANNOUNCER
    assert isinstance(announcer, Announcer)
    told = set(re.findall(r"\bFROM (\w+)", announcer.untold.sql)) - {"policy_told"}
    found = {name for name in tables_of(service) if f"{service}.{name}" not in NO_PARTS}
    assert found <= told, f"say in services/{service}/scheme/store.py how versions of {sorted(found - told)} are told"


def test_policies_are_found() -> None:
    assert {"case_policy", "clock_policy", "department_scheme", "penalty_policy"} <= set(tables_of("complaints"))
    found = [
        "key_account_policy",
        "network_policy",
        "relationship_policy",
        "segment_names",
        "signal_policy",
        "tier_policy",
        "winback_policy",
        "worth_policy",
    ]
    assert tables_of("customers") == found
    assert {"at_risk_policy", "obligation_matrix"} <= set(tables_of("care"))


def test_exceptions_are_still_there() -> None:
    there = {f"{service}.{name}" for service in TELLERS for name in tables_of(service)}
    assert set(NO_PARTS) <= there
