"""Where files are kept; environment with the prefix CRM_STORAGE_."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StorageSettings(BaseSettings):
    """A folder, unless an S3-compatible server is chosen."""

    model_config = SettingsConfigDict(env_prefix="CRM_STORAGE_", extra="ignore")

    kind: Literal["folder", "s3"] = "folder"

    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """The server's address; empty means that of Amazon's region."""
    bucket: str = ""
    bucket_in_host: bool = False
    """Whether the bucket's name stands before the server's, instead of behind it."""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: SecretStr = SecretStr("")
    seconds: float = Field(default=60, gt=0, le=600)
    """How long one request to the server may take."""
