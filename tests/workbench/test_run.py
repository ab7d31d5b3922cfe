"""``kapok run``: how a model starts, when it ends, and what ends one that never would."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.support.bpmn import (
    boundary,
    catch,
    chain,
    condition,
    end,
    flow,
    message,
    model,
    node,
    parallel,
    pool,
    process,
    script,
    service,
    signal,
    start,
    sub,
    task,
    timer,
    user,
    xor,
)


@pytest.fixture
def run(tmp_path):
    def go(content, script=(), *options):
        (tmp_path / "model.bpmn").write_bytes(content)
        (tmp_path / "script.json").write_text(json.dumps(list(script)))
        result = CliRunner().invoke(main, ["run", str(tmp_path / "model.bpmn"), "--script",
                                           str(tmp_path / "script.json"), "--format", "json", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        report = json.loads(result.stdout)
        assert result.exit_code == (0 if report["outcome"] in ("completed", "waiting") else 1)
        return report
    return go


def path(report):
    return " ".join(("-" if entry["event"] == "terminated" else "") + entry["element"] for entry in report["trace"])


def begun_by(*triggers, **attributes):
    return process("p", start("start", *triggers, **attributes), task("t"), end(), chain("start", "t", "end"))


@pytest.mark.parametrize("action", [{"message": "m"}, {"signal": "s"}])
def test_a_multiple_start_begins_by_any(run, action):
    assert path(run(begun_by(message("m"), signal("s")), [action])) == "start t end"


@pytest.mark.parametrize("actions", [[{"message": "m"}, {"signal": "s"}], [{"signal": "s"}, {"message": "m"}]])
def test_a_parallel_multiple_start_waits_for_the_others(run, actions):
    drawn = begun_by(message("m"), signal("s"), parallelMultiple=True)
    assert run(drawn, actions[:1])["waiting"] == [{"element": "start", "kind": next(iter(actions[1]))}]
    assert path(run(drawn, actions)) == "start t end"


def test_a_condition_starts_a_case_when_the_variables_meet_it(run):
    assert path(run(begun_by(condition("= n > 1")), (), "--variables", '{"n": 2}')) == "start t end"
    idle = run(begun_by(condition("= n > 1")), (), "--variables", '{"n": 1}')
    assert (idle["outcome"], idle["waiting"]) == ("waiting", [{"element": "start", "kind": "condition"}])


def test_a_named_process_is_started_by_what_it_waits_for(run):
    report = run(begun_by(message("m")), [{"message": "m", "with": {"a": 1}}], "--process", "p")
    assert (report["outcome"], report["ended_at"], report["variables"]) == ("completed", ["end"], {"a": 1})


def test_what_nothing_has_started_says_what_it_waits_for(run):
    report = run(begun_by(message("m")))
    assert (report["outcome"], report["waiting"]) == ("waiting", [{"element": "start", "kind": "message"}])


@pytest.mark.parametrize("content", [model(node("globalUserTask", id="g", name="G")),
                                     process("p", start(), end(), chain("start", "end"), executable=False)],
                         ids=["global task", "not executable"])
def test_what_cannot_start_is_rejected(run, content):
    report = run(content)
    assert (report["outcome"], [item["rule"] for item in report["rejected"]]) == ("rejected", ["no-process"])


def test_a_refusal_is_said_in_the_language_asked_for(run):
    wrong = process("p", start(), catch("c", timer("tomorrow", "date")), end(), chain("start", "c", "end"))
    said = {language: run(wrong, (), "--lang", language)["rejected"][0]["message"] for language in ("zh", "en")}
    assert said == {"zh": "定时器“c”的日期应为 ISO 8601 或 FEEL（= …），实际为“tomorrow”。",
                    "en": "Expected the date of timer 'c' to be ISO 8601 or FEEL (= …), but it is 'tomorrow'."}


def reminded():
    return process("p", start(), user("a"), boundary("b", "a", timer("R/P1D"), interrupting=False), end(), end("e2"),
                   chain("start", "a", "end"), chain("b", "e2"))


def test_a_timer_that_repeats_for_ever_is_an_incident(run):
    report = run(reminded(), [{"hold": "a"}])
    assert (report["outcome"], report["waiting"][0]) == ("incident", {"element": "a", "kind": "userTask"})
    assert [(item["element"], item["code"]) for item in report["incidents"]] == [("b", "step_limit")]


def test_tasks_that_lead_back_to_themselves_are_an_incident(run):
    round_trip = process("p", start(), xor("m"), user("a"), xor("x", default="back"), end(),
                         chain("start", "m", "a", "x"), flow("x", "m", id="back"), flow("x", "end", "done"))
    assert [item["element"] for item in run(round_trip)["incidents"]] == ["a"]


def test_a_year_of_days_is_no_runaway(run):
    counted = process("p", start(), xor("m"), catch("t", timer("P1D")), script("s", "= n + 1", "n"),
                      xor("x", default="back"), end(), chain("start", "m", "t", "s", "x"), flow("x", "m", id="back"),
                      flow("x", "end", "n >= 450"))
    report = run(counted, (), "--variables", '{"n": 0}')
    assert (report["outcome"], report["trace"][-1]["at"]) == ("completed", "2027-03-27T00:00:00Z")


@pytest.mark.parametrize("work", [service("a", "t"), user("a")], ids=["job", "user task"])
def test_work_that_the_script_fails_is_an_incident_and_the_rest_goes_on(run, work):
    both = process("p", start(), parallel("f"), work, user("b"), end(), end("e2"), chain("start", "f", "a", "end"),
                   chain("f", "b", "e2"))
    report = run(both, [{"fail": "a", "message": "no paper"}])
    assert (path(report), report["outcome"]) == ("start f b e2", "incident")
    assert [(item["element"], item["message"]) for item in report["incidents"]] == [("a", "no paper")]
    assert report["waiting"][0]["element"] == "a"


def test_pools_of_one_file_talk(run):
    report = run(model(
        pool("p", start(), user("a"), end("end", message("go")), chain("start", "a", "end")),
        pool("q", start("q1", message("go")), task("t"), end("q2"), chain("q1", "t", "q2"))))
    assert [(entry["process"], entry["element"]) for entry in report["trace"]] == [
        ("p", "start"), ("p", "a"), ("p", "end"), ("q", "q1"), ("q", "t"), ("q", "q2")]


def test_findings_are_listed_in_the_language_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(process("p", start(), task("a"), chain("start", "a")))
    said = {locale: CliRunner().invoke(main, ["lint", str(tmp_path / "a.bpmn")], env={"KAPOK_LANG": locale}).stdout
            for locale in ("zh_CN.UTF-8", "en_US.UTF-8", "")}
    assert "错误 end-required [p] “p”有开始事件，因此应有结束事件，实际没有。" in said["zh_CN.UTF-8"]
    assert "error end-required [p] Expected 'p' to have an end event" in said["en_US.UTF-8"]


@pytest.mark.parametrize(("interrupting", "ends"), [(True, ["over"]), (False, ["end"])])
def test_an_event_sub_process_that_takes_over_says_where_the_case_ended(run, interrupting, ends):
    handler = sub("handler", start("late", timer("PT1H"), interrupting=interrupting), task("t"), end("over"),
                  chain("late", "t", "over"), event=True)
    drawn = process("p", start(), user("u"), end(), chain("start", "u", "end"), handler)
    report = run(drawn, [{"hold": "u"}] if interrupting else [{"advance": "PT2H"}])
    assert (report["outcome"], report["ended_at"]) == ("completed", ends)
