"""What a signed-in person tries on a screen and is refused is on record, once."""

from engine.errors import NotFound
from tests.ui.test_pages import post


def test_values_that_do_not_fit_are_on_record(signed_in, services):
    answer = post(signed_in("examiner1"), "/tasks/c1~3/complete", values='{"outcome": 7}')
    assert answer.status_code == 422
    assert [(who, action, detail["status"]) for who, action, detail in services.witnessed] == [
        ("examiner1", "ui.complete", 422)]


def test_what_a_command_refused_is_not_recorded_twice(signed_in, services):
    refusal = NotFound(noun="user task", key="c1~3")
    refusal.audited = True
    services.refusal = refusal
    assert post(signed_in("examiner1"), "/tasks/c1~3/claim").status_code == 404
    assert services.witnessed == []


def test_looking_for_what_is_not_there_is_no_deed(signed_in, services):
    assert signed_in("examiner1").get("/nowhere").status_code == 404
    assert services.witnessed == []
