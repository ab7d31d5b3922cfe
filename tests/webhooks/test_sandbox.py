"""The sandbox partner as real processes: a whole exchange, each way of misbehaving, and ``kill -9``."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.support.partner import Partner
from tests.webhooks.world import CATALOGUE, NOW
from webhooks.sandbox import page
from webhooks.sandbox.kinds import KINDS
from webhooks.sandbox.postman import FAULTS
from webhooks.sandbox.server import MODES
from webhooks.signature import ED25519, generate_keypair, generate_secret

pytestmark = pytest.mark.process
NOTARY = KINDS["notary"].code
FAST = ["--retry-after", "0.1"]
APPLICATION = {"application_no": "202610123456.7"}


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Partner, Partner]]:
    """A stand-in CNIPA and a stand-in centre that talk to each other."""
    secret = generate_secret()
    with (
        Partner("cnipa", secret=secret) as cnipa,
        Partner("station", code="gdippc", peer="cnipa", secret=secret, options=FAST) as centre,
    ):
        cnipa.configure(engine_url=centre.deliver_to)
        centre.configure(engine_url=cnipa.deliver_to)
        yield cnipa, centre


def test_a_push_is_acknowledged_and_answered(pair: tuple[Partner, Partner]) -> None:
    cnipa, centre = pair
    msg_id = centre.send("pre.fastlane.push", correlation=APPLICATION)
    ack = centre.wait_for("received", type="pre.fastlane.ack")["envelope"]
    assert (ack["causation_id"], ack["correlation"], ack["payload"]) == (msg_id, APPLICATION, {"accepted": True})
    assert (ack["sender"], ack["receiver"]) == ("cnipa", "gdippc")
    sent = centre.wait_for("sent", msg_id=msg_id)
    assert (sent["outcome"], sent["status"]) == ("delivered", 202)


def test_a_plan_of_events_comes_in_order(pair: tuple[Partner, Partner]) -> None:
    cnipa, centre = pair
    ids = cnipa.plan("202610123456.7", ["受理", "实审", "授权"])
    received = [centre.wait_for("received", msg_id=msg_id)["envelope"] for msg_id in ids]
    assert [envelope["payload"]["event_code"] for envelope in received] == ["受理", "实审", "授权"]
    numbers = [envelope["event_seq"] for envelope in received]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ("", [[202, ""]]),
        ("wrong_signature", [[401, "http_401"]]),
        ("stale", [[401, "http_401"]]),
        ("other_body", [[202, ""], [409, "http_409"]]),
        ("malformed", [[400, "http_400"]]),
        ("duplicate", [[202, ""], [202, ""]]),
        ("replay", [[202, ""], [202, ""]]),
    ],
)
def test_faults_of_a_sender(pair: tuple[Partner, Partner], fault: str, answers: list[list[object]]) -> None:
    cnipa, centre = pair
    msg_id = cnipa.send("cnipa.event", fault=fault)
    assert cnipa.wait_for("sent", msg_id=msg_id)["all"] == answers
    assert len(centre.log("received", msg_id=msg_id)) == (1 if answers[0][0] == 202 else 0)


def test_reordered_messages_arrive_the_other_way_round(pair: tuple[Partner, Partner]) -> None:
    cnipa, centre = pair
    late, early = (cnipa.send("cnipa.event", fault=fault) for fault in ("reordered", ""))
    numbers = [centre.wait_for("received", msg_id=msg_id) for msg_id in (late, early)]
    assert numbers[0]["n"] > numbers[1]["n"]
    assert numbers[0]["envelope"]["event_seq"] < numbers[1]["envelope"]["event_seq"]


@pytest.mark.parametrize(
    ("mode", "more", "code"),
    [
        ("status", {"status": 500}, "http_500"),
        ("redirect", {}, "http_307"),
        ("drop", {}, "connection"),
        ("bad_receipt", {}, "signature_mismatch"),
        ("large", {}, "answer_too_large"),
    ],
)
def test_faults_of_a_receiver(pair: tuple[Partner, Partner], mode: str, more: dict[str, int], code: str) -> None:
    cnipa, centre = pair
    cnipa.behave(mode, **more)
    msg_id = centre.send("receipt")
    assert centre.wait_for("tried", msg_id=msg_id)["code"] == code
    assert centre.wait_for("sent", msg_id=msg_id)["outcome"] == "delivered"
    assert len(cnipa.log("received", msg_id=msg_id)) == 1


def test_slow_and_unsigned_answers_are_delivered(pair: tuple[Partner, Partner]) -> None:
    cnipa, centre = pair
    for mode, more in (("slow", {"seconds": 0.1}), ("no_receipt", {})):
        cnipa.behave(mode, **more)
        msg_id = centre.send("receipt")
        assert centre.wait_for("sent", msg_id=msg_id)["status"] == 202


def test_wishes_that_are_not_understood(pair: tuple[Partner, Partner]) -> None:
    for wish in (lambda: pair[0].send("receipt", fault="x"), lambda: pair[0].behave("x")):
        with pytest.raises(ValueError, match="Expected a"):
            wish()
    for path in ("/control/x", "/control/send", "/control/plan"):
        assert httpx.post(pair[0].url + path, json=[], trust_env=False).status_code == 400
        assert httpx.post(pair[0].url + path, content=b"[]", trust_env=False).status_code == 415
    assert httpx.get(pair[0].url + "/x", trust_env=False).status_code == 404


def test_the_page_shows_the_log_escaped(pair: tuple[Partner, Partner]) -> None:
    cnipa, centre = pair
    centre.send("receipt", payload={"of_msg_id": "x", "status": "accepted", "reason_code": "<script>alert(1)</script>"})
    cnipa.wait_for("received", type="receipt")
    chinese, english = (httpx.get(cnipa.url + query, trust_env=False).text for query in ("", "?lang=en"))
    assert "国家知识产权局（模拟）" in chinese
    for place, shown in enumerate((chinese, english)):
        assert all(f'value="{name}"' in shown for name in (*FAULTS, *MODES, *CATALOGUE.types))
        assert all(page.EVENT_WORDS[event][place] in shown for event in ("received", "sent"))
        assert "<script>alert" not in shown
    assert (set(page.FAULT_WORDS), set(page.MODE_WORDS)) == ({"", *FAULTS}, set(MODES))


def test_another_time_and_ed25519_with_separate_keys() -> None:
    """An engine on virtual time sets its partner's clock; each side signs with its own private key."""
    (ours, our_public), (theirs, their_public) = generate_keypair(), generate_keypair()
    with (
        Partner("notary", secret=theirs, peer_public=our_public) as notary,
        Partner("station", code="gdippc", peer=NOTARY, secret=ours, peer_public=their_public, options=FAST) as us,
    ):
        assert (notary.algorithm, notary.public) == (ED25519, their_public)
        notary.configure(engine_url=us.deliver_to, now=NOW + timedelta(days=900))
        us.configure(engine_url=notary.deliver_to)
        msg_id = us.send("notary.evidence.request")
        assert us.wait_for("tried", msg_id=msg_id)["code"] == "http_401"
        us.configure(now=NOW + timedelta(days=900))
        assert us.wait_for("received", type="notary.evidence.result")["at"].startswith("2028-09-03")


