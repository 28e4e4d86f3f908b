"""What messages say, per language, with checked variables; nothing is sent with a hole in it (domain 4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final

FALLBACK: Final = "zh-CN"
LANGUAGES: Final = ("zh-CN", "en")


class HoleInMessage(Exception):
    """Variables are missing or empty; names them, never their values."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body in one language, with {variables}."""

    subject: str
    body: str

    @property
    def variables(self) -> frozenset[str]:
        parts = [*Formatter().parse(self.subject), *Formatter().parse(self.body)]
        return frozenset(name for _, name, _, _ in parts if name is not None)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as its reader sees it."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Template:
    """A message in every language; each language says the same, so it takes the same variables."""

    texts: Mapping[str, Text]

    def __post_init__(self) -> None:
        if set(self.texts) != set(LANGUAGES):
            raise ValueError("a template speaks every language: " + ", ".join(LANGUAGES))
        if len({text.variables for text in self.texts.values()}) != 1:
            raise ValueError("a template takes the same variables in every language")
        if not all(name.isidentifier() for name in self.variables):
            raise ValueError("variables are plain names")

    @property
    def variables(self) -> frozenset[str]:
        return self.texts[FALLBACK].variables

    def render(self, language: str, variables: Mapping[str, str]) -> Rendered:
        """Raises HoleInMessage when a variable is missing or empty."""
        holes = frozenset(name for name in self.variables if not variables.get(name, "").strip())
        if holes:
            raise HoleInMessage(holes)
        spoken = language if language in self.texts else FALLBACK
        text = self.texts[spoken]
        return Rendered(text.subject.format_map(variables), text.body.format_map(variables), spoken)


TEMPLATES: Final[Mapping[str, Template]] = {
    "tier_rise": Template(
        {
            "zh-CN": Text(
                "恭喜您升级为 {tier} 级客户",
                "尊敬的{name}：感谢您的信任，您已升级为 {tier} 级客户，我们将为您提供更周到的服务。"
                "不再接收问候：{unsubscribe_url}",
            ),
            "en": Text(
                "Congratulations: you are a tier {tier} customer now",
                "Dear {name}, thank you for your trust. You are a tier {tier} customer now and will be served "
                "accordingly. No more greetings: {unsubscribe_url}",
            ),
        }
    ),
    "complaint_warned": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 答复时限已过 {percent}%",
                "{name}，投诉 {number} 的答复时限已过 {percent}%，请在 {due} 前答复。",
            ),
            "en": Text(
                "Complaint {number}: {percent} % of the time to answer has passed",
                "{name}, {percent} % of the time to answer complaint {number} has passed. Please answer by {due}.",
            ),
        }
    ),
    "complaint_escalated": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 超时未答复（第 {level} 级）",
                "{name}，投诉 {number} 应于 {due} 前答复，现已超时并上报至第 {level} 级，请立即处理。",
            ),
            "en": Text(
                "Complaint {number} is overdue (level {level})",
                "{name}, complaint {number} was to be answered by {due}. It has reached level {level} of the chain "
                "and you. Please act now.",
            ),
        }
    ),
    "complaint_repeated": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 为本月第 {count} 次重复投诉",
                "{name}，投诉 {number} 是本月同一对象、同一事项的第 {count} 次投诉，请督促处理并防止再次发生。",
            ),
            "en": Text(
                "Complaint {number} is number {count} of its kind this month",
                "{name}, complaint {number} is the number {count} about the same subject against the same party this "
                "month. Please see to it that it is dealt with and does not come again.",
            ),
        }
    ),
    "chain_reached_nobody": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 超时，无人可上报",
                "{name}，投诉 {number} 应于 {due} 前答复，第 {level} 级没有可通知的人员，请行政部立即指定负责人。",
            ),
            "en": Text(
                "Complaint {number} is overdue and reaches nobody",
                "{name}, complaint {number} was to be answered by {due}, and level {level} of the chain has nobody "
                "to tell. Please name somebody now.",
            ),
        }
    ),
}
