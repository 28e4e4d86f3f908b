"""What messages of care say of the clocks of a case that are not the answer's: warned, missed, gone up a level."""

from collections.abc import Mapping
from typing import Final

from shared.templates import Template, Text

_STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "investigate": ("调查", "investigation"),
    "propose": ("解决方案", "proposal"),
    "execute": ("方案执行", "execution"),
    "inspect": ("检查反馈", "inspection"),
    "settle": ("责任处理", "settlement"),
    "reply": ("书面答复", "reply letter"),
}
"""Step -> what it is called in Chinese and English."""
_CLOCKS: Final = {"accept": ("受理", "acceptance"), **_STEPS, "resolve": ("解决", "solution")}
"""The same of every clock beside the answer's."""


def _late_step(zh: str, en: str) -> Template:
    return Template(
        {
            "zh-CN": Text(
                f"投诉 {{number}} 的{zh}超时",
                f"{{name}}，投诉 {{number}} 的{zh}应于 {{due}} 前完成，现已超时，请立即处理。{{link}}",
            ),
            "en": Text(
                f"Complaint {{number}}: the {en} is late",
                f"{{name}}, the {en} of complaint {{number}} was due by {{due}}. Please see to it now. {{link}}",
            ),
        }
    )


def _warned(zh: str, en: str) -> Template:
    return Template(
        {
            "zh-CN": Text(
                f"投诉 {{number}} 的{zh}时限已过 {{percent}}%",
                f"{{name}}，投诉 {{number}} 的{zh}时限已过 {{percent}}%，请在 {{due}} 前完成。{{link}}",
            ),
            "en": Text(
                f"Complaint {{number}}: {{percent}} % of the time for the {en} has passed",
                f"{{name}}, {{percent}} % of the time for the {en} of complaint {{number}} has passed. It is due by "
                "{due}. {link}",
            ),
        }
    )


def _escalated(zh: str, en: str) -> Template:
    return Template(
        {
            "zh-CN": Text(
                f"投诉 {{number}} 的{zh}超时（第 {{level}} 级）",
                f"{{name}}，投诉 {{number}} 的{zh}应于 {{due}} 前完成，现已超时并上报至第 {{level}} 级，请立即处理。"
                "{link}",
            ),
            "en": Text(
                f"Complaint {{number}}: the {en} is late (level {{level}})",
                f"{{name}}, the {en} of complaint {{number}} was due by {{due}}. It has reached level {{level}} of the "
                "chain and you. Please act now. {link}",
            ),
        }
    )


CLOCK_TEMPLATES: Final[Mapping[str, Template]] = {
    **{f"complaint_late_{step}": _late_step(*called) for step, called in _STEPS.items()},
    **{f"complaint_warned_{clock}": _warned(*called) for clock, called in _CLOCKS.items()},
    **{f"complaint_escalated_{clock}": _escalated(*called) for clock, called in _CLOCKS.items()},
}
"""One for each clock, by what has become of it."""
