"""A timestamp authority (RFC 3161) to test against: ``openssl ts`` behind a small HTTP server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Kapok test
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamp]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    def __init__(self, folder: Path) -> None:
        assert shutil.which("openssl"), "Expected the openssl command on this machine: apt-get install openssl"
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "conf").write_text(_CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Kapok test root",
                      "-keyout", "root.key", "-out", "root.pem", "-extensions", "root")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Kapok test authority", "-keyout", "tsa.key",
                      "-out", "tsa.csr")
        self._openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                      "-days", "30", "-extfile", "conf", "-extensions", "stamp", "-out", "tsa.pem")
        self.url = ""

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-queryfile", "query", "-section", "own", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def verifies(self, token: bytes, text: bytes) -> bool:
        """What somebody without Kapok does with a bundle."""
        (self.folder / "t.tsr").write_bytes(token)
        (self.folder / "t.txt").write_bytes(text)
        run = subprocess.run(["openssl", "ts", "-verify", "-data", "t.txt", "-in", "t.tsr", "-CAfile", "root.pem"],
                             cwd=self.folder, capture_output=True, check=False)
        return b"Verification: OK" in run.stdout + run.stderr

    def _openssl(self, *words: str) -> None:
        named = ["-config", "conf"] if words[0] in ("req", "ts") else []
        subprocess.run(["openssl", *words, *named], cwd=self.folder, check=True, capture_output=True)


@contextmanager
def serving(folder: Path) -> Iterator[Authority]:
    authority = Authority(folder)

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
