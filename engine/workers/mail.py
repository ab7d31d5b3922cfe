"""Sends notices by e-mail (RFC 5321, RFC 5322). A notice leaves at least once; its Message-ID stays the same, so that a
mailbox may show it once."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.deadline_commands import RecordMail
from engine.domain.notice_texts import composed
from engine.errors import ConfigurationError
from engine.services.legal_time.notices import MAIL_TRIES
from engine.services.runner import Runner
from engine.store import notices
from engine.store.database import Database

BATCH = 50
TIMEOUT = 15.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Post:
    """An SMTP server: ``smtp://`` (STARTTLS where offered) or ``smtps://``, with user and password in the URL."""

    host: str
    port: int
    secure: bool
    user: str
    password: str
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> Post:
        """Raises ``ConfigurationError`` for what is no such URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ConfigurationError(setting="KAPOK_SMTP_URL", expected="smtp://host:port or smtps://…", found=url[:20])
        secure = parts.scheme == "smtps"
        return cls(parts.hostname, parts.port or (465 if secure else 25), secure, unquote(parts.username or ""),
                   unquote(parts.password or ""), sender)

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        server = (smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context) if self.secure
                  else smtplib.SMTP(self.host, self.port, timeout=TIMEOUT))
        with server:
            server.ehlo()
            if not self.secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if self.user:
                server.login(self.user, self.password)
            yield server


class MailPoller:
    name = "mail"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta, post: Post) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest
        self._post = post

    def poll(self) -> timedelta:
        """Send one batch over one connection. Rests when there was nothing to send, or nobody to send it to."""
        with self._database.reading() as connection:
            due = notices.due_mail(connection, self._clock.now(), BATCH)
        if not due:
            return self._rest
        try:
            with self._post.connected() as server:
                for row in due:
                    self._send(server, row)
        except (OSError, smtplib.SMTPException) as error:
            _log.warning("mail_unreachable", host=self._post.host, error=str(error))
            return max(self._rest, timedelta(seconds=30))
        return timedelta(0)

    def _send(self, server: smtplib.SMTP, row: Any) -> None:
        try:
            server.send_message(self._message(row))
        except smtplib.SMTPResponseException as error:
            self._refused(row, error.smtp_code >= 500, str(error))
        except smtplib.SMTPRecipientsRefused as error:
            self._refused(row, all(code >= 500 for code, _ in error.recipients.values()), str(error))
        else:
            self._runner.run(RecordMail(row.id, "sent"), SYSTEM)

    def _refused(self, row: Any, for_good: bool, why: str) -> None:
        """A 5xx answer is final (RFC 5321 4.2.1); others are tried again, ever more rarely."""
        last = for_good or row.mail_attempts + 1 >= MAIL_TRIES
        next_at = None if last else self._clock.now() + timedelta(minutes=5 * 3 ** row.mail_attempts)
        _log.warning("mail_refused", notice=row.id, final=last, error=why)
        self._runner.run(RecordMail(row.id, "retry", next_at), SYSTEM)

    def _message(self, row: Any) -> EmailMessage:
        subject, text = composed(row)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._post.sender, row.email, " ".join(subject.split())
        message["Message-ID"] = f"<{row.id}@{self._post.sender.rpartition('@')[2]}>"
        message["Date"] = row.created_at
        message.set_content(text)
        return message
