"""What colleagues are told of what they pay and are paid: that there is something, until when they may appeal, and
where to look; no amounts, no reasons, nobody else."""

from collections.abc import Mapping
from typing import Final

from shared.templates import Template, Text

IN_A_GROUP: Final = "money_in_a_group"
"""Instead of all others where a chat's robot says it, whom a group may hear."""


def _template(zh: tuple[str, str], en: tuple[str, str]) -> Template:
    (zh_subject, zh_body), (en_subject, en_body) = zh, en
    return Template(
        {
            "zh-CN": Text(zh_subject, f"{{name}}，{zh_body}详情：{{link}}"),
            "en": Text(en_subject, f"{{name}}, {en_body} See: {{link}}"),
        }
    )


MONEY_TEMPLATES: Final[Mapping[str, Template]] = {
    "penalty_proposed": _template(
        ("有处罚建议涉及您", "有一项或多项处罚建议涉及您，尚待决定。"),
        (
            "A penalty has been proposed against you",
            "one or more penalties have been proposed against you and await a decision.",
        ),
    ),
    "penalty_decided": _template(
        (
            "由您承担的处罚已决定，可在 {due} 前申诉",
            "由您承担全部或部分的一项或多项处罚已决定。如有异议，可在 {due} 前申诉一次。",
        ),
        (
            "A penalty that you pay has been decided: you may appeal until {due}",
            "one or more penalties that you pay, or a part of, have been decided. You may appeal once, until {due}.",
        ),
    ),
    "penalty_appeal_decided": _template(
        ("申诉已有最终决定", "您所涉处罚的申诉已有最终决定。"),
        (
            "An appeal has been decided",
            "an appeal against a penalty that you pay, or a part of, has been decided. That is final.",
        ),
    ),
    "penalty_ended": _template(
        ("涉及您的处罚已不再成立", "此前告知您的一项或多项处罚已免除或撤销，您无需为此付款。"),
        (
            "A penalty does not stand any longer",
            "one or more penalties of which you were told have been waived or taken back: you pay nothing of them.",
        ),
    ),
    "reward_granted": _template(
        ("您获得了奖励", "您获得了一项奖励，感谢您的优质服务。"),
        ("You have been granted a reward", "you have been granted a reward. Thank you for your service."),
    ),
    "reward_reversed": _template(
        ("您的一项奖励已被收回", "此前误发给您的一项奖励已被收回。"),
        ("A reward has been taken back", "a reward that was granted to you by mistake has been taken back."),
    ),
    "fault_cost_booked": _template(
        ("过失责任费用已记入您名下", "一项过失责任费用已记入您名下。"),
        ("A cost of fault has been booked on you", "a cost of fault has been booked on you."),
    ),
    "fault_cost_reversed": _template(
        ("记入您名下的过失责任费用已撤回", "误记入您名下的一项过失责任费用已撤回。"),
        ("A cost of fault has been taken back", "a cost of fault that was booked on you has been taken back."),
    ),
    IN_A_GROUP: _template(
        ("有一项只与您本人有关的通知", "有一项只与您本人有关的通知，请查看。"),
        ("There is something for you alone", "there is something that concerns you alone."),
    ),
}
