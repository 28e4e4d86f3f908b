"""What the complainant's page says, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from shared.contracts.complaints import CaseKind
from shared.languages import Language

Done: TypeAlias = Literal["words", "satisfaction", "file"]


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The words of the page in one language."""

    switch: str
    """To the other language, in that language."""
    title: str
    """Of a page that knows no case."""
    titles: Mapping[CaseKind, str]
    number: str
    state: str
    states: Mapping[str, str]
    recorded: str
    deadline: str
    no_deadline: str
    past: str
    """Of a deadline: {moment} is HTML already."""
    paused: str
    question: str
    reply: str
    overdue: str
    closed: str
    wish: str
    no_wish: str
    words: str
    words_hint: str
    send: str
    files: str
    files_hint: str
    file: str
    note: str
    upload: str
    uploaded: str
    satisfaction: str
    perceived: str
    expected: str
    scale: str
    remark: str
    judge: str
    done: Mapping[Done, str]
    opened_again: str
    unknown: str
    ended: str
    refused: Mapping[str, str]
    """Slug of a refusal -> what the visitor is told."""
    not_shown: Mapping[str, str]
    """The same where nothing was to be kept: the page itself was asked for."""
    again_in: str
    """When to try again, where that is more than a moment."""
    soon: str
    not_taken: str
    """Of whatever has no words of its own."""
    back: str
    choose: str
    line: str
    zone: str
    zones: Mapping[str, str]
    """What people call a zone."""


