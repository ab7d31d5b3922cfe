"""The sandbox partner's HTTP side, on the standard library alone."""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from webhooks.catalogue import Catalogue
from webhooks.receiver import MAX_BODY, Answer, PartnerView, receive
from webhooks.sandbox import page
from webhooks.sandbox.desk import Clock, Desk
from webhooks.sandbox.postman import FAULTS, Postman

MODES = ("normal", "slow", "status", "drop", "no_receipt", "bad_receipt", "redirect", "large")
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Behaviour:
    """How the next ``times`` deliveries are answered: one of MODES; ``status`` for ``status``, seconds for ``slow``."""

    mode: str = "normal"
    times: int = 0
    status: int = 500
    seconds: float = 30.0
    retry_after: str = ""


class OffsetClock:
    """A clock that may be moved, so that a sandbox keeps pace with an engine on virtual time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset = timedelta(0)

    def __call__(self) -> datetime:
        return self._clock() + self.offset

    def set(self, instant: datetime) -> None:
        self.offset = instant - self._clock()


class Sandbox:
    """One partner: its desk, its postman and how it behaves at the moment."""

    def __init__(
        self, desk: Desk, postman: Postman, view: PartnerView, clock: OffsetClock, catalogue: Catalogue, title: str
    ) -> None:
        self.desk = desk
        self.title = title
        self.catalogue = catalogue
        self._postman = postman
        self._view = view
        self._clock = clock
        self._behaviour = Behaviour()
        self._lock = threading.Lock()
        self._pause = threading.Event()

    def deliver(self, raw: bytes, headers: list[tuple[str, str]]) -> tuple[int, dict[str, str], bytes] | None:
        """The answer to a delivery; None: close the connection without one."""
        behaviour = self._next_behaviour()
        if behaviour.mode == "slow":
            self._pause.wait(behaviour.seconds)
        if behaviour.mode in ("normal", "slow"):
            return _plain(self._receive(raw, headers))
        return self._misbehave(behaviour, raw, headers)

    def control(self, action: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """One control request. Raises ``KeyError``, ``TypeError`` or ``ValueError`` when the wish is not understood."""
        actions: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "send": self._send,
            "plan": self._plan,
            "behave": self._behave,
            "configure": self._configure,
        }
        return actions[action](wish)

    def page(self, lang: str) -> str:
        return page.render(self.title, self.desk.code, self._postman.url, self._behaviour.mode, self.catalogue,
                           self.desk.speaks, self.desk.log(), lang)

    def _receive(self, raw: bytes, headers: list[tuple[str, str]]) -> Answer:
        return receive(raw, headers, self._view, self.desk, self._clock(), self.catalogue)

    def _next_behaviour(self) -> Behaviour:
        with self._lock:
            current = self._behaviour
            if current.times > 0:
                self._behaviour = replace(current, times=current.times - 1) if current.times > 1 else Behaviour()
            return current

    def _misbehave(
        self, behaviour: Behaviour, raw: bytes, headers: list[tuple[str, str]]
    ) -> tuple[int, dict[str, str], bytes] | None:
        if behaviour.mode == "status":
            retry_after = {"retry-after": behaviour.retry_after} if behaviour.retry_after else {}
            return behaviour.status, retry_after, b"sandbox: as you wished"
        if behaviour.mode == "redirect":
            return 307, {"location": "/elsewhere"}, b""
        if behaviour.mode == "large":
            return 202, {}, b"x" * (1 << 20)
        if behaviour.mode == "drop":
            return None
        status, own, answer = _plain(self._receive(raw, headers))
        if behaviour.mode == "no_receipt":
            return status, {"content-type": own["content-type"]}, answer
        return status, own, answer.replace(b'"status"', b'"Status"')

    def _send(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        type_, fault = wish["type"], wish.get("fault", "")
        example = self.catalogue.example(type_) if type_ in self.catalogue.types else {}
        if fault and fault not in FAULTS:
            raise ValueError(f"Expected a fault of {', '.join(FAULTS)}, but found {fault}.")
        msg_id = self.desk.send(
            type_,
            wish.get("payload", example.get("payload", {})),
            wish.get("correlation", example.get("correlation", {})),
            timedelta(seconds=float(wish.get("delay_s", 0))),
            fault,
            wish.get("causation_id"),
        )
        return {"msg_id": msg_id}

    def _plan(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        correlation = {"application_no": wish["application_no"]}
        return {"msg_ids": self.desk.plan(correlation, wish["events"], timedelta(seconds=float(wish["every_s"])))}

    def _behave(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        if wish["mode"] not in MODES:
            raise ValueError(f"Expected a mode of {', '.join(MODES)}, but found {wish['mode']}.")
        with self._lock:
            self._behaviour = Behaviour(**({"times": 1} | dict(wish)))
        return {"mode": wish["mode"]}

    def _configure(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        if "now" in wish:
            self._clock.set(datetime.fromisoformat(wish["now"]))
        with self.desk.changed:
            self._postman.url = wish.get("engine_url", self._postman.url)
            self.desk.changed.notify_all()
        return {"engine_url": self._postman.url, "now": self._clock().isoformat()}


def serve(sandbox: Sandbox, host: str, port: int) -> ThreadingHTTPServer:
    """A server bound to ``host:port`` (0: any free port); the caller runs ``serve_forever``."""
    handler = type("Handler", (_Handler,), {"sandbox": sandbox})
    return _Server((host, port), handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up early is nothing to report; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"
    server_version = "kapok-sandbox"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, {"content-type": _JSON}, b'{"status":"ok"}')
        elif self.path == "/control/log":
            self._json(200, {"log": self.sandbox.desk.log()})
        elif self.path.partition("?")[0] == "/":
            shown = self.sandbox.page("en" if "lang=en" in self.path else "zh")
            self._answer(200, {"content-type": "text/html; charset=utf-8"}, shown.encode())
        else:
            self._json(404, {"detail": "Expected /, /healthz or /control/log."})

    def do_POST(self) -> None:
        raw = self._body()
        if raw is None:
            return
        if self.path.startswith("/control/"):
            self._control(self.path.removeprefix("/control/"), raw)
            return
        answer = self.sandbox.deliver(raw, list(self.headers.items()))
        if answer is None:
            self.close_connection = True
        else:
            self._answer(*answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the desk's log says more."""

    def _control(self, action: str, raw: bytes) -> None:
        if self.headers.get_content_type() != "application/json":  # which no foreign page may send unasked
            self._json(415, {"detail": "Expected Content-Type application/json."})
            return
        try:
            self._json(200, self.sandbox.control(action, json.loads(raw)))
        except (KeyError, TypeError, ValueError) as error:
            self._json(400, {"detail": f"{type(error).__name__}: {error}"})

    def _body(self) -> bytes | None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > 4 * MAX_BODY:
            self.close_connection = True
            self._json(413 if length.isdecimal() else 411, {"detail": "Expected a Content-Length within the limit."})
            return None
        return self.rfile.read(int(length))

    def _json(self, status: int, body: Mapping[str, Any]) -> None:
        self._answer(status, {"content-type": _JSON}, json.dumps(body, ensure_ascii=False).encode())

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _plain(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    return answer.status, answer.headers, answer.raw
