"""Jobs: work of service tasks done outside the step, by workers that fetch it. At least once; its key tells repeats."""

from __future__ import annotations

from typing import Any

from engine.domain.commands import ActivateJobs, CompleteJob, ExtendJob, FailJob, task_key
from engine.errors import NotFound
from engine.services import cases, steps
from engine.services.context import Context, Outcome
from engine.store import schema, waits
from engine.store.cases import CaseRow


def activate(context: Context, command: ActivateJobs) -> Outcome:
    """Lock up to ``maximum`` jobs of a type for a worker. Answers ``{"jobs": [{key, type, headers, …}]}``."""
    cases.require(context, "job.work")
    rows = waits.available_jobs(context.database, context.connection, command.type, context.now, command.maximum)
    until = context.now + command.lock
    for row in rows:
        waits.update(context.connection, schema.job, row.case_id, row.wait, worker=command.worker, available_at=until)
    return {"jobs": [_view(row, until) for row in rows]}


def _view(row: Any, until: Any) -> dict[str, Any]:
    return {"key": task_key(row.case_id, row.wait), "type": row.type, "case": row.case_id, "element": row.element,
            "process": row.process, "headers": row.headers, "variables": row.variables, "retries": row.retries,
            "locked_until": until.isoformat()}


def complete(context: Context, command: CompleteJob) -> Outcome:
    row, job = _open_job(context, command.job)
    steps.advance(context, row, lambda instance: instance.complete(job.wait, dict(command.variables), context.now),
                  {"job": job.wait, "element": job.element})
    return {"case_id": row.id, "state": row.state}


def fail(context: Context, command: FailJob) -> Outcome:
    """One attempt failed: try again after the back-off, or raise an incident when no retries are left."""
    row, job = _open_job(context, command.job)
    retries = command.retries if command.retries is not None else job.retries - 1
    waits.update(context.connection, schema.job, row.id, job.wait, retries=max(retries, 0), worker=None,
                 failure=command.message, available_at=context.now + command.back_off)
    steps.advance(context, row, lambda instance: instance.fail(job.wait, command.message, max(retries, 0), context.now),
                  {"job": job.wait, "failed": command.message})
    return {"case_id": row.id, "retries": max(retries, 0)}


def extend(context: Context, command: ExtendJob) -> Outcome:
    row, job = _open_job(context, command.job)
    until = context.now + command.lock
    waits.update(context.connection, schema.job, row.id, job.wait, available_at=until)
    return {"case_id": row.id, "locked_until": until.isoformat()}


def _open_job(context: Context, key: str) -> tuple[CaseRow, Any]:
    cases.require(context, "job.work")
    row, wait = steps.lock_case_of(context, key, "job")
    job = waits.find(context.connection, schema.job, row.id, wait)
    if job is None:
        raise NotFound(noun="job", key=key)
    steps.require_active(row)
    return row, job
