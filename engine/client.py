"""A small client for job workers of other people. Stands alone: the standard library and httpx, nothing of Kapok.

    client = Client("https://kapok.example", token)
    client.work("stamp.paper", lambda job: {"stamped": job.variables["document"]})

Jobs come at least once: when a worker dies or is too slow, its job is given away again after the lock. Make what a
handler does idempotent by ``job.key``. What the client itself sends is: an answer that got lost is asked for again
under the same idempotency key and changes nothing a second time. Numbers come as ``int`` and ``Decimal``, exact.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

Handler = Callable[["Job"], Mapping[str, Any] | None]
"""What does a job: gets it, returns variables for the case, or raises ``BpmnError`` or anything else."""

_log = logging.getLogger("kapok.client")
_RETRIED = frozenset({429, 502, 503, 504})
_GONE = frozenset({404, 409})
_FIRST_REST, _LONGEST_REST, _ATTEMPTS = 0.5, 30.0, 5
_SPARE = 10.0
"""Seconds that an answer may take beyond the time the server was asked to wait."""


@dataclass(frozen=True, slots=True)
class Job:
    """``key`` names the job for ever; ``locked_until`` is ISO 8601; ``retries``: attempts left, this one counted."""

    key: str
    type: str
    case: str
    process: str
    element: str
    headers: Mapping[str, Any]
    variables: Mapping[str, Any]
    retries: int
    locked_until: str


class ApiError(Exception):
    """A refusal: ``status``, stable ``code``, ``detail``, and the whole ``problem`` document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail", ""))
        super().__init__(f"{status} {self.code}: {self.detail}")


class BpmnError(Exception):
    """Raised by a handler: the case goes on at the error event that catches ``code``."""

    def __init__(self, code: str, variables: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.variables = dict(variables or {})
        super().__init__(code)


class Client:
    """One worker's connection. ``wait(seconds)`` is how it rests between attempts; ``transport`` is for tests."""

    def __init__(self, url: str, token: str, worker: str = "", transport: httpx.BaseTransport | None = None,
                 wait: Callable[[float], object] | None = None) -> None:
        self.worker = worker or f"worker-{uuid.uuid4().hex[:12]}"
        self._wait = wait or threading.Event().wait
        self._http = httpx.Client(
            base_url=url.rstrip("/") + "/api/v1/", transport=transport, timeout=_SPARE,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def activate(self, type: str, max: int = 1, timeout: float = 0.0, lock: float = 300.0) -> list[Job]:
        """Up to ``max`` jobs, locked for ``lock`` seconds; waits up to ``timeout`` (at most 30) when there are none."""
        answer = self._post("jobs/activate", {
            "type": type, "worker": self.worker, "maximum": max, "timeout": _seconds(timeout), "lock": _seconds(lock),
        }, uuid.uuid4().hex, _SPARE + timeout)
        return [Job(**{name: job[name] for name in Job.__slots__}) for job in answer["jobs"]]

    def complete(self, job: Job, variables: Mapping[str, Any] | None = None) -> None:
        """The job is done. Raises ``ApiError`` 404 or 409 when it is no longer there."""
        self._about(job, "complete", {"variables": variables or {}})

    def fail(self, job: Job, message: str, retries: int | None = None, back_off: float = 0.0) -> None:
        """This attempt failed; ``retries`` (default: one less) more after ``back_off`` seconds, or an incident at 0."""
        self._about(job, "fail", {"message": message[:4000], "retries": retries, "back_off": _seconds(back_off)})

    def throw_error(self, job: Job, code: str, variables: Mapping[str, Any] | None = None) -> None:
        """End the job by a BPMN error."""
        self._about(job, "error", {"code": code, "variables": variables or {}})

    def extend(self, job: Job, lock: float = 300.0) -> None:
        """Keep the job for ``lock`` seconds from now; 0 gives it back."""
        self._post(_path(job, "extend"), {"lock": _seconds(lock)}, uuid.uuid4().hex)

    def work(self, type: str, handler: Handler, stop: threading.Event | None = None, max: int = 1,
             timeout: float = 20.0, lock: float = 300.0, back_off: float = 10.0) -> None:
        """Fetch jobs and do them, one after the other, until ``stop`` is set; the job in hand is finished first, jobs
        not begun are given back. A server that cannot be reached is tried again, ever more slowly. Raises ``ApiError``
        when it refuses for good (a revoked token, a missing right).
        """
        stop = stop or threading.Event()
        rest = _FIRST_REST
        while not stop.is_set():
            try:
                jobs = self.activate(type, max, timeout, lock)
                rest = _FIRST_REST
            except (httpx.TransportError, ApiError) as error:
                if isinstance(error, ApiError) and error.status < 500 and error.status not in _RETRIED:
                    raise
                _log.warning("cannot fetch jobs of %s: %s", type, error)
                stop.wait(rest * random.uniform(0.5, 1.0))
                rest = min(rest * 2, _LONGEST_REST)
                continue
            self._do_all(jobs, handler, stop, back_off)
            if not jobs:
                stop.wait(_FIRST_REST)

    def _do_all(self, jobs: list[Job], handler: Handler, stop: threading.Event, back_off: float) -> None:
        for job in jobs:
            try:
                if stop.is_set():
                    self.extend(job, 0)
                else:
                    self._do(job, handler, back_off)
            except (httpx.TransportError, ApiError) as error:
                if isinstance(error, ApiError) and error.status not in _GONE | _RETRIED and error.status < 500:
                    raise
                _log.warning("job %s: %s", job.key, error)

    def _do(self, job: Job, handler: Handler, back_off: float) -> None:
        try:
            variables = handler(job)
        except BpmnError as error:
            self.throw_error(job, error.code, error.variables)
        except Exception as error:
            _log.exception("job %s failed", job.key)
            self.fail(job, f"{type(error).__name__}: {error}", back_off=back_off)
        else:
            self.complete(job, variables)

    def _about(self, job: Job, verb: str, body: Mapping[str, Any]) -> None:
        """One activation has one answer, so the key is made of both."""
        self._post(_path(job, verb), body, f"{verb}:{job.key}:{job.locked_until}")

    def _post(self, path: str, body: Mapping[str, Any], key: str, timeout: float = _SPARE) -> Any:
        content = _encode(body).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        rest = _FIRST_REST
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._http.post(path, content=content, headers=headers, timeout=timeout)
                if answer.status_code not in _RETRIED or attempt == _ATTEMPTS:
                    return _answer(answer)
            except httpx.TransportError:
                if attempt == _ATTEMPTS:
                    raise
            self._wait(rest * random.uniform(0.5, 1.0))
            rest = min(rest * 2, _LONGEST_REST)
        raise AssertionError("the last attempt returns or raises")


def _path(job: Job, verb: str) -> str:
    return f"jobs/{quote(job.key, safe='')}/{verb}"


def _answer(answer: httpx.Response) -> Any:
    try:
        found = json.loads(answer.content, parse_float=Decimal)
    except ValueError:
        found = {"detail": answer.text[:500]}
    if answer.is_success:
        return found
    raise ApiError(answer.status_code, found if isinstance(found, dict) else {})


def _seconds(seconds: float) -> str:
    """ISO 8601."""
    return f"PT{Decimal(str(round(seconds, 6))):f}S"


def _encode(value: Any) -> str:
    """JSON with decimals as numbers, which ``json`` would not write."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"expected a finite number, but found {value}")
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{_encode(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_encode, value)) + "]"
    return json.dumps(value, allow_nan=False)
