"""What is an e-mail address."""

import pytest

from shared.mail import mail_address


@pytest.mark.parametrize("text", ["a@b.cn", "sun.hao@mail.example.com", "孙浩@例子.中国"])
def test_an_address_is_taken_as_it_is(text: str) -> None:
    assert mail_address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "a@b",
        "a@@b.cn",
        "a b@c.cn",
        "a@b.cn\n",
        "a\x01@b.cn",
        "a@b.",
        "@b.cn",
        "a,b<c@evil.example>",
        "a;b@c.cn",
        "a@b,c.cn",
        "a@[10.0.0.1]",
        ".a@b.cn",
        "a@-b.cn",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        mail_address(text)
