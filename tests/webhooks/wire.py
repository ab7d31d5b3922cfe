"""Real servers on the loopback for tests of the outbound side: what they saw, and what they answer."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Script = Callable[[socket.socket], None]


class Listener:
    """A listening socket that counts connections and plays ``script`` on each. ``seen`` holds what was read."""

    def __init__(self, script: Script, family: int = socket.AF_INET, host: str = "127.0.0.1", port: int = 0) -> None:
        self.connections = 0
        self.seen: list[bytes] = []
        self._script = script
        self._socket = socket.create_server((host, port), family=family)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):  # closing alone leaves the thread in accept(), and the port open
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.settimeout(5)
                try:
                    self._script(connection)
                except OSError:
                    continue


@contextmanager
def listening(script: Script, family: int = socket.AF_INET, host: str = "127.0.0.1") -> Iterator[Listener]:
    listener = Listener(script, family, host)
    try:
        yield listener
    finally:
        listener.close()


def read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one HTTP/1.1 request with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data, b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


def answering(
    status: int = 202,
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    seen: list[tuple[bytes, bytes]] | None = None,
) -> Script:
    """Answers each request in the same way and closes."""

    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        if seen is not None:
            seen.append(request)
        lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines = [f"HTTP/1.1 {status} X", *lines, f"content-length: {len(body)}", "connection: close"]
        head = "\r\n".join([*lines, "", ""])
        connection.sendall(head.encode("latin-1") + body)

    return script


def secured(script: Script, folder: Path, name: str, sni: list[str | None]) -> tuple[Script, ssl.SSLContext]:
    """``script`` behind TLS with a certificate for ``name``; notes the SNI. Second: a client context that trusts it."""
    certificate = _certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, given, _context: sni.append(given)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            script(secure)

    client = ssl.create_default_context(cafile=str(certificate))
    return wrapped, client


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)  # the TLS library reads the clock itself
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name.replace(".", "").isdigit():
        names = [x509.IPAddress(ipaddress.ip_address(name))]
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    path = folder / f"{name}.pem"
    path.write_bytes(pem)
    return path
