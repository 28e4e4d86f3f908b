"""A letter: a message that may go, with its channel and its reader."""

from dataclasses import dataclass

from services.care.delivery.domain.money_templates import IN_A_GROUP
from services.care.delivery.domain.templates import TEMPLATES
from services.care.messages.domain import CONFIDENTIAL, Message
from shared.contracts.care import Channel
from shared.robots import GroupRobot
from shared.templates import Rendered


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """A message on its way: where to, and what its reader is called; personal, so it does not print itself."""

    message: Message
    channel: Channel
    address: str
    name: str
    language: str
    robot: GroupRobot | None = None

    def rendered(self, unsubscribe_url: str | None, link: str | None) -> Rendered:
        """`link` leads colleagues to what the message is about. Raises HoleInMessage for what is missing or empty."""
        ours = {"name": self.name, "unsubscribe_url": unsubscribe_url or "", "link": link or ""}
        variables = {**self.message.variables, **ours}
        return TEMPLATES[self._template].render(self.language, variables)

    @property
    def _template(self) -> str:
        """A group that hears a chat's robot is told nothing of what concerns a colleague alone."""
        in_a_group = self.channel == "webhook" and self.message.occasion == CONFIDENTIAL
        return IN_A_GROUP if in_a_group else self.message.template