TEXTS: Final[Mapping[Language, PageTexts]] = {
    "zh-CN": PageTexts(
        switch="English",
        title="投诉与咨询",
        titles={
            "complaint": "您的投诉",
            "grumble": "您的意见",
            "suggestion": "您的建议",
            "enquiry": "您的咨询",
            "internal": "内部投诉",
        },
        number="编号",
        state="进度",
        states={
            "open": "处理中",
            "answered": "已答复",
            "resolved": "已解决",
            "closed": "已办结",
            "reopened": "重新处理中",
        },
        recorded="登记时间",
        deadline="下一个时限",
        no_deadline="目前没有待到期的时限",
        past="已过（{moment}）",
        paused="我们在等您的回复，收到后继续计时",
        question="我们想请问您",
        reply="在下面回复",
        overdue="我们没有按时答复，非常抱歉。此事已上报负责人。",
        closed="此案已办结。如仍有需要，请拨打投诉热线 {line}。",
        wish="您的要求",
        no_wish="未填写",
        words="补充说明",
        words_hint="您的话会原样记入本案，我们的工作人员会看到。",
        send="提交补充",
        files="上传证据",
        files_hint="照片、录音、视频或 PDF，每个文件最大 {size} MB。",
        file="选择文件",
        note="文件说明（可不填）",
        upload="上传",
        uploaded="您已上传",
        satisfaction="您满意吗？",
        perceived="您实际感受到的服务",
        expected="您原本期望的服务",
        scale="1 分最低，10 分最高。如低于您的期望，我们会重新处理。",
        remark="您想说的话（可不填）",
        judge="提交评价",
        done={
            "words": "已收到您的补充，谢谢。",
            "file": "文件已收到，谢谢。",
            "satisfaction": "已收到您的评价，谢谢。",
        },
        opened_again="很抱歉没有让您满意。您的评价已收到，我们已重新开始处理。",
        unknown="没有找到这个链接对应的投诉。请完整复制消息中的链接。",
        ended="此案已办结，链接已过有效期。如仍有需要，请拨打投诉热线 {line}。",
        refused={
            "too-many-requests": "请求过于频繁，没有保存。{again}",
            "busy": "系统暂时繁忙，没有保存。请稍后再试。",
            "outcome-unknown": "连接中断，不能确定是否已保存。请返回查看，如没有，请再试一次。",
            "internal": "我们这边出了问题，可能没有保存。请稍后再试。",
            "wrong-state": "现在还不能评价：您的投诉尚未答复。",
            "satisfaction-given": "本轮您已经评价过了，谢谢。",
            "invalid": "内容不完整或过长，请检查后再提交。",
            "too-large": "内容太大，没有接收。每个文件最大 {size} MB。",
            "file-too-large": "文件太大，没有接收。每个文件最大 {size} MB。",
            "file-empty": "这个文件是空的，没有接收。请重新选择文件。",
            "file-kind-not-taken": "不能接收这种文件。请上传照片、录音、视频或 PDF。",
            "file-kind-mismatch": "文件内容与文件名不一致，没有接收。请上传原始文件，不要改扩展名。",
            "file-carries-script": "文件中含有可以运行的内容，为安全起见没有接收。请改为拍照或截图上传。",
            "file-unreadable": "这个 PDF 已损坏或设有密码，没有接收。请重新生成（不设密码），或改为拍照上传。",
            "too-many-files": "这里可上传的文件数量已满。如还有证据，请拨打投诉热线。",
            "storage-away": "文件暂时无法保存，没有接收。请过几分钟再上传。",
        },
        not_shown={
            "too-many-requests": "请求过于频繁。{again}",
            "busy": "系统暂时繁忙，请稍后再打开。",
            "internal": "我们这边出了问题，请稍后再打开。",
            "invalid": "这个地址打不开。请完整复制消息中的链接。",
        },
        again_in="请在 {minutes} 分钟后再试。",
        soon="请稍等片刻再试。",
        not_taken="没有接收，请检查后再试。",
        back="返回查看",
        choose="请选择",
        line="投诉热线 {line}，昼夜受理",
        zone="时间均为{zone}",
        zones={"Asia/Shanghai": "北京时间"},
    ),
    "en": PageTexts(
        switch="中文",
        title="Complaints and enquiries",
        titles={
            "complaint": "Your complaint",
            "grumble": "What troubled you",
            "suggestion": "Your suggestion",
            "enquiry": "Your enquiry",
            "internal": "Internal complaint",
        },
        number="Number",
        state="Progress",
        states={
            "open": "being worked on",
            "answered": "answered",
            "resolved": "resolved",
            "closed": "closed",
            "reopened": "being worked on again",
        },
        recorded="Recorded",
        deadline="Next deadline",
        no_deadline="none at the moment",
        past="has passed ({moment})",
        paused="we are waiting for your reply; the time runs on when we have it",
        question="We would like to ask you",
        reply="Reply below",
        overdue="We have not answered in time, and we are sorry. Those responsible have been told.",
        closed="This case is closed. If you still need us, call the complaint line: {line}.",
        wish="What you asked for",
        no_wish="nothing was noted",
        words="Add something",
        words_hint="Your words become part of the case as you write them; our staff read them.",
        send="Send",
        files="Add evidence",
        files_hint="Pictures, recordings, videos or PDF, {size} MB a file at most.",
        file="File",
        note="What it shows (optional)",
        upload="Upload",
        uploaded="What you have sent",
        satisfaction="Are you satisfied?",
        perceived="How you were served",
        expected="What you had expected",
        scale="1 is least, 10 is most. If it was less than you expected, we take the case up again.",
        remark="What you would like to say (optional)",
        judge="Send my judgement",
        done={
            "words": "We have received what you added, thank you.",
            "file": "We have received your file.",
            "satisfaction": "Thank you for your judgement.",
        },
        opened_again="We are sorry that you are not satisfied. We have your judgement and are working on it again.",
        unknown="No complaint belongs to this link. Copy it whole from the message.",
        ended="This case is closed and the link has ended. If you still need us, call the complaint line: {line}.",
        refused={
            "too-many-requests": "That was too often, and nothing was kept. {again}",
            "busy": "We are busy for a moment, and nothing was kept. Please try again soon.",
            "outcome-unknown": "The connection broke, so we cannot say whether it was kept. Go back and look; if it is "
            "not there, please try again.",
            "internal": "Something went wrong on our side; it may not have been kept. Please try again soon.",
            "wrong-state": "It cannot be judged yet: there is no answer so far.",
            "satisfaction-given": "You have judged this answer already, thank you.",
            "invalid": "Something is missing or too long; please look again.",
            "too-large": "This is too large and was not taken. A file may have {size} MB.",
            "file-too-large": "This file is too large and was not taken. A file may have {size} MB.",
            "file-empty": "This file is empty and was not taken. Please choose it again.",
            "file-kind-not-taken": "Files of this kind are not taken. Send a picture, a recording, a video or a PDF.",
            "file-kind-mismatch": "This file is not what its name says and was not taken. Send the original file, not "
            "renamed.",
            "file-carries-script": "This file carries something that could run and, to be safe, was not taken. Send a "
            "photo or a picture of the screen instead.",
            "file-unreadable": "This PDF is damaged or has a password, and was not taken. Save it anew without a "
            "password, or send photos.",
            "too-many-files": "No more files can be added here. If you have more evidence, call the complaint line.",
            "storage-away": "Files cannot be kept at this moment, and yours was not taken. Please send it again in "
            "a few minutes.",
        },
        not_shown={
            "too-many-requests": "That was too often. {again}",
            "busy": "We are busy for a moment. Please open the page again soon.",
            "internal": "Something went wrong on our side. Please open the page again soon.",
            "invalid": "This address cannot be opened. Copy the link whole from the message.",
        },
        again_in="Please try again in {minutes} minutes.",
        soon="Please wait a moment and try again.",
        not_taken="This was not taken; please look again.",
        back="Back to the case",
        choose="please choose",
        line="Complaint line, day and night: {line}",
        zone="Times are those of {zone}",
        zones={"Asia/Shanghai": "Beijing (Asia/Shanghai)"},
    ),
}
