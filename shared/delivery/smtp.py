"""E-mail over SMTP."""

from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.delivery.settings import DeliverySettings


class SmtpProvider:
    """Sends by the configured server; the key is the Message-ID, by which servers and readers drop repetitions."""

    name = "smtp"

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings

    async def send(self, message: Outgoing) -> Receipt:
        mail = self._mail(message)
        settings = self._settings
        try:
            await aiosmtplib.send(
                mail,
                sender=settings.smtp_sender,
                recipients=[message.address],
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user or None,
                password=settings.smtp_password.get_secret_value() or None,
                start_tls=settings.smtp_start_tls,
                use_tls=settings.smtp_tls,
                timeout=settings.seconds,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as fault:
            raise _judged(fault) from None
        except (aiosmtplib.SMTPException, OSError) as fault:
            raise TransientFailure(f"smtp-{type(fault).__name__}") from None
        return Receipt(self.name, mail["Message-ID"])

    def _mail(self, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["Message-ID"] = f"<{message.key}@{self._settings.smtp_sender.rpartition('@')[2]}>"
            mail["From"] = self._settings.smtp_sender
            mail["To"] = message.address
            mail["Subject"] = message.subject
            mail["Date"] = format_datetime(message.at)
            mail["Content-Language"] = message.language
            if message.unsubscribe_url:
                mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
                mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        except (ValueError, MessageError):
            raise PermanentFailure("header-not-allowed") from None
        mail.set_content(message.body)
        return mail


def _judged(fault: Exception) -> TransientFailure | PermanentFailure:
    """5xx answers are final, all others pass (RFC 5321, 4.2.1)."""
    codes = [one.code for one in fault.recipients] if isinstance(fault, aiosmtplib.SMTPRecipientsRefused) else []
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        codes.append(fault.code)
    reason = f"smtp-{codes[0] if codes else 'refused'}"
    return PermanentFailure(reason) if codes and all(500 <= code < 600 for code in codes) else TransientFailure(reason)
