"""What is published of signals."""

from dataclasses import asdict
from datetime import datetime

from services.customers.signals.domain import Signal
from shared.bus.event import Event
from shared.contracts.customers import Tier
from shared.contracts.signals import SignalEnded, SignalRaised


def raised(signal: Signal) -> Event:
    """That a customer gives a signal, and why."""
    fact = SignalRaised.model_validate(
        {
            "customer_id": signal.customer_id,
            "signal_id": signal.id,
            "kind": signal.kind,
            "tier": signal.tier,
            "leads_to": signal.leads_to,
            "reasons": [asdict(each) for each in signal.reasons],
            "policy_version": signal.policy_version,
            "at": signal.began_at,
        }
    )
    return Event.of(fact, aggregate_id=signal.id, version=1, at=signal.began_at)


def ended(signal: Signal, tier: Tier, at: datetime) -> Event:
    """That it is given no longer; `tier` is the customer's by then."""
    fact = SignalEnded.model_validate(
        {
            "customer_id": signal.customer_id,
            "signal_id": signal.id,
            "kind": signal.kind,
            "cause": signal.cause,
            "tier": tier,
            "at": at,
        }
    )
    return Event.of(fact, aggregate_id=signal.id, version=2, at=at)
