"""Which handler takes which command."""

from collections.abc import Mapping

from engine.domain import commands as c
from engine.services import (
    cases,
    cleaner,
    definitions,
    incidents,
    jobs,
    messages,
    partners,
    steps,
    timers,
    user_tasks,
    users,
)
from engine.services.context import Context, Outcome
from engine.services.evidence import EVIDENCE
from engine.services.runner import Handler


def _publish(context: Context, command: c.PublishMessage) -> Outcome:
    cases.require(context, "message.publish")
    return messages.publish(context, command)


def _broadcast(context: Context, command: c.BroadcastSignal) -> Outcome:
    cases.require(context, "signal.broadcast")
    return messages.broadcast(context, command)


HANDLERS: Mapping[type, Handler] = {
    c.Deploy: definitions.deploy,
    c.StartCase: cases.start,
    c.StartByEvent: cases.start_by_event,
    c.StartByTimer: cases.start_by_timer,
    c.CancelCase: cases.cancel,
    c.SuspendCase: cases.suspend,
    c.ResumeCase: cases.resume,
    c.AnswerWait: cases.answer_wait,
    c.SetVariables: cases.set_variables,
    c.ModifyCase: cases.modify,
    c.ClaimUserTask: user_tasks.claim,
    c.ReleaseUserTask: user_tasks.release,
    c.AssignUserTask: user_tasks.assign,
    c.CompleteUserTask: user_tasks.complete,
    c.SaveDraft: user_tasks.save_draft,
    c.ThrowError: user_tasks.throw_error,
    c.ActivateJobs: jobs.activate,
    c.CompleteJob: jobs.complete,
    c.FailJob: jobs.fail,
    c.ExtendJob: jobs.extend,
    c.PublishMessage: _publish,
    c.BroadcastSignal: _broadcast,
    c.DeliverMessage: steps.deliver_message,
    c.DeliverSignal: steps.deliver_signal,
    c.FireTimer: timers.fire,
    timers.HoldTimer: timers.hold,
    c.ResolveIncident: incidents.resolve,
    c.AcceptInbound: partners.accept,
    c.RecordDelivery: partners.record_delivery,
    c.AddPartner: partners.add,
    c.AddUser: users.add,
    c.CreateToken: users.create_token,
    cleaner.Sweep: cleaner.sweep,
    **EVIDENCE,
}
