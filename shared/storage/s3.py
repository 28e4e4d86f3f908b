"""Contents as objects of an S3-compatible server."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from shared.storage.port import PIECE, NothingStored, StorageFault, checked
from shared.storage.settings import StorageSettings
from shared.storage.uploads import Uploads

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


class S3Storage:
    """The server completes an object when its last part is there: whole or not at all."""

    def __init__(self, settings: StorageSettings) -> None:
        """Raises ValueError without a bucket."""
        if not settings.bucket:
            raise ValueError("CRM_STORAGE_BUCKET names the bucket when CRM_STORAGE_KIND is s3")
        client: ClientConfig = {
            "allow_http": settings.url.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=settings.seconds),
        }
        self._uploads = Uploads(settings)
        self._store = S3Store(
            settings.bucket,
            endpoint=settings.url or None,
            region=settings.region,
            access_key_id=settings.access_key or None,
            secret_access_key=settings.secret_key.get_secret_value() or None,
            virtual_hosted_style_request=settings.bucket_in_host,
            client_options=client,
            retry_config=_RETRIES,
        )

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> None:
        """Nothing but the store's own refusals is called away: what the pieces raise goes through."""
        source = _Watched(pieces)
        try:
            await obstore.put_async(self._store, checked(key), source)
        except (BaseError, FileNotFoundError) as fault:  # the latter: no such bucket
            if source.fault is not None:
                raise source.fault from None
            raise _away(fault) from fault

    async def read(self, key: str) -> AsyncIterator[bytes]:
        try:
            found = await obstore.get_async(self._store, checked(key))
            async for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)
        except FileNotFoundError:
            raise NothingStored from None
        except BaseError as fault:
            raise _away(fault) from fault

    async def remove(self, key: str) -> None:
        """The object, and the parts that somebody left who was killed; these first, so that nobody ends them after."""
        await self._uploads.end(checked(key))
        try:
            await obstore.delete_async(self._store, checked(key))
        except FileNotFoundError:
            return
        except BaseError as fault:
            raise _away(fault) from fault


class _Watched:
    """Pieces on their way into the library, which tells of their faults as of its own."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self.fault: Exception | None = None

    def __aiter__(self) -> "_Watched":
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._pieces)
        except StopAsyncIteration:
            raise
        except Exception as fault:
            self.fault = fault
            raise


def _away(fault: Exception) -> StorageFault:
    return StorageFault(f"s3-{type(fault).__name__}")
