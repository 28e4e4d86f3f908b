"""Messages on standard output, for trying out; refused in production, where the output is a log."""

import sys
from collections.abc import Callable

from shared.delivery.port import Outgoing, Receipt
from shared.masking import masked


class ConsoleProvider:
    """Writes the message with its address masked; a key that this process has written is not written again."""

    name = "console"

    def __init__(self, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._write = write
        self._written: set[str] = set()

    async def send(self, message: Outgoing) -> Receipt:
        if message.key not in self._written:
            self._write(f"[{message.channel} to {masked(message.address)}] {message.subject}\n{message.body}\n\n")
            self._written.add(message.key)
        return Receipt(self.name, message.key)
