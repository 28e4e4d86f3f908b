"""`crm live`: a steady, believable traffic in what runs, until it is stopped."""

import sys
import time
from collections.abc import Iterator
from itertools import count, islice
from random import Random

from deploy.demo.backend import Backend, DemoFailed, Json, check
from deploy.demo.stage import Stage
from deploy.demo.traffic import SUBJECTS, Act, answer, complain, cycle_of, order, serve, welcome_tasks
from shared.ids import new_id

MOST_STORES = 500
MOST_WAITING = 8
"""Above that specialists answer before anything else happens."""
WEIGHTS = {"order": 5, "serve": 4, "complain": 2, "answer": 2}


def keep_going(url: str, admin_token: str, a_minute: float, seconds: float | None = None) -> None:
    """Does `a_minute` things a minute until Ctrl-C, or for so many seconds; exits with code 1 when that cannot be."""
    stage = Stage()
    try:
        with Backend(url, {"admin": admin_token}) as backend:
            _go_on(backend, stage, a_minute, seconds)
    except DemoFailed as failure:
        stage.failed(str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        stage.done("Stopped.")


def _go_on(backend: Backend, stage: Stage, a_minute: float, seconds: float | None) -> None:
    people = _People(backend, Random())
    stage.say(f"About {a_minute:g} things a minute happen until Ctrl-C; look at {backend.url}/ops.")
    began = time.perf_counter()
    for done in count(1):
        if said := people.act():
            stage.done(said)
        left = began + done * 60 / a_minute - time.perf_counter()
        if seconds is not None and time.perf_counter() + max(left, 0) - began > seconds:
            return
        time.sleep(max(left, 0))


class _People:
    """Stores, specialists and colleagues, each at their turn."""

    def __init__(self, backend: Backend, random: Random) -> None:
        self._backend = backend
        self._random = random
        stores = list(islice(_stores(backend), MOST_STORES))
        self._brands = [brand["id"] for brand in backend.every("/customers/v1/brands")]
        check(bool(stores) and bool(self._brands), "there is no network yet: build one first, with make demo")
        self._stores = cycle_of(random, stores)
        self._names = {store["id"]: store["name"] for store in stores}
        self._acts: dict[str, Act] = {
            "order": self._order,
            "serve": self._serve,
            "complain": self._complain,
            "answer": self._answer,
        }

    def act(self) -> str | None:
        """The next thing that happens, as a sentence."""
        waiting = self._backend.get("/complaints/v1/queue", limit=MOST_WAITING + 1)["items"]
        if len(waiting) > MOST_WAITING:
            return self._answer()
        [act] = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        return self._acts[act]()

    def _order(self) -> str:
        store, amount = next(self._stores), self._random.randint(60, 2_600)
        order(self._backend, store, self._random.choice(self._brands), amount, f"live-{new_id()}")
        return f"{store['name']} orders for {amount:,} yuan"

    def _serve(self) -> str | None:
        tasks = welcome_tasks(self._backend, self._backend.now())
        if not tasks:
            return None
        task = min(self._random.sample(tasks, min(5, len(tasks))), key=lambda each: str(each["due_at"]))
        if not serve(self._backend, [task]):
            return None
        return f"{task['role']} · {task['contact']} at {task['customer_name'] or 'a customer'}: done"

    def _complain(self) -> str:
        case = complain(self._backend, next(self._stores), self._random.choice(SUBJECTS))
        return f"{case.store['name']} complains: {case.number}"

    def _answer(self) -> str | None:
        queue = self._backend.get("/complaints/v1/queue", limit=1)["items"]
        if not queue:
            return None
        answer(self._backend, queue[0]["id"])
        return f"{queue[0]['number']} is answered"


def _stores(backend: Backend) -> Iterator[Json]:
    return (customer for customer in backend.every("/customers/v1/customers") if customer["kind"] == "store")
