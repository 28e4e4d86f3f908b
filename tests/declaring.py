"""No operation answers an error that it does not declare: watched in every test (see `shared.http.declared`)."""

from typing import Final

from shared.http.declared import UNDECLARED
from shared.settings import SERVICES, ServiceName

DECLARING: Final[tuple[ServiceName, ...]] = SERVICES
"""The services whose operations declare what they raise."""


def undeclared() -> dict[str, float]:
    """What was answered in this process without being declared -> how often."""
    samples = [sample for metric in UNDECLARED.collect() for sample in metric.samples]
    return {
        "{service} {operation} {slug}".format(**sample.labels): sample.value
        for sample in samples
        if sample.name.endswith("_total") and sample.labels["service"] in DECLARING
    }
