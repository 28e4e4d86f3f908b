"""Which language an answer is written in."""

import pytest

from shared.languages import language_of


@pytest.mark.parametrize(
    "accepted, language", [(None, "en"), ("zh-CN,en;q=0.5", "zh-CN"), ("fr, zh;q=0.3", "zh-CN"), ("de", "en")]
)
def test_the_language_asked_for(accepted: str | None, language: str) -> None:
    assert language_of(accepted) == language
