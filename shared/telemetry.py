"""Structured logs, metrics and traces. Never a secret, never a person's data.

A trace begins at the HTTP edge (or continues the caller's `traceparent`), is written into the event that the request
causes, and goes on in every service that reacts.
"""

import logging
import sys
import time
import traceback
from contextvars import Context, ContextVar, copy_context
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from prometheus_client import Counter, Histogram, disable_created_metrics

from shared.repeats import Repeats
from shared.settings import Settings

disable_created_metrics()  # type: ignore[no-untyped-call]  # when series began: a third of the page, nobody asks

EVENTS_PUBLISHED = Counter("crm_events_published_total", "Events published by the relay", ["service"])
EVENTS_TAKEN = Counter("crm_events_taken_total", "Events a consumer has finished", ["consumer", "outcome"])
EVENT_LAG = Histogram(
    "crm_event_lag_seconds",
    "From recording an event to its effect in this consumer, real time",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 300),
)
REQUESTS = Counter("crm_http_requests_total", "Requests answered", ["service", "operation", "status"])
REQUEST_SECONDS = Histogram(
    "crm_http_request_seconds",
    "Time to answer",
    ["service", "operation"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
TIMER_LATENESS = Histogram(
    "crm_timer_lateness_seconds",
    "From a due moment to the commit that noticed it",
    ["timer"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30, 300, 3600),
)
MODEL_FITS = Counter("crm_model_fits_total", "Fits of the models of who still buys", ["outcome"])


SERVING: ContextVar[str | None] = ContextVar("the service that this task works for", default=None)
"""Where several services share a process; without it, the process's own."""

_process = {"service": "crm", "role": "command"}


EXPORT_SECONDS = 3.0
"""For a collector to take a batch; a process that stops while it is away ends so much later."""
TRACES_PATH = "/v1/traces"
"""Of OTLP over HTTP."""


def log(name: str) -> Any:
    """A structured logger; bind fields, never text with data in it."""
    return structlog.get_logger(name, part=name)


def context_of(service: str) -> Context:
    """A copy of the present context, for a task whose lines name this service."""
    context = copy_context()
    context.run(SERVING.set, service)
    return context


def configure_logging(level: str = "INFO", *, service: str = "crm", role: str = "command") -> None:
    """JSON lines on standard error, standard-library loggers included; each names its service and the process's role.

    Libraries repeat themselves at most once a minute.
    """
    _process.update(service=service, role=role)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_process,
        _add_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            _place_of_failure,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Repeats())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _place_of_failure,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(allow=["left_out"]),
                _first_line,
                *shared,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def configure_tracing(settings: Settings, service: str) -> None:
    """Samples `trace_ratio` of new traces and sends spans to `otlp_endpoint` when one is set."""
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
        resource=Resource.create({"service.name": f"crm-{service}"}),
    )
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(traces_at(settings.otlp_endpoint), timeout=EXPORT_SECONDS))
        )
    trace.set_tracer_provider(provider)


def traces_at(endpoint: str) -> str:
    """Where a collector takes spans: its address alone will do (`http://host:4318`), and so does the whole path."""
    address = endpoint.rstrip("/")
    return address if address.endswith(TRACES_PATH) else address + TRACES_PATH


def _add_process(_: Any, __: str, event: Any) -> Any:
    event.setdefault("service", SERVING.get() or _process["service"])
    event["role"] = _process["role"]
    if "part" in event:
        event["logger"] = event.pop("part")  # what libraries call it; structlog keeps that word for itself
    return event


def _add_trace(_: Any, __: str, event: Any) -> Any:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


def _first_line(_: Any, __: str, event: Any) -> Any:
    """What libraries add below their first line (asyncio above all) can be an error's text or a call's arguments."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _place_of_failure(_: Any, __: str, event: Any) -> Any:
    """Where it failed, without the error's text: that can quote a person's data (a row, a rejected field)."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    while isinstance(failure, BaseExceptionGroup) and len(failure.exceptions) == 1:
        failure = failure.exceptions[0]
    if isinstance(failure, BaseException):
        failure = (type(failure), failure, failure.__traceback__)
    if failure and failure[0] is not None:
        frames = traceback.extract_tb(failure[2])
        event["failure"] = f"{failure[0].__module__}.{failure[0].__qualname__}"
        event["stack"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def current_traceparent() -> str | None:
    """The W3C traceparent of the running span, to be carried by what it causes."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current_trace_id() -> str | None:
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _remote(traceparent: str | None) -> SpanContext | None:
    parts = (traceparent or "").split("-")
    if len(parts) != 4 or [len(part) for part in parts] != [2, 32, 16, 2]:
        return None
    try:
        context = SpanContext(int(parts[1], 16), int(parts[2], 16), True, TraceFlags(int(parts[3], 16)))
    except ValueError:
        return None
    return context if context.is_valid else None


_tracer = trace.get_tracer("crm")


class span:  # noqa: N801  # used as a block, like the library's own
    """Runs the block as a span; `parent` is a W3C traceparent from another process or an event.

    A fault that ends the block is named by its class alone: its text can quote a person's data.
    """

    __slots__ = ("_span", "_token")

    def __init__(self, name: str, *, parent: str | None = None, kind: SpanKind = SpanKind.INTERNAL) -> None:
        remote = _remote(parent)
        context = trace.set_span_in_context(NonRecordingSpan(remote)) if remote else None
        self._span = _tracer.start_span(name, context=context, kind=kind)

    def __enter__(self) -> Span:
        self._token = attach(trace.set_span_in_context(self._span))
        return self._span

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        detach(self._token)
        if fault is not None and issubclass(fault, Exception) and self._span.is_recording():
            self._span.set_status(StatusCode.ERROR, fault.__name__)
        self._span.end()


class Stopwatch:
    """Real seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began