def test_kill_9_of_both_sides_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """Killed between the first message and its reply, with half a line in one journal."""
    secret = generate_secret()
    slow_reply = [*FAST, "--reply-after", "0.3"]
    with (
        Partner("cnipa", secret=secret, journal=tmp_path / "cnipa", options=slow_reply) as cnipa,
        Partner("station", code="gdippc", peer="cnipa", secret=secret, journal=tmp_path / "us", options=FAST) as us,
    ):
        us.configure(engine_url=cnipa.deliver_to)
        ids = [us.send("pre.fastlane.push") for _ in range(5)]
        cnipa.wait_for("received", msg_id=ids[0])
        cnipa.kill()
        us.kill()
        with (tmp_path / "cnipa").open("a") as journal:
            journal.write('{"half a line')
        cnipa.start()
        us.start()
        cnipa.configure(engine_url=us.deliver_to)
        us.configure(engine_url=cnipa.deliver_to)
        for msg_id in ids:
            cnipa.wait_for("received", msg_id=msg_id)
            us.wait_for("received", causation_id=msg_id)
        answered = [entry["envelope"]["causation_id"] for entry in us.log("received")]
        assert sorted(answered) == sorted(ids) == sorted(entry["msg_id"] for entry in cnipa.log("received"))


def test_numbers_of_events_go_on_after_a_restart(tmp_path: Path) -> None:
    """What was sent before the restart counts too: an event with a lower number would be an older one."""
    secret = generate_secret()
    with (
        Partner("cnipa", secret=secret, journal=tmp_path / "cnipa", options=FAST) as cnipa,
        Partner("station", code="gdippc", peer="cnipa", secret=secret, options=FAST) as us,
    ):
        for number in (1, 2):
            cnipa.configure(engine_url=us.deliver_to)
            msg_id = cnipa.send("cnipa.event", correlation=APPLICATION)
            assert us.wait_for("received", msg_id=msg_id)["envelope"]["event_seq"] == number
            cnipa.wait_for("sent", msg_id=msg_id)
            cnipa.kill()
            cnipa.start()


def test_every_kind_replies_with_messages_it_may_send() -> None:
    for kind in KINDS.values():
        for asked, replies in kind.replies.items():
            assert CATALOGUE.message(asked).direction == "out"
            for reply in replies:
                payload = CATALOGUE.example(reply.type)["payload"] | reply.changes
                assert CATALOGUE.message(reply.type).direction == "in"
                assert CATALOGUE.validate(reply.type, "1.0", payload) == []
