from engine.domain import events as ev
from tests.execution.case import START
from tests.support.bpmn import assign, chain, end, flow, priority, process, schedule, start, user, xor


def test_waits_until_completed(play):
    case = play(process("p", start(), user("a"), end(), chain("start", "a", "end")))
    assert case.waiting == ["a"]
    assert case.complete("a", x=1).ended == "completed end"
    assert case.path == "start a end"
    assert case.variables == {"x": 1}


def test_opens_with_its_assignment_form_and_times(play):
    case = play(process("p", start(), user("a", assign("= who", "= [\"g1\", \"g2\"]", "u1, u2"), priority("70"),
                                           schedule("= date and time(\"2026-03-01T09:00:00Z\")",
                                                    "2026-02-01T08:00:00+08:00")),
                        end(), chain("start", "a", "end")), {"who": "li"})
    opened = case.of(ev.UserTaskOpened)[0]
    assert (opened.assignee, opened.candidate_groups, opened.candidate_users) == ("li", ("g1", "g2"), ("u1", "u2"))
    assert opened.due_at.isoformat() == "2026-03-01T09:00:00+00:00"
    assert opened.follow_up_at.isoformat() == "2026-02-01T00:00:00+00:00"
    assert opened.priority == 70


def test_event_order_of_a_step(play):
    case = play(process("p", start(), user("a"), user("b"), chain("start", "a", "b")))
    case.complete("a", x=1)
    assert [type(event).__name__ for event in case.last] == [
        "WaitClosed", "VariablesSet", "ElementCompleted", "ElementActivated", "UserTaskOpened"]
    assert case.now == START


def test_loop_back(play):
    case = play(process("p", start(), xor("m"), user("a"), xor("x", default="no"), end(), chain("start", "m", "a", "x"),
                        flow("x", "m", "= again", id="again"), flow("x", "end", id="no")))
    case.complete("a", again=True).complete("a", again=False)
    assert case.path == "start m a x m a x end"
    assert case.ended == "completed end"
