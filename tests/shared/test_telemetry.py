"""Spans: what they say of a fault, and what is current inside them."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from shared import telemetry
from shared.telemetry import current_traceparent, span

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What a collector would be sent."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


def test_a_fault_is_named_by_its_class_alone(exported: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Wang"), span("recording"):
        raise ValueError("Wang Fang, +8613900001234")
    [ended] = exported.get_finished_spans()
    assert (ended.status.status_code, ended.status.description) == (StatusCode.ERROR, "ValueError")
    assert "Wang" not in ended.to_json()


def test_a_span_goes_on_with_the_trace_of_its_parent_and_ends_with_its_block(exported: InMemorySpanExporter) -> None:
    before = current_traceparent()
    with span("recording", parent=PARENT) as started:
        assert trace.get_current_span() is started
        assert (current_traceparent() or "").split("-")[1] == PARENT.split("-")[1]
    assert current_traceparent() == before
    [ended] = exported.get_finished_spans()
    assert (ended.name, ended.status.status_code) == ("recording", StatusCode.UNSET)
