"""The public API as the demo uses it: a client in any role that says clearly what did not happen."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeAlias, TypeVar

import httpx

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")
U = TypeVar("U")

PATIENCE = 10.0
"""Seconds within which everything that follows from a step must be seen."""
LOOK_EVERY = 0.01
HANDS = 8
"""Requests under way at once while the network is built."""


class DemoFailed(Exception):
    """Something did not happen; the message says what."""


class Refused(DemoFailed):
    """A request was refused; `slug` says why, for programs."""

    def __init__(self, message: str, slug: str | None) -> None:
        super().__init__(message)
        self.slug = slug


@dataclass(frozen=True, slots=True)
class Seen:
    """What was waited for, and how many seconds after the waiting began."""

    value: Any
    seconds: float


class Backend:
    """Every answer that is an error raises DemoFailed."""

    def __init__(self, url: str, tokens: Mapping[str, str], role: str = "admin") -> None:
        self.url = url
        self._tokens = tokens
        self._others: dict[str, Backend] = {}
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {tokens[role]}"},
            timeout=120,
            limits=httpx.Limits(max_connections=2 * HANDS),
            trust_env=False,  # a proxy has no business between a terminal and its loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for other in self._others.values():
            other.__exit__()
        self._http.close()

    def speaking_as(self, role: str) -> "Backend":
        """The same as whoever has the ready token of a role."""
        if role not in self._others:
            self._others[role] = Backend(self.url, self._tokens, role)
        return self._others[role]

    def get(self, path: str, **params: Any) -> Json:
        return self._ask("GET", path, params={name: value for name, value in params.items() if value is not None})

    def post(self, path: str, body: Json | None = None, **more: Any) -> Json:
        return self._ask("POST", path, json=body, **more)

    def put(self, path: str, body: Json) -> Json:
        return self._ask("PUT", path, json=body)

    def patch(self, path: str, body: Json) -> Json:
        """Over whatever version stands."""
        return self._ask("PATCH", path, json=body, headers={"If-Match": "*"})

    def upload(self, path: str, name: str, content: bytes, fields: Mapping[str, str]) -> Json:
        return self._ask("POST", path, files={"file": (name, content, "text/csv")}, data=dict(fields))

    def every(self, path: str, **params: Any) -> Iterator[Json]:
        """All items of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **params, limit=500, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def now(self) -> datetime:
        """Business time."""
        return datetime.fromisoformat(self.get("/rehearsal/clock")["now"])

    def forward(self, duration: str) -> datetime:
        """Moves business time by an ISO 8601 duration."""
        return datetime.fromisoformat(self.post("/rehearsal/clock", {"forward": duration})["now"])

    def _ask(self, method: str, path: str, **how: Any) -> Json:
        try:
            answer = self._http.request(method, path, **how)
        except httpx.ConnectError:
            raise DemoFailed(f"nothing answers at {self.url}: start it in another terminal with make run") from None
        except httpx.HTTPError as fault:
            raise DemoFailed(f"{method} {path} was not answered ({type(fault).__name__})") from None
        if answer.is_error:
            raise Refused(f"{method} {path} answered {answer.status_code}: {_reason(answer)}", _slug(answer))
        found: Json = answer.json()
        return found


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return "; ".join([problem["detail"], *(f"{e['pointer']}: {e['detail']}" for e in problem["errors"])])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]


def _slug(answer: httpx.Response) -> str | None:
    try:
        slug: str | None = answer.json()["slug"]
    except (ValueError, KeyError, TypeError):
        return None
    return slug


def all_at_once(work: Callable[[U], T], things: Iterable[U]) -> Iterator[T]:
    """Does the work for every thing with a few hands; results come in order."""
    with ThreadPoolExecutor(HANDS) as hands:
        yield from hands.map(work, things)


def wait_for(
    expected: Mapping[str, Callable[[], object]], since: float | None = None, *, patience: float = PATIENCE
) -> dict[str, Seen]:
    """Asks in turn until everything expected is there; what is empty or false is not there yet.

    Seconds count from `since` (of `time.perf_counter`). Raises DemoFailed naming the first that did not happen.
    """
    began = since or time.perf_counter()
    seen: dict[str, Seen] = {}
    while True:
        for name, ask in expected.items():
            if name in seen:
                continue
            if value := ask():
                seen[name] = Seen(value, time.perf_counter() - began)
        missing = [name for name in expected if name not in seen]
        if not missing:
            return {name: seen[name] for name in expected}
        if time.perf_counter() - began > patience:
            raise DemoFailed(f"did not happen within {patience:.0f} s: {missing[0]}")
        time.sleep(LOOK_EVERY if time.perf_counter() - began < PATIENCE else 1)


def wait_until(what: str, ask: Callable[[], object], since: float | None = None) -> Seen:
    """The same for one thing."""
    return wait_for({what: ask}, since)[what]


def check(is_so: bool, what: str) -> None:
    """Raises DemoFailed unless it is so."""
    if not is_so:
        raise DemoFailed(what)
