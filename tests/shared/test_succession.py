"""Who follows a person who left (decision 17)."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from shared.succession import at_work


@dataclass(frozen=True)
class Person:
    active: bool = False
    successor_id: UUID | None = None
    supervisor_id: UUID | None = None


def person(number: int) -> UUID:
    return UUID(int=number)


QIAN, FENG, GAO, BOSS, CHIEF = map(person, range(1, 6))
HERE, GONE = Person(active=True), Person()


def left(successor: UUID | None = None, supervisor: UUID | None = None) -> Person:
    return Person(successor_id=successor, supervisor_id=supervisor)


@pytest.mark.parametrize(
    "people, follows",
    [
        ({QIAN: HERE}, QIAN),
        ({}, QIAN),
        ({QIAN: left(FENG), FENG: left(GAO), GAO: HERE}, GAO),
        ({QIAN: left(FENG), FENG: left(GAO)}, GAO),
        ({QIAN: left(supervisor=BOSS), BOSS: HERE}, None),
        ({QIAN: left(FENG), FENG: GONE}, None),
        ({QIAN: left(FENG, BOSS), FENG: left(QIAN, CHIEF), BOSS: HERE, CHIEF: HERE}, BOSS),
        ({QIAN: left(FENG, BOSS), FENG: left(GAO), GAO: left(FENG, CHIEF), BOSS: HERE}, BOSS),
        ({QIAN: left(FENG, BOSS), FENG: left(QIAN), BOSS: left(CHIEF), CHIEF: HERE}, CHIEF),
        ({QIAN: left(FENG, BOSS), FENG: left(QIAN), BOSS: left(FENG, CHIEF), CHIEF: HERE}, CHIEF),
        ({QIAN: left(FENG, FENG), FENG: left(QIAN)}, None),
        ({QIAN: left(FENG), FENG: left(QIAN)}, None),
    ],
)
def test_who_left_is_followed_to_the_end(people: dict[UUID, Person], follows: UUID | None) -> None:
    assert at_work(people, QIAN) == follows


def test_a_successor_may_stand_a_hundred_steps_away() -> None:
    people = {person(n): left(person(n + 1)) for n in range(1, 100)} | {person(100): HERE}

    assert at_work(people, QIAN) == person(100)


def test_nobody_is_followed_by_nobody() -> None:
    assert at_work({}, None) is None
