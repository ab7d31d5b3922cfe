"""Notices by e-mail: sent once, tried again ever more rarely, given up when the server refuses for good."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from engine.domain.commands import AddUser
from engine.domain.deadline_commands import SetContact
from engine.errors import ConfigurationError
from engine.services.context import Context
from engine.services.legal_time import notices
from engine.store import schema as s
from engine.workers.mail import Post
from tests.support.house import ACTORS, House, emptied

EXAMINER = ACTORS["examiner"]


class Mailbox:
    """An SMTP server's side: keeps what comes, or answers as it is told."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.answer.startswith("250"):
            self.kept.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    handler = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def house(database_url: str, tmp_path: Path, mailbox: tuple[Mailbox, int]) -> Iterator[House]:
    built = House(emptied(database_url), tmp_path / "house", smtp_url=f"smtp://127.0.0.1:{mailbox[1]}",
                  mail_from="kapok@example.org")
    built.run(AddUser(EXAMINER.id, "示例", ("examiner",), "!"))
    yield built
    built.close()


def tell(house: House) -> None:
    kapok = house.kapok
    with kapok.database.writing() as connection:
        context = Context(connection, kapok.database, house.clock.now(), EXAMINER, kapok.parts, "test")
        params = {"name": {"zh": "专利权人答复", "en": "Patentee's answer"}, "due_on": "2026-04-02"}
        notices.tell(context, EXAMINER.id, "deadline.near", params)


def post(house: House) -> None:
    next(poller for poller in house.pollers if poller.name == "mail").poll()


def states(house: House) -> list[tuple[str, int]]:
    return [(row.mail, row.mail_attempts) for row in house.rows(s.notice)]


def test_a_notice_is_sent_once_in_both_languages(house: House, mailbox: tuple[Mailbox, int]) -> None:
    house.run(SetContact("examiner@example.org"), EXAMINER)
    tell(house)
    post(house)
    post(house)
    assert states(house) == [("sent", 1)] and len(mailbox[0].kept) == 1
    sent = mailbox[0].kept[0]
    assert (sent["To"], sent["From"]) == ("examiner@example.org", "kapok@example.org")
    assert sent["Subject"] == "期限临近：专利权人答复，2026年4月2日 届满"
    assert "Deadline near: Patentee's answer, due 2 Apr 2026" in sent.get_content()
    assert sent["Message-ID"].startswith(f"<{house.rows(s.notice)[0].id}@")


def test_who_gave_no_address_gets_no_letter(house: House, mailbox: tuple[Mailbox, int]) -> None:
    tell(house)
    post(house)
    assert states(house) == [("none", 0)] and mailbox[0].kept == []


def test_a_busy_server_is_asked_again_later(house: House, mailbox: tuple[Mailbox, int]) -> None:
    house.run(SetContact("examiner@example.org"), EXAMINER)
    tell(house)
    mailbox[0].answer = "451 busy"
    post(house)
    post(house)
    assert states(house) == [("pending", 1)]
    mailbox[0].answer = "250 OK"
    house.advance(minutes=5)
    assert states(house) == [("sent", 2)] and len(mailbox[0].kept) == 1


def test_a_refusal_for_good_is_not_tried_again(house: House, mailbox: tuple[Mailbox, int]) -> None:
    house.run(SetContact("examiner@example.org"), EXAMINER)
    tell(house)
    mailbox[0].answer = "550 no such box"
    post(house)
    house.advance(days=1)
    assert states(house) == [("failed", 1)]


def test_a_server_that_is_away_costs_no_try(house: House, mailbox: tuple[Mailbox, int]) -> None:
    house.run(SetContact("examiner@example.org"), EXAMINER)
    tell(house)
    poller: Any = next(poller for poller in house.pollers if poller.name == "mail")
    poller._post = Post.of("smtp://127.0.0.1:1", "kapok@example.org")
    assert poller.poll().total_seconds() >= 30
    assert states(house) == [("pending", 0)]


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail.example.org"])
def test_a_bad_mail_address_of_the_house_says_what_was_expected(url: str) -> None:
    with pytest.raises(ConfigurationError, match="KAPOK_SMTP_URL"):
        Post.of(url, "kapok@example.org")
