"""Group robots: whose a webhook is, and under which secret messages to it are signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from shared.contracts.customers import Robot

KIND_OF_HOST: Final[Mapping[str, Robot]] = {
    "qyapi.weixin.qq.com": "wecom",
    "oapi.dingtalk.com": "dingtalk",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "feishu",
}
"""Whose robots live where; robots behind a gateway of one's own are said by name."""
SIGNING: Final[frozenset[Robot]] = frozenset(("dingtalk", "feishu"))
"""Who checks a signature where the group's settings ask for one."""


@dataclass(frozen=True, slots=True)
class GroupRobot:
    """Whose robot a webhook is, and the secret under which messages to it are signed; None: they are not."""

    kind: Robot
    secret: str | None = field(default=None, repr=False)


def kind_at(address: str) -> Robot | None:
    """Whose robot answers at this URL, by its host; None where nobody can tell."""
    try:
        return KIND_OF_HOST.get(urlsplit(address).hostname or "")
    except ValueError:
        return None
