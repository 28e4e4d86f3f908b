"""What happens again and again is told when it begins, once a minute while it lasts, and when it is over."""

import logging

import pytest

from shared.repeats import AGAIN_SECONDS, MOST_KINDS, REMIND_SECONDS, Repeats, Trouble


class Watch:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


class Told:
    """Keeps what is logged, as a log would."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append({"event": event, "level": "warning", **fields})

    def error(self, event: str, **fields: object) -> None:
        self.lines.append({"event": event, "level": "error", **fields})


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_broker_that_is_away_for_three_minutes_is_four_lines(watch: Watch, told: Told) -> None:
    trouble = Trouble(told, seconds=watch)
    for _ in range(1_440):
        trouble.met(ConnectionRefusedError())
        watch.now += 0.125
    trouble.over()
    trouble.over()

    assert [(line["event"], line.get("times"), line.get("waited")) for line in told.lines] == [
        ("waits", 1, None),
        ("waits", 480, None),
        ("waits", 480, None),
        ("goes on", None, 180.0),
    ]


def test_another_kind_of_fault_is_another_line(watch: Watch, told: Told) -> None:
    trouble = Trouble(told, seconds=watch)
    for _ in range(10):
        trouble.met(ConnectionRefusedError())
        trouble.met(ValueError("a person's name"), passing=False, partition=3)

    assert [(line["event"], line["fault"], line["level"]) for line in told.lines] == [
        ("waits", "ConnectionRefusedError", "warning"),
        ("failed", "ValueError", "error"),
    ]
    assert told.lines[1]["partition"] == 3


def test_what_comes_and_goes_many_times_a_second_is_a_few_lines(watch: Watch, told: Told) -> None:
    trouble = Trouble(told, seconds=watch)
    for _ in range(int(AGAIN_SECONDS * 10)):
        trouble.met(ConnectionRefusedError())
        trouble.over()
        watch.now += 0.1
    assert [line["event"] for line in told.lines] == ["waits", "goes on"]

    watch.now += 0.1
    trouble.met(ConnectionRefusedError())
    assert told.lines[-1]["times"] == AGAIN_SECONDS * 10


def record(text: str, *arguments: object, name: str = "aiokafka") -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, text, arguments, None)


def test_a_library_says_the_same_once_a_minute_and_then_how_often(watch: Watch) -> None:
    repeats = Repeats(watch)
    text = "Unable connect to node with id %s: %s"
    assert [repeats.filter(record(text, node, "refused")) for node in range(500)] == [True] + [False] * 499
    assert repeats.filter(record("Heartbeat failed: %r", "refused"))
    assert repeats.filter(record(text, 1, "refused", name="another"))

    watch.now += REMIND_SECONDS
    reminder = record(text, 1, "refused")
    assert repeats.filter(reminder)
    assert vars(reminder)["left_out"] == 499


def test_numbers_in_a_text_make_no_kinds_and_places_of_failures_do(watch: Watch) -> None:
    repeats = Repeats(watch)
    assert [repeats.filter(record(f"<task 0x{n:x}> took {n} s")) for n in range(3)] == [True, False, False]

    def failed(work: str) -> logging.LogRecord:
        line = record("Task exception was never retrieved")
        try:
            if work == "one":
                raise ValueError
            raise ValueError
        except ValueError as fault:
            line.exc_info = (type(fault), fault, fault.__traceback__)
        return line

    assert [repeats.filter(failed(work)) for work in ("one", "one", "other")] == [True, False, True]


def test_lines_without_end_are_not_remembered_without_end(watch: Watch) -> None:
    repeats = Repeats(watch)
    for number in range(3 * MOST_KINDS):
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        assert repeats.filter(record(letters))
    assert len(repeats._told) <= MOST_KINDS
