"""What happens in a franchise network all day: orders, complaints and their answers, visits and calls."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from deploy.demo.backend import Backend, Json, Refused, all_at_once

SUBJECTS = ("delivery", "after_sales", "product", "service")
WORDS = {
    "delivery": ("物流部", "上周订的货到现在还没有送到，店里已经断货了。"),
    "after_sales": ("品牌运营部", "退回的两瓶精华三周了还没有处理，请告知进度。"),
    "product": ("品牌运营部", "产品和说明不一致，请尽快处理。"),
    "service": ("品牌运营部", "约好的驻店培训没有人来，也没有人通知。"),
}
ANSWER = "已核实：今天补发，明早送到，运费由我们承担。"
PLACES = {"stay": "店内", "visit": "店内"}
CONTENTS = {
    "stay": "驻店辅导：面部护理手法与新品陈列。",
    "visit": "查看库存与陈列，商定下月进货。",
    "phone": "电话回访：客情良好，对新品有兴趣。",
    "message": "已发送本月活动说明。",
}
MINUTES = {"stay": 480, "visit": 60, "phone": 12, "message": 5}
NO_LONGER_OPEN = "task-not-open"
"""A close or an order has changed what is owed, or somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint of the demo."""

    id: str
    number: str
    store: Json


def complain(backend: Backend, store: Json, subject: str) -> Case:
    """The store calls: a case is recorded."""
    department, words = WORDS[subject]
    opened = backend.post(
        "/complaints/v1/complaints",
        {
            "customer_id": store["id"],
            "kind": "complaint",
            "subject": subject,
            "against": {"type": "department", "name": department},
            "text": words,
            "channel": "line",
            "wish": "请今天给出明确答复",
        },
    )
    return Case(opened["id"], opened["number"], store)


def answer(backend: Backend, case_id: str) -> Json:
    """The case as it stands after its answer."""
    return backend.post(f"/complaints/v1/complaints/{case_id}/answer", {"text": ANSWER})


def order(backend: Backend, store: Json, brand_id: str, amount: int, external_no: str) -> None:
    """The store buys now."""
    backend.post(
        "/customers/v1/purchases",
        {
            "customer_id": store["id"],
            "brand_id": brand_id,
            "amount": str(amount),
            "occurred_at": backend.now().isoformat(),
            "external_no": external_no,
        },
    )


def welcome_tasks(backend: Backend, now: datetime) -> list[Json]:
    """Visits and calls that somebody owes and that may be done now."""
    owed = backend.every("/care/v1/tasks", state="open", kind="obligation")
    return [task for task in owed if task["assignee_id"] and moment(task["not_before"]) <= now]


def serve(backend: Backend, tasks: Iterable[Json]) -> int:
    """Does the tasks; how many they were. What is owed no longer since it was looked up is left alone."""

    def finish(task: Json) -> bool:
        contact = task["contact"]
        record = {"minutes": MINUTES[contact], "content": CONTENTS[contact], "place": PLACES.get(contact)}
        try:
            backend.post(f"/care/v1/tasks/{task['id']}/done", record)
        except Refused as refused:
            if refused.slug != NO_LONGER_OPEN:
                raise
            return False
        return True

    return sum(all_at_once(finish, tasks))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def cycle_of(random: Random, things: Sequence[Json]) -> Iterator[Json]:
    """The things again and again, each time in another order."""
    while True:
        yield from random.sample(things, len(things))


Act = Callable[[], str | None]
"""Something that somebody does; the sentence that tells it, None when there was nothing to do."""
