"""What a deadline's page knows beyond its row, and the feed that a person's own calendar reads."""

from datetime import date

import pytest
from icalendar import Calendar

from engine.domain.actors import SYSTEM
from engine.domain.commands import AddUser
from engine.domain.deadline_commands import ArmDeadline, SetContact
from engine.errors import NotFound
from engine.services.views.deadline_pages import DeadlinePages
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, SUPERVISOR, House


def armed(house: House) -> tuple[DeadlinePages, str]:
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
    case = house.start("p", {"title": "示例案件"})
    key = house.run(ArmDeadline(case, "dl.inv.answer", date(2026, 3, 10)), SUPERVISOR)["deadline"]
    kapok = house.kapok
    return DeadlinePages(kapok.database, kapok.clock, kapok.parts, lambda: "zh", kapok.runner.audit_access), key


def test_a_deadline_tells_what_it_crosses_who_is_told_and_what_another_day_would_give(house: House) -> None:
    pages, key = armed(house)
    found = pages.explain(SUPERVISOR, key)
    assert [span.name.zh for span in found.holidays] == ["清明节"]
    assert [rung.to for rung in found.ladder][:2] == ["party", "party"]
    assert found.if_served == ((date(2026, 3, 9), date(2026, 4, 9)), (date(2026, 3, 11), date(2026, 4, 13)),
                               (date(2026, 3, 3), date(2026, 4, 3)))
    with pytest.raises(NotFound):
        pages.explain(ACTORS["examiner"], key)


def test_a_feed_is_its_owners_alone(house: House) -> None:
    pages, _ = armed(house)
    house.run(AddUser(SUPERVISOR.id, "示例", ("supervisor",), "!"))
    assert pages.feed("nobody") is None
    secret = house.run(SetContact(new_feed=True), SUPERVISOR)["feed"]
    feed = pages.feed(secret)
    assert feed is not None
    events = Calendar.from_ical(feed).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2026, 4, 10)]
    assert "专利权人答复" in str(events[0]["summary"])
    renewed = house.run(SetContact(new_feed=True), SUPERVISOR)["feed"]
    assert pages.feed(secret) is None and pages.feed(renewed) is not None
