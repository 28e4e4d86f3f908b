"""A batch is given to the reactions in few runs, and never against the order of a key or an aggregate."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.event import Event
from shared.bus.runs import runs
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered
from shared.ids import new_id

AT = datetime(2026, 11, 4, 1, tzinfo=UTC)
CUSTOMERS = [new_id() for _ in range(4)]


def _event(type_: str, key: UUID, aggregate: UUID, version: int = 1) -> Event:
    fact = AccountTeamChanged(customer_id=key, team={})
    return replace(Event.of(fact, aggregate_id=aggregate, version=version, at=AT), type=type_)


EVENTS = st.lists(
    st.builds(_event, st.sampled_from("abc"), st.sampled_from(CUSTOMERS), st.sampled_from(CUSTOMERS)), max_size=40
)


def test_customers_registered_one_after_the_other_with_their_teams_are_two_runs() -> None:
    types = (CustomerRegistered.TYPE, AccountTeamChanged.TYPE)
    customers = [new_id() for _ in range(500)]
    events = [_event(type_, customer, customer) for customer in customers for type_ in types]

    found = list(runs(events))

    assert [(type_, len(run)) for type_, run in found] == [(type_, 500) for type_ in types]


@given(EVENTS)
def test_every_event_comes_once_in_a_run_of_its_type(events: list[Event]) -> None:
    found = list(runs(events))

    assert sorted(event.id for _, run in found for event in run) == sorted(event.id for event in events)
    assert all(run and {event.type for event in run} == {type_} for type_, run in found)


@given(EVENTS)
def test_keys_and_aggregates_keep_their_order(events: list[Event]) -> None:
    taken = [event for _, run in runs(events) for event in run]

    for customer in CUSTOMERS:
        assert _of_aggregate(taken, customer) == _of_aggregate(events, customer)
        assert _of_key(taken, customer) == _of_key(events, customer)


def _of_aggregate(events: list[Event], customer: UUID) -> list[UUID]:
    return [event.id for event in events if event.aggregate_id == customer]


def _of_key(events: list[Event], customer: UUID) -> list[UUID]:
    return [event.id for event in events if event.key == str(customer)]
