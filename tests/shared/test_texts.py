"""Text as it is kept: what looks the same is the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.texts import fold, fold_identifier


@pytest.mark.parametrize(
    "written",
    [
        "SH-001",
        "ＳＨ－００１",
        "SH\u200b-001",
        "\ufeffSH-001 ",
        "SH\u00ad-001",
        "SH\u3164-001",
        "SH-\ufe0f001",
        "\u2067SH-001\u2069",
        "SH-001\u3000",
    ],
)
def test_an_identifier_has_one_spelling(written: str) -> None:
    assert fold_identifier(written) == "SH-001"


def test_a_name_keeps_its_width_and_is_composed() -> None:
    assert fold("Cafe\u0301 （上海）\u202e") == "Café （上海）"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold_identifier(fold_identifier(text)) == fold_identifier(text)


@pytest.mark.parametrize("written", ["👩\u200d💻 美容", "🏳\ufe0f\u200d🌈", "क्\u200dष"])
def test_a_joiner_stays_where_it_is_seen(written: str) -> None:
    assert fold(written) == written
    assert "\u200d" not in fold_identifier(written)


@pytest.mark.parametrize("written", ["丽\u200d人", "\u200d丽人", "丽人\u200d", "丽\u202e\u200d\u200d人"])
def test_a_joiner_that_nobody_sees_makes_no_second_name(written: str) -> None:
    assert fold(written) == "丽人"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    for folded in (fold(text).replace("\u200d", ""), fold_identifier(text)):
        assert [character for character in folded if unicodedata.category(character) == "Cf"] == []
