"""Which handler takes which command about hearings."""

from collections.abc import Mapping

from engine.domain import hearing_commands as c
from engine.services.hearings import planning
from engine.services.runner import Handler

HEARINGS: Mapping[type, Handler] = {
    c.KeepRoom: planning.keep_room,
    c.PlanHearing: planning.plan,
    c.MoveHearing: planning.move,
    c.AddAttendee: planning.add_attendee,
    c.RemoveAttendee: planning.remove_attendee,
    c.GiveNotice: planning.give_notice,
    c.TestLink: planning.test_link,
    c.TryLink: planning.try_link,
    c.CheckIn: planning.check_in,
    c.CloseHearing: planning.close,
}
