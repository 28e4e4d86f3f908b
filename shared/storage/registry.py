"""Which storage is used."""

from shared.settings import Settings
from shared.storage.folder import FolderStorage
from shared.storage.port import Storage
from shared.storage.s3 import S3Storage
from shared.storage.settings import StorageSettings


def storage_of(settings: Settings, storage: StorageSettings | None = None) -> Storage:
    """The storage that the settings choose. Raises ValueError for a choice that cannot work."""
    storage = storage or StorageSettings()
    return S3Storage(storage) if storage.kind == "s3" else FolderStorage(settings.files_directory)
