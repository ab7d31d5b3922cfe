"""``/jobs``: work of service tasks that workers outside fetch. At least once: a lock that runs out gives the job away
again, so a worker makes its effect idempotent by the job's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields

from engine.domain.commands import ActivateJobs, CompleteJob, ExtendJob, FailJob, ThrowError
from engine.domain.permissions import may
from engine.http.api.access import act, actor, desk, reading
from engine.http.api.answers import CaseState
from engine.http.api.fields import Duration, free_text, text, whole
from engine.http.api.operations import Noun
from engine.http.api.user_tasks import BpmnError, Completion
from engine.services.context import Outcome
from engine.store import listings

JOBS = "jobs"
LONGEST_WAIT = timedelta(seconds=30)
LONGEST_LOCK = timedelta(days=1)
REST = 0.25
"""Seconds between two looks at the store while a request waits for jobs."""

noun = Noun("jobs", "Jobs of service tasks, for workers: activate, then complete, fail, throw an error or extend.")


class Activation(Schema):
    """``timeout``: how long to wait when there is no job; ``lock``: for how long the jobs are the worker's."""

    type = text(required=True)
    worker = text(required=True)
    maximum = whole(1, 100, load_default=1)
    lock = Duration(LONGEST_LOCK, load_default=timedelta(minutes=5))
    timeout = Duration(LONGEST_WAIT, load_default=timedelta(0))


class Job(Schema):
    key = fields.String(required=True)
    type = fields.String(required=True)
    case = fields.String(required=True)
    process = fields.String(required=True)
    element = fields.String(required=True)
    headers = fields.Dict(required=True)
    variables = fields.Dict(required=True)
    retries = fields.Integer(required=True)
    locked_until = fields.String(required=True)


class Jobs(Schema):
    jobs = fields.List(fields.Nested(Job), required=True)


class Failure(Schema):
    """``retries``: how many attempts are left, default one less; at 0 an incident is raised."""

    message = free_text(4000)
    retries = whole(0, 1000, load_default=None, allow_none=True)
    back_off = Duration(timedelta(days=30), load_default=timedelta(0))


class Failed(Schema):
    case_id = fields.String(required=True)
    retries = fields.Integer(required=True)


class Extension(Schema):
    """``lock``: from now; PT0S gives the job back."""

    lock = Duration(LONGEST_LOCK, required=True)


class Extended(Schema):
    case_id = fields.String(required=True)
    locked_until = fields.String(required=True)


@noun.post("/activate", Jobs, JOBS, body=Activation)
def activate(sent: Mapping[str, Any]) -> Outcome:
    """Fetch and lock jobs of a type; waits up to ``timeout`` when there is none. An answer without jobs is no error."""
    _await_job(sent["type"], sent["timeout"].total_seconds())
    return act(ActivateJobs(sent["type"], sent["worker"], sent["maximum"], sent["lock"]))


def _await_job(job_type: str, seconds: float) -> None:
    """Return when a job of the type can be had, or the time is over. Between two looks nothing is held, not even a
    connection; and only some of the server's threads may rest here, the others are answered at once.
    """
    here = desk()
    clock = here.services.clock
    until = clock.monotonic() + seconds
    if seconds <= 0 or not may(actor(), "job.work") or not here.places.acquire(blocking=False):
        return
    try:
        while not _job_waits(job_type) and (left := until - clock.monotonic()) > 0:
            here.wait(min(REST, left))
    finally:
        here.places.release()


def _job_waits(job_type: str) -> bool:
    with reading() as connection:
        return listings.job_waits(connection, job_type, desk().services.clock.now())


@noun.post("/<key>/complete", CaseState, JOBS, body=Completion)
def complete(sent: Mapping[str, Any], key: str) -> Outcome:
    """The work is done; its variables go into the case."""
    return act(CompleteJob(key, sent["variables"]))


@noun.post("/<key>/fail", Failed, JOBS, body=Failure)
def fail(sent: Mapping[str, Any], key: str) -> Outcome:
    """One attempt failed: the job may be fetched again after the back-off, or raises an incident."""
    return act(FailJob(key, sent["message"], sent["retries"], sent["back_off"]))


@noun.post("/<key>/error", CaseState, JOBS, body=BpmnError)
def throw_error(sent: Mapping[str, Any], key: str) -> Outcome:
    """End the job by a BPMN error."""
    return act(ThrowError(key, sent["code"], sent["variables"]))


@noun.post("/<key>/extend", Extended, JOBS, body=Extension)
def extend(sent: Mapping[str, Any], key: str) -> Outcome:
    """Keep a job for longer."""
    return act(ExtendJob(key, sent["lock"]))
