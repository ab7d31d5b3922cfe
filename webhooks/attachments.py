"""Files travel by reference: fetched through the address guard, no longer than announced, and only if the hash agrees.

Nothing is believed but the SHA-256 in the signed envelope; the sink holds unproven bytes until :func:`fetch` returns.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx

from webhooks.addresses import AddressRefused, read_url
from webhooks.transport import CONNECT_SECONDS

MAX_FILE = 200 * 1024 * 1024
_READ_SECONDS = 30.0


class Sink(Protocol):
    """Where the bytes go, such as a staged file."""

    def write(self, data: bytes, /) -> object: ...


class AttachmentError(Exception):
    """``code`` is stable; ``permanent`` when fetching again cannot help."""

    def __init__(self, code: str, message: str, permanent: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True)
class Attachment:
    """One entry of an envelope's ``attachments``; ``size`` in bytes, ``sha256`` as lower-case hex."""

    file_id: str
    name: str
    media: str
    size: int
    sha256: str
    url: str
    expires_at: datetime | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Attachment":
        """From a validated envelope."""
        expires = row.get("expires_at")
        return cls(
            row["file_id"],
            row["name"],
            row["media"],
            row["size"],
            row["sha256"],
            row["url"],
            datetime.fromisoformat(expires) if expires else None,
        )


def fetch(
    attachment: Attachment, sink: Sink, transport: httpx.BaseTransport, now: datetime, max_bytes: int = MAX_FILE
) -> None:
    """Write the file's bytes to ``sink``. Raises :class:`AttachmentError` unless they are what the envelope says.

    ``transport`` is a :class:`webhooks.transport.GuardedTransport` whose total time suits files.
    """
    if attachment.size > max_bytes:
        raise AttachmentError("too_large", f"Expected at most {max_bytes} bytes, not {attachment.size}.", True)
    if attachment.expires_at is not None and attachment.expires_at <= now:
        raise AttachmentError("expired", f"Expected a link valid now, but it ended {attachment.expires_at}.", True)
    try:
        digest = _download(attachment, sink, transport)
    except AddressRefused as error:
        raise AttachmentError(error.code, error.message, error.permanent) from None
    except httpx.TimeoutException as error:
        raise AttachmentError("timeout", f"Expected the file in time, but {error}.", permanent=False) from None
    except httpx.HTTPError as error:
        raise AttachmentError("connection", f"Expected to fetch the file, but {error}.", permanent=False) from None
    except httpx.InvalidURL as error:
        raise AttachmentError("url_malformed", f"Expected a URL, but {error}.", permanent=True) from None
    if digest != attachment.sha256:
        raise AttachmentError("hash_differs", f"Expected SHA-256 {attachment.sha256}, but found {digest}.", True)


def _download(attachment: Attachment, sink: Sink, transport: httpx.BaseTransport) -> str:
    read_url(attachment.url)
    digest, read = hashlib.sha256(), 0
    timeout = httpx.Timeout(_READ_SECONDS, connect=CONNECT_SECONDS)
    with (
        httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream("GET", attachment.url, headers={"accept-encoding": "identity"}) as response,
    ):
        if response.status_code != 200:
            gone = response.status_code in (404, 410)
            raise AttachmentError(f"http_{response.status_code}", "Expected the file with status 200.", permanent=gone)
        for chunk in response.iter_raw():
            read += len(chunk)
            if read > attachment.size:
                raise AttachmentError("size_differs", f"Expected {attachment.size} bytes, but there are more.", True)
            digest.update(chunk)
            sink.write(chunk)
    if read != attachment.size:
        raise AttachmentError("size_differs", f"Expected {attachment.size} bytes, but found {read}.", permanent=False)
    return digest.hexdigest()
