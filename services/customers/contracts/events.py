"""What is published of contracts."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from services.customers.contracts.domain.contracts import Contract
from shared.bus.event import Event
from shared.contracts.network import (
    ContractCorrected,
    ContractEnded,
    ContractEndingStepDone,
    ContractFact,
    ContractKeptOn,
    ContractSigned,
    ContractWithdrawn,
    EndingStep,
)

F = TypeVar("F", bound=ContractFact)


def signed(contract: Contract, at: datetime, renews: UUID | None = None, *, historical: bool = False) -> Event:
    said = {"starts_on": contract.starts_on, "ends_on": contract.ends_on, "renews": renews}
    return _event(ContractSigned, contract, at, historical=historical, **said)


def corrected(contract: Contract, at: datetime) -> Event:
    return _event(ContractCorrected, contract, at, starts_on=contract.starts_on, ends_on=contract.ends_on)


def withdrawn(contract: Contract, at: datetime, *, historical: bool = False) -> Event:
    return _event(ContractWithdrawn, contract, at, historical=historical)


def step_done(contract: Contract, step: EndingStep, at: datetime) -> Event:
    return _event(ContractEndingStepDone, contract, at, step=step, ends_on=contract.asked_end)


def ended(contract: Contract, at: datetime, *, renewed: bool) -> Event:
    """At the beginning of the day on which it holds no more, whenever that was noticed."""
    by_procedure = contract.did("approve") is not None
    return _event(ContractEnded, contract, at, ends_on=contract.ends_on, by_procedure=by_procedure, renewed=renewed)


def kept_on(contract: Contract, at: datetime) -> Event:
    return _event(ContractKeptOn, contract, at)


def _event(kind: type[F], contract: Contract, at: datetime, *, historical: bool = False, **more: Any) -> Event:
    fact = kind(
        customer_id=contract.customer_id,
        contract_id=contract.id,
        brand_id=contract.brand_id,
        region_id=contract.region_id,
        at=at,
        **more,
    )
    return Event.of(fact, aggregate_id=contract.id, version=contract.version, at=at, historical=historical)
