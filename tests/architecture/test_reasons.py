"""Whoever silences a check says why, and nothing is left for later in the code (style, rule 4)."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import Source, python_sources

SILENCER = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[\w, -]*\])?)")
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


def without_reason(source: Source) -> Iterator[str]:
    for line, comment in comments(source):
        reason, silenced = SILENCER.subn("", comment)
        if silenced and len(reason.strip(" #-—:")) < 8:
            yield f"{source.place}:{line} silences a check without its reason: {comment}"
        if LEFT_FOR_LATER.search(comment):
            yield f"{source.place}:{line} leaves work for later: {comment}"


def comments(source: Source) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_every_silenced_check_has_its_reason() -> None:
    sources = python_sources("services", "shared", "deploy", "tests", "bench", "crm.py")

    assert [fault for source in sources for fault in without_reason(source)] == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: S608",
        "# noqa: S608, E501",
        "# noqa",
        "# type: ignore[arg-type]",
        "# type: ignore[arg-type]  # noqa: S101",
        "# TO" + "DO: later",
    ],
)
def test_a_silent_silence_is_seen(comment: str) -> None:
    assert list(without_reason(Source(Path("services/sample.py"), f"x = 1  {comment}\n")))


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: S105  the name of an algorithm, not a secret",
        "# noqa: S105, E501 - the name of an algorithm",
        "# type: ignore[arg-type]  # the stub forgets tuples",
        "# four-hour rule, domain 3.3",
    ],
)
def test_a_reason_beside_it_is_enough(comment: str) -> None:
    assert list(without_reason(Source(Path("services/sample.py"), f"x = 1  {comment}\n"))) == []
