"""`crm demo`: builds a franchise network in what runs and tells the main story, step by step.

Each step says what is expected, shows what happened and how long it took to reach the other services, and ends the
demo with exit code 1 when something did not happen. It can be told again on the same data: every run has its own
stores and numbers, people and brands are shared, business time only moves forward.
"""

import sys
import time
from collections.abc import Mapping

from deploy.demo.accountable import tell_accountable
from deploy.demo.backend import Backend, DemoFailed
from deploy.demo.building import build
from deploy.demo.calling import tell_call
from deploy.demo.consequence import tell_consequence, tell_making_good
from deploy.demo.leaving import tell_leaving
from deploy.demo.merging import tell_merge
from deploy.demo.network import tell_network
from deploy.demo.plan import STORES, Size
from deploy.demo.reports import tally, tell_reports
from deploy.demo.rising import tell_rise
from deploy.demo.safety import tell_batch
from deploy.demo.silence import answer_all, tell_silence
from deploy.demo.stage import Stage
from deploy.demo.stars import tell_stars
from deploy.demo.today import tell_today
from deploy.demo.weeks import tell_weeks
from deploy.demo.worth import tell_worth


def tell(url: str, tokens: Mapping[str, str], size: str) -> None:
    """Tells the story against `url`; exits with code 1 and one clear line when something did not happen."""
    stage = Stage()
    try:
        with Backend(url, tokens) as backend:
            _tell(backend, stage, _known(size))
    except DemoFailed as failure:
        stage.failed(str(failure))
        sys.exit(1)


def _known(size: str) -> Size:
    for known in STORES:
        if known == size:
            return known
    raise DemoFailed(f"there is no size {size}; there are: {', '.join(STORES)}")


def _tell(backend: Backend, stage: Stage, size: Size) -> None:
    began = time.perf_counter()
    stage.chapter(f"0 · A franchise network of {STORES[size]:,} stores")
    built = build(backend, stage, size)
    before = tally(backend)
    cases = tell_rise(backend, stage, built)
    answer_all(backend, stage, cases)
    tell_silence(backend, stage, built)
    tell_reports(backend, stage, built, before, len(cases))
    case = tell_accountable(backend, stage, built)
    month = tell_consequence(backend, stage, built, case)
    tell_weeks(backend, stage, built)
    tell_making_good(backend, stage, built, month)
    tell_batch(backend, stage, built)
    tell_network(backend, stage, built)
    tell_merge(backend, stage, built)
    tell_call(backend, stage, built)
    tell_worth(backend, stage, built)
    tell_leaving(backend, stage)
    tell_stars(backend, stage, built)
    tell_today(backend, stage, built)
    stage.chapter("The end")
    stage.say(
        f"Everything happened as expected, in {time.perf_counter() - began:.0f} s. Look around at "
        f"{backend.url}/ops and {backend.url}/customers/docs, and read the messages: files in the data folder "
        "under outbox/. make live keeps it going; it can be told again: make demo."
    )
