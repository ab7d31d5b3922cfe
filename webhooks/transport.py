"""An httpx transport that connects only to an address that was checked, within one time limit for everything.

The host is resolved once; the socket goes to one of the checked addresses, while ``Host``, SNI and the certificate
check keep the name of the URL, so a second, different DNS answer has no one to fool. No proxy, no redirect, no pool:
each request is judged by itself.
"""

import contextlib
import functools
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from webhooks.addresses import Address, AddressPolicy, Resolver, check_url, resolve, system_resolver

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0


class GuardedTransport(httpx.BaseTransport):
    """Raises ``addresses.AddressRefused`` before a byte is sent, else the errors of httpx.

    ``elapsed`` counts seconds from any origin (a test may count by itself); it limits, it never dates anything.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        resolver: Resolver = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._ssl_context = ssl_context or _public_trust()
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds
        self._elapsed = elapsed

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        limit = _Limit(self._elapsed, self._total_seconds)
        target = check_url(str(request.url), self._policy)
        addresses = resolve(target, self._policy, self._resolver, min(self._connect_seconds, limit.left()))
        pool = httpcore.ConnectionPool(
            ssl_context=self._ssl_context,
            http2=False,
            network_backend=_CheckedNetwork(addresses, self._connect_seconds, limit),
        )
        with _httpx_errors():
            response = pool.handle_request(_core_request(request))
        return httpx.Response(response.status, headers=response.headers, stream=_Stream(response, pool))


@functools.cache
def _public_trust() -> ssl.SSLContext:
    """The usual public authorities; reading them takes longer than a delivery, so once for all."""
    return httpx.create_ssl_context(trust_env=False)


class _Limit:
    """How much of the total time is left."""

    def __init__(self, elapsed: Callable[[], float], seconds: float) -> None:
        self._elapsed = elapsed
        self._end = elapsed() + seconds

    def left(self) -> float:
        left = self._end - self._elapsed()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole exchange took too long")
        return left

    def within(self, seconds: float) -> "_Limit":
        """A shorter limit that begins now and ends no later."""
        return _Limit(self._elapsed, self.of(seconds))

    def of(self, timeout: float | None) -> float:
        return self.left() if timeout is None else min(timeout, self.left())


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to the checked addresses, one after the other, whatever host is asked for."""

    def __init__(self, addresses: Iterable[Address], connect_seconds: float, limit: _Limit) -> None:
        self._addresses = tuple(addresses)
        self._connect_seconds = connect_seconds
        self._limit = limit
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        budget = self._limit.within(self._connect_seconds)
        failure: Exception = httpcore.ConnectError("no address to connect to")
        for address in self._addresses:
            try:
                stream = self._sockets.connect_tcp(str(address), port, budget.left(), None, socket_options)
                return _LimitedStream(stream, self._limit)
            except (httpcore.ConnectError, httpcore.TimeoutException) as error:
                failure = error
        raise failure


class _LimitedStream(httpcore.NetworkStream):
    """A stream whose every read and write gets only what is left, so that a drip of bytes cannot hold a worker."""

    def __init__(self, stream: httpcore.NetworkStream, limit: _Limit) -> None:
        self._stream = stream
        self._limit = limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._limit.of(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._limit.of(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._limit.of(timeout))
        return _LimitedStream(secured, self._limit)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._response = response
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
        self._pool.close()


def _core_request(request: httpx.Request) -> httpcore.Request:
    url = httpcore.URL(
        scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
    )
    return httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())


@contextlib.contextmanager
def _httpx_errors() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpx.TransportError(str(error)) from error
