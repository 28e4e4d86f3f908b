"""What messages of care say, per language (domain 4.2)."""

from collections.abc import Mapping
from typing import Final

from shared.templates import Template, Text

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
    "complaint_assigned": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 已指派给您",
                "{name}，投诉 {number} 已指派给您，请在 {due} 前答复。{link}",
            ),
            "en": Text(
                "Complaint {number} is yours",
                "{name}, complaint {number} has been assigned to you. Please answer by {due}. {link}",
            ),
        }
    ),
    "complaint_assigned_undated": Template(
        {
            "zh-CN": Text("投诉 {number} 已指派给您", "{name}，投诉 {number} 已指派给您，请查看。{link}"),
            "en": Text("Complaint {number} is yours", "{name}, complaint {number} has been assigned to you. {link}"),
        }
    ),
    "complaint_warned": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 答复时限已过 {percent}%",
                "{name}，投诉 {number} 的答复时限已过 {percent}%，请在 {due} 前答复。{link}",
            ),
            "en": Text(
                "Complaint {number}: {percent} % of the time to answer has passed",
                "{name}, {percent} % of the time to answer complaint {number} has passed. Please answer by {due}. "
                "{link}",
            ),
        }
    ),
    "complaint_escalated": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 超时未答复（第 {level} 级）",
                "{name}，投诉 {number} 应于 {due} 前答复，现已超时并上报至第 {level} 级，请立即处理。{link}",
            ),
            "en": Text(
                "Complaint {number} is overdue (level {level})",
                "{name}, complaint {number} was to be answered by {due}. It has reached level {level} of the chain "
                "and you. Please act now. {link}",
            ),
        }
    ),
    "complaint_repeated": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 为本月第 {count} 次重复投诉",
                "{name}，投诉 {number} 是本月同一对象、同一事项的第 {count} 次投诉，请督促处理并防止再次发生。{link}",
            ),
            "en": Text(
                "Complaint {number} is number {count} of its kind this month",
                "{name}, complaint {number} is the number {count} about the same subject against the same party this "
                "month. Please see to it that it is dealt with and does not come again. {link}",
            ),
        }
    ),
    "chain_reached_nobody": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 超时，无人可上报",
                "{name}，投诉 {number} 应于 {due} 前答复，第 {level} 级没有可通知的人员，请行政部立即指定负责人。"
                "{link}",
            ),
            "en": Text(
                "Complaint {number} is overdue and reaches nobody",
                "{name}, complaint {number} was to be answered by {due}, and level {level} of the chain has nobody "
                "to tell. Please name somebody now. {link}",
            ),
        }
    ),
}
