"""Which provider takes which channel."""

from collections.abc import Mapping

from shared.delivery.console import ConsoleProvider
from shared.delivery.folder import FolderProvider
from shared.delivery.port import CHANNELS, Channel, Outgoing, PermanentFailure, Provider, Receipt
from shared.delivery.settings import DeliverySettings
from shared.delivery.smtp import SmtpProvider
from shared.delivery.web import SmsGateway, WebhookProvider
from shared.settings import Settings


class Off:
    """Of a channel that the company does not use: messages that would go by it fail, and say so."""

    name = "off"

    async def send(self, _: Outgoing) -> Receipt:
        """Raises PermanentFailure."""
        raise PermanentFailure("channel-off")


class Providers:
    """A provider per channel."""

    def __init__(self, by_channel: Mapping[Channel, Provider]) -> None:
        self._by_channel = by_channel

    async def send(self, message: Outgoing) -> Receipt:
        """Hands the message to its channel's provider; raises TransientFailure or PermanentFailure."""
        return await self._by_channel[message.channel].send(message)


def providers(settings: Settings, delivery: DeliverySettings | None = None) -> Providers:
    """The providers that the settings choose; raises ValueError for a choice that cannot work."""
    delivery = delivery or DeliverySettings()
    chosen = {channel: getattr(delivery, channel) for channel in CHANNELS}
    return Providers({channel: _provider(name, settings, delivery) for channel, name in chosen.items()})


def _provider(name: str, settings: Settings, delivery: DeliverySettings) -> Provider:
    match name:
        case "smtp":
            return SmtpProvider(delivery)
        case "gateway":
            return SmsGateway(delivery)
        case "webhook":
            return WebhookProvider(delivery)
        case "off":
            return Off()
        case "console":
            return ConsoleProvider()
        case _:
            return FolderProvider(settings.outbox_directory)
