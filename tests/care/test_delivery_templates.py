"""What messages say: in every language, and never with a hole."""

import pytest

from services.care.delivery.domain.templates import TEMPLATES
from shared.templates import LANGUAGES, HoleInMessage, Template, Text


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_speaks_every_language_without_a_hole(name: str, language: str) -> None:
    template = TEMPLATES[name]

    rendered = template.render(language, {each: f"<{each}>" for each in template.variables})

    assert rendered.language == language
    assert all(f"<{each}>" in rendered.subject + rendered.body for each in template.variables)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_nothing_is_rendered_with_a_hole(value: str | None) -> None:
    variables = {"tier": "A", "unsubscribe_url": "u"} | ({} if value is None else {"name": value})

    with pytest.raises(HoleInMessage, match="name"):
        TEMPLATES["tier_rise"].render("en", variables)


def test_an_unknown_language_is_answered_in_chinese() -> None:
    rendered = TEMPLATES["tier_rise"].render("fr", {"name": "a", "tier": "A", "unsubscribe_url": "u"})

    assert rendered.language == "zh-CN"


def test_a_value_is_not_read_as_a_template() -> None:
    rendered = TEMPLATES["tier_rise"].render("en", {"name": "{tier!r}", "tier": "A", "unsubscribe_url": "u"})

    assert "Dear {tier!r}," in rendered.body


@pytest.mark.parametrize(
    "texts, why",
    [
        ({"en": Text("a", "b")}, "every language"),
        ({"en": Text("a", "{b}"), "zh-CN": Text("a", "{c}")}, "same variables"),
        ({"en": Text("a", "{b.c}"), "zh-CN": Text("a", "{b.c}")}, "plain names"),
        ({"en": Text("a", "{}"), "zh-CN": Text("a", "{}")}, "plain names"),
    ],
    ids=["one language", "other variables", "attribute", "nameless"],
)
def test_a_template_that_could_fail_later_is_refused_at_once(texts: dict[str, Text], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Template(texts)
