"""开庭: a week or a day of all rooms, and the hearings of a case with what may be done to each."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as Answer

from engine.clock import LOCAL_ZONE
from engine.domain import hearing_commands as c
from engine.errors import InvalidInput
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import number as whole
from engine.ui.fields import required_day, text
from engine.ui.people import attempt
from engine.ui.shell import today

TRIED = ("picture", "sound", "steady")
"""What somebody has found to work at the own equipment."""
MOST_CALLED = 50
"""Who can be called with the plan itself."""


def install(blueprint: Blueprint, services: Services) -> None:
    _week(blueprint, services)
    _of_case(blueprint, services)


def _week(blueprint: Blueprint, services: Services) -> None:
    def page(problem: str = "") -> str:
        week, days = services.hearings.week(acting(), _asked("week")), timedelta(days=7)
        return render_template("hearings.html", week=week, day=None, before=week.first - days,
                               after=week.first + days, manage=week.manage, problem=problem, form=request.form)

    @blueprint.get("/hearings")
    def hearing_week() -> str:
        return page()

    @blueprint.get("/hearings/day")
    def hearing_day() -> str:
        on, one = _asked("on") or today(services), timedelta(days=1)
        day = services.hearings.day(acting(), on)
        return render_template("hearings.html", week=None, day=day, before=on - one, after=on + one,
                               manage=day.manage, problem="", form=request.form)

    @blueprint.post("/hearings/rooms")
    def room_keep() -> Answer | tuple[str, int]:
        return attempt(services, lambda: c.KeepRoom(
            text("id", 64), text("name", 100), whole("seats"), request.form.get("remote") == "1",
            request.form.get("enabled") == "1"), gettext("庭室已保存。"), page, url_for("ui.hearing_week"))


def _of_case(blueprint: Blueprint, services: Services) -> None:
    def page(number: str, problem: str = "") -> str:
        actor = acting()
        view = services.hearings.of_case(actor, number)
        people = services.people.colleagues(actor) if view.plans else ()
        typed = request.form if request.endpoint == "ui.hearing_plan" else ImmutableMultiDict()
        return render_template("case_hearings.html", view=view, problem=problem, form=typed, colleagues=people)

    def in_case(number: str, made: Callable[[], Any], done: str) -> Answer | tuple[str, int]:
        return attempt(services, made, done, lambda problem: page(number, problem),
                       url_for("ui.hearing_list", number=number), text("key", 64) or None)

    @blueprint.get("/cases/<number>/hearings")
    def hearing_list(number: str) -> str:
        return page(number)

    @blueprint.post("/cases/<number>/hearings")
    def hearing_plan(number: str) -> Answer | tuple[str, int]:
        return in_case(number, lambda: c.PlanHearing(
            number, text("mode", 16), instant("starts_at"), instant("ends_at"), text("room", 64) or None,
            request.form.get("public") == "1", _called(), whole("panel") if text("panel") else None),
            gettext("已排期，有平台账号的到庭人员已收到通知。"))

    @blueprint.get("/cases/<number>/hearings/<hearing>.ics")
    def hearing_calendar(number: str, hearing: str) -> Response:
        content = services.hearings.calendar(acting(), number, hearing)
        return Response(content, content_type="text/calendar; charset=utf-8")

    @blueprint.post("/cases/<number>/hearings/<hearing>/<act>")
    def hearing_act(number: str, hearing: str, act: str) -> Answer | tuple[str, int]:
        if act not in ACTS:
            abort(404)
        return in_case(number, lambda: ACTS[act](number, hearing), gettext("已办理。"))


ACTS: Mapping[str, Callable[[str, str], Any]] = {
    "move": lambda case, hearing: c.MoveHearing(case, hearing, instant("starts_at"), instant("ends_at"),
                                                text("room", 64) or None, text("reason")),
    "call": lambda case, hearing: c.AddAttendee(
        case, hearing, c.Attendee(text("name", 100), text("part", 16), text("user", 64))),
    "uncall": lambda case, hearing: c.RemoveAttendee(case, hearing, whole("number")),
    "notice": lambda case, hearing: c.GiveNotice(case, hearing, required_day("on"), text("waiver")),
    "link": lambda case, hearing: c.TestLink(case, hearing, text("passed") == "1", text("note")),
    "try": lambda case, hearing: c.TryLink(case, hearing, all(text(name) == "1" for name in TRIED)),
    "attend": lambda case, hearing: c.CheckIn(case, hearing, whole("number"), text("present") == "1",
                                              text("identified") == "1"),
    "close": lambda case, hearing: c.CloseHearing(
        case, hearing, text("state", 16), text("note", 4_000), instant("began_at") if text("began_at") else None,
        instant("ended_at") if text("ended_at") else None),
}
"""What may be sent about one hearing."""


def instant(name: str) -> datetime:
    """A moment in Beijing as browsers send it; one with a zone is taken at its word. Raises ``InvalidInput``."""
    typed = text(name, 32)
    try:
        found = datetime.fromisoformat(typed)
        return found if found.tzinfo else found.replace(tzinfo=LOCAL_ZONE)
    except ValueError as error:
        raise InvalidInput(expected=gettext("日期和时间"), found=typed, where=name) from error


def _asked(name: str) -> date | None:
    try:
        asked = date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return asked if 2000 <= asked.year <= 2200 else None


def _called() -> tuple[c.Attendee, ...]:
    """The lines of the form that name somebody, be it by the account alone."""
    fields = zip(request.form.getlist("name"), request.form.getlist("part"), request.form.getlist("user"), strict=False)
    called = [c.Attendee(name.strip(), part, user.strip()) for name, part, user in fields
              if name.strip() or user.strip()]
    return tuple(called[:MOST_CALLED])
