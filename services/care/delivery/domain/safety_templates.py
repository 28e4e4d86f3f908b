"""What administration is told of product safety, per language (domain 3.8)."""

from collections.abc import Mapping
from typing import Final

from shared.templates import Template, Text

SAFETY_TEMPLATES: Final[Mapping[str, Template]] = {
    "complaint_safety_report_due": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 的不良反应须在 {due} 前上报",
                "{name}，投诉 {number} 的不良反应尚未上报，请在 {due} 前向监管部门上报。{link}",
            ),
            "en": Text(
                "Complaint {number}: report the adverse reaction by {due}",
                "{name}, the authority has not heard of the adverse reaction of complaint {number}. Please report it "
                "by {due}. {link}",
            ),
        }
    ),
    "complaint_safety_report_missed": Template(
        {
            "zh-CN": Text(
                "投诉 {number} 的不良反应逾期未上报",
                "{name}，投诉 {number} 的不良反应应于 {due} 前上报，现已逾期，请立即上报。{link}",
            ),
            "en": Text(
                "Complaint {number}: the report of the adverse reaction is late",
                "{name}, the adverse reaction of complaint {number} was to be reported by {due}. Please report it now. "
                "{link}",
            ),
        }
    ),
    "batch_alarmed": Template(
        {
            "zh-CN": Text(
                "批次 {batch} 出现 {cases} 例不良反应",
                "{name}，批次 {batch} 已出现 {cases} 例不良反应，系统已发出警报；{customers} 家门店购买过该批次，"
                "通知任务和停售任务已下达。",
            ),
            "en": Text(
                "Batch {batch}: {cases} adverse reactions",
                "{name}, batch {batch} has {cases} adverse reactions and its alarm was raised. {customers} stores "
                "bought it; calls to them and a stop of its sale are planned.",
            ),
        }
    ),
}
