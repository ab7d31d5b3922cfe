"""Which handler takes which command."""

from collections.abc import Mapping

from engine.domain import administration as a
from engine.domain import commands as c
from engine.domain import deadline_commands as d
from engine.domain import participant_commands as p
from engine.domain import recusal_commands as r
from engine.services import cases, cleaner, definitions, incidents, jobs, messages, steps, timers, user_tasks
from engine.services.context import Context, Outcome
from engine.services.desk.desk import DESK
from engine.services.hearings.hearings import HEARINGS
from engine.services.legal_time import calendars, deadline_life, expiry, notices, rules, rungs
from engine.services.papers.papers import PAPERS
from engine.services.people import absences, approvals, organisation, participants, recusal_requests, users
from engine.services.proof.evidence import EVIDENCE
from engine.services.runner import Handler
from engine.services.wire.handlers import WIRE


def _publish(context: Context, command: c.PublishMessage) -> Outcome:
    cases.require(context, "message.publish")
    return messages.publish(context, command)


def _broadcast(context: Context, command: c.BroadcastSignal) -> Outcome:
    cases.require(context, "signal.broadcast")
    return messages.broadcast(context, command)


def _request(context: Context, command: a.RequestApproval) -> Outcome:
    return approvals.request(context, command, HANDLERS)


def _decide(context: Context, command: a.DecideApproval) -> Outcome:
    return approvals.decide(context, command, HANDLERS)


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
    c.AddUser: users.add,
    c.CreateToken: users.create_token,
    a.RevokeToken: users.revoke_token,
    a.SetRoles: users.set_roles,
    a.SetEnabled: users.set_enabled,
    a.SetUnit: organisation.set_unit,
    a.ResetPassword: users.reset_password,
    a.ResetSecondFactor: users.reset_second_factor,
    a.LinkIdentity: users.link_identity,
    a.EndSessions: users.end_sessions,
    a.AddUnit: organisation.add,
    a.ChangeUnit: organisation.change,
    a.RecordAbsence: absences.record,
    a.CancelAbsence: absences.cancel,
    a.GrantAccess: approvals.grant,
    a.RevokeGrant: approvals.revoke,
    a.RequestApproval: _request,
    a.DecideApproval: _decide,
    a.WithdrawApproval: approvals.withdraw,
    d.ArmDeadline: deadline_life.arm,
    d.PauseDeadline: deadline_life.pause,
    d.ResumeDeadline: deadline_life.resume,
    d.ExtendDeadline: deadline_life.extend,
    d.InterruptDeadline: deadline_life.interrupt,
    d.ProveService: deadline_life.prove_service,
    d.OverrideDeadline: deadline_life.override,
    d.CloseDeadline: deadline_life.close,
    d.RestoreRight: deadline_life.restore,
    d.ConfirmExpiry: expiry.confirm,
    d.AcceptLate: expiry.accept_late,
    d.LoadCalendar: calendars.load,
    d.ShiftDeadlines: calendars.shift,
    d.ContinueMove: calendars.go_on,
    d.ChangeRule: rules.change,
    d.FireRung: rungs.fire,
    d.RemindSuspension: rungs.remind_suspension,
    d.ReadNotices: notices.read,
    d.SetContact: notices.set_contact,
    d.RecordMail: notices.record_mail,
    cleaner.Sweep: cleaner.sweep,
    r.Declare: recusal_requests.declare,
    r.WithdrawDeclaration: recusal_requests.withdraw,
    r.LinkCases: recusal_requests.link,
    r.RequestRecusal: recusal_requests.ask,
    r.RecordDisclosure: recusal_requests.record_disclosure,
    r.LiftRecusal: recusal_requests.lift,
    r.ServeDocument: recusal_requests.serve,
    p.InviteParticipant: participants.invite,
    p.JoinCase: participants.join,
    p.OpenAccount: participants.open_account,
    p.RemoveParticipant: participants.remove,
    **EVIDENCE,
    **WIRE,
    **DESK,
    **PAPERS,
    **HEARINGS,
}
