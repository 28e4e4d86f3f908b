"""What messages of care say, per language (domain 4.2)."""

from collections.abc import Mapping
from typing import Final

from services.care.delivery.domain.clock_templates import CLOCK_TEMPLATES
from services.care.delivery.domain.money_templates import MONEY_TEMPLATES
from services.care.delivery.domain.safety_templates import SAFETY_TEMPLATES
from shared.templates import Template, Text

TEMPLATES: Final[Mapping[str, Template]] = {
    **CLOCK_TEMPLATES,
    **MONEY_TEMPLATES,
    **SAFETY_TEMPLATES,
    "complaint_late_accept": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 未按时受理",
                "{name}，投诉 {number} 应于 {due} 前受理，当时无人受理，请立即落实。{link}",
            ),
            "en": Text(
                "Complaint {number} was not taken in time",
                "{name}, nobody of customer service had taken complaint {number} by {due}. Please see to it. {link}",
            ),
        }
    ),
    "complaint_late_resolve": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 未按时解决",
                "{name}，投诉 {number} 应于 {due} 前解决，现已超时，请立即处理。{link}",
            ),
            "en": Text(
                "Complaint {number} is not solved in time",
                "{name}, complaint {number} was to be solved by {due}. Please see to it now. {link}",
            ),
        }
    ),
    "complaint_approval_solution": Template(
        {
            "zh-CN": Text("投诉 {number} 的解决方案待您审批", "{name}，投诉 {number} 的解决方案需要您审批。{link}"),
            "en": Text(
                "Complaint {number}: a solution awaits your approval",
                "{name}, what was proposed to solve complaint {number} awaits your approval. {link}",
            ),
        }
    ),
    "complaint_approval_compensation": Template(
        {
            "zh-CN": Text("投诉 {number} 的补偿待您审批", "{name}，投诉 {number} 中拟给予的补偿需要您审批。{link}"),
            "en": Text(
                "Complaint {number}: a compensation awaits your approval",
                "{name}, what is to be given in complaint {number} awaits your approval. {link}",
            ),
        }
    ),
    "complaint_approval_nobody": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 有待审批事项，但无人可审批",
                "{name}，投诉 {number} 有待审批事项，通讯录中没有可以审批的人员，请行政部处理。{link}",
            ),
            "en": Text(
                "Complaint {number}: nobody can approve what awaits approval",
                "{name}, something in complaint {number} awaits approval, and nobody is listed who may give it. {link}",
            ),
        }
    ),
    "complaint_notice_withdrawn": Template(
        {
            "zh-CN": Text(
                "通知单 {notice} 已撤回（投诉 {number}）",
                "{name}，投诉 {number} 的通知单 {notice} 已撤回，您无需再处理。{link}",
            ),
            "en": Text(
                "Notice {notice} about complaint {number} is withdrawn",
                "{name}, notice {notice} about complaint {number} stands no longer. Nothing is asked of you. {link}",
            ),
        }
    ),
    "reply_unreached": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 的答复函未送达",
                "{name}，投诉 {number} 的答复函未能送达投诉人，请电话告知或邮寄。{link}",
            ),
            "en": Text(
                "Complaint {number}: the reply was not delivered",
                "{name}, the reply of complaint {number} reached nobody. Please read it out or post it. {link}",
            ),
        }
    ),
    "question_unreached": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 的提问未送达",
                "{name}，就投诉 {number} 向投诉人提出的问题未能送达，请尽快电话询问。{link}",
            ),
            "en": Text(
                "Complaint {number}: the question was not delivered",
                "{name}, what the complainant of {number} is asked reached nobody. Please call them. {link}",
            ),
        }
    ),
    "complaint_unreached": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 的首次回复未送达",
                "{name}，投诉 {number} 的首次回复未能送达投诉人，请尽快与对方联系。{link}",
            ),
            "en": Text(
                "Complaint {number}: the complainant has no first reply",
                "{name}, the first reply of complaint {number} reached nobody. Please call the complainant. {link}",
            ),
        }
    ),
    "complaint_noticed": Template(
        {
            "zh-CN": Text(
                "通知单 {notice}（投诉 {number}）",
                "{name}，您收到投诉 {number} 的通知单 {notice}，请签收，并在 {due} 前处理。{link}",
            ),
            "en": Text(
                "Notice {notice} about complaint {number}",
                "{name}, notice {notice} about complaint {number} is addressed to you. Please acknowledge it and act "
                "by {due}. {link}",
            ),
        }
    ),
    "commitment_asked": Template(
        {
            "zh-CN": Text(
                "请确认一项超出规定的承诺（期限 {due}）",
                "{name}，系统登记了一项以您名义作出、超出规定的承诺，期限 {due}。请确认是否属实。{link}",
            ),
            "en": Text(
                "A promise outside the rules, due by {due}: is it yours?",
                "{name}, a promise outside the rules is recorded as yours, due by {due}. Please confirm or deny it. "
                "{link}",
            ),
        }
    ),
    "commitment_insisted": Template(
        {
            "zh-CN": Text(
                "请在 {due} 前与客户达成谅解",
                "{name}，客户坚持一项未获确认的承诺，请承诺人与其主管在 {due} 前与客户达成谅解。{link}",
            ),
            "en": Text(
                "The customer insists on a promise: an understanding by {due}",
                "{name}, a customer insists on a promise that was not confirmed. Who is said to have made it and their "
                "supervisor are to reach an understanding with them before {due}. {link}",
            ),
        }
    ),
    "fault_noticed": Template(
        {
            "zh-CN": Text("过失责任通知书 {notice}", "{name}，您收到过失责任通知书 {notice}，内部投诉已立案。{link}"),
            "en": Text(
                "Notice of fault {notice}",
                "{name}, notice of fault {notice} is addressed to you: an internal case settles what a promise outside "
                "the rules costs. {link}",
            ),
        }
    ),
    "touch_at_risk": Template(
        {
            "zh-CN": Text(
                "您有 {count} 项客户服务将于 {due} 到期",
                "{name}，您有 {count} 项客户服务任务（拜访、驻店或电话）须在 {due} 前完成，还剩 {days} 天，"
                "请尽快安排。",
            ),
            "en": Text(
                "{count} of your visits and calls: due by {due}",
                "{name}, {count} of your stays, visits and calls are due by {due}, in {days} days, and not done yet.",
            ),
        }
    ),
    "touch_at_risk_people": Template(
        {
            "zh-CN": Text(
                "您的团队有 {count} 项客户服务将于 {due} 到期",
                "{name}，您的下属有 {count} 项客户服务任务须在 {due} 前完成，还剩 {days} 天，请督促落实。",
            ),
            "en": Text(
                "{count} visits and calls of your people: due by {due}",
                "{name}, {count} stays, visits and calls of your people are due by {due}, in {days} days, and not done "
                "yet.",
            ),
        }
    ),
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
    "complaint_reopened_again": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 再次重开（第 {round} 轮）",
                "{name}，投诉人对 {number} 的处理仍不满意，案件已进入第 {round} 轮，上报至第 {level} 级。"
                "请督促于 {due} 前答复。{link}",
            ),
            "en": Text(
                "Complaint {number} was reopened again (round {round})",
                "{name}, the complainant of {number} is still not satisfied: it is round {round} and has reached level "
                "{level} of the chain and you. Please see to it that it is answered by {due}. {link}",
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
