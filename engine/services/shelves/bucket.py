"""A bucket of an object store that speaks S3. Loaded only where one is configured: it needs the extra ``kapok[s3]``.

What is put becomes visible when its last part has arrived; a failure takes the parts back. Memory holds one part.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import boto3
import structlog
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from engine.errors import ConfigurationError
from engine.services.shelves.shelf import CHUNK, StorageDown

PART = 8 << 20
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 30, 3
MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_WHOLE = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
_log = structlog.get_logger(__name__)
_FAULTS = (BotoCoreError, ClientError, S3UploadFailedError)


class BucketShelf:
    """``endpoint``: empty for that of the region. ``path_style``: the bucket in the path and not in the host name."""

    def __init__(self, endpoint: str, bucket: str, region: str, key_id: str, secret: str, path_style: bool) -> None:
        self._bucket = bucket
        self._client = boto3.client(
            "s3", endpoint_url=endpoint or None, region_name=region, aws_access_key_id=key_id,
            aws_secret_access_key=secret, config=Config(
                signature_version="s3v4", connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                request_checksum_calculation="when_required", response_checksum_validation="when_required",
                s3={"addressing_style": "path" if path_style else "virtual"}))

    def require_reachable(self) -> None:
        """Raises ``ConfigurationError`` when the bucket is not there, not ours, or does not answer."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            setting = "KAPOK_S3_KEY_ID" if status == 403 else "KAPOK_S3_BUCKET"
            raise ConfigurationError(setting=setting, expected="a bucket that these credentials open",
                                     found=f"refused with status {status} for {self._bucket}") from error
        except BotoCoreError as error:
            raise ConfigurationError(setting="KAPOK_S3_ENDPOINT", expected="an object store that answers",
                                     found=str(error)) from error

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        with _told("keep a file"):
            self._client.upload_fileobj(io.BufferedReader(_Pieces(pieces), CHUNK), self._bucket, name, Config=_WHOLE)

    def open(self, name: str) -> BinaryIO:
        with _told("give a file"):
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=name)
            except ClientError as error:
                if _code(error) in MISSING:
                    raise FileNotFoundError(name) from error
                raise
        return io.BufferedReader(_Body(found["Body"]), CHUNK)

    def exists(self, name: str) -> bool:
        with _told("look for a file"):
            try:
                self._client.head_object(Bucket=self._bucket, Key=name)
            except ClientError as error:
                if _code(error) in MISSING:
                    return False
                raise
        return True

    def remove(self, name: str) -> None:
        with _told("remove a file"):
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def names(self, under: str = "") -> Iterator[str]:
        with _told("list files"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=under):
                yield from (item["Key"] for item in page.get("Contents", ()))


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


@contextmanager
def _told(action: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        _log.warning("storage_failed", action=action, error=str(error))  # which may name addresses: not for everybody
        reason = _code(error) if isinstance(error, ClientError) else type(error).__name__
        raise StorageDown(action=action, reason=reason) from error


class _Pieces(io.RawIOBase):
    """An iterable of pieces, as a file to be read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        taken, self._left = self._left[:len(into)], self._left[len(into):]
        into[:len(taken)] = taken
        return len(taken)


class _Body(io.RawIOBase):
    """An answer under way; its faults are the storage's."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        with _told("give a file"):
            piece = self._body.read(len(into))
        into[:len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._body.close()
        super().close()
