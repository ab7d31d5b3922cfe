"""What the sandbox partner received, and what it has to send. Thread-safe; durable when it has a journal."""

import json
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from webhooks import strict_json
from webhooks.catalogue import Catalogue
from webhooks.receipts import StoredReceipt
from webhooks.receiver import InboundMessage, Outcome
from webhooks.sandbox.kinds import Kind, Reply

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Letter:
    """A message to send: ``due`` at the earliest, ``fault`` says how to send it wrongly, ``attempts`` made so far."""

    msg_id: str
    due: datetime
    body: bytes
    fault: str = ""
    attempts: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"msg_id": self.msg_id, "due": self.due.isoformat(), "body": self.body.decode(), "fault": self.fault}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Letter":
        return cls(row["msg_id"], datetime.fromisoformat(row["due"]), row["body"].encode(), row["fault"])


class Desk:
    """The partner's books: an append-only log of entries ``{"event": …}``, and from them receipts and letters to send.

    Implements :class:`webhooks.receiver.InboundStore`. An entry is written (and, with a journal, synced to disk) before
    anybody is told about it.
    """

    def __init__(
        self,
        kind: Kind,
        code: str,
        peer: str,
        clock: Clock,
        catalogue: Catalogue,
        journal: Path | None = None,
        reply_after: timedelta = timedelta(0),
        after_ack: Sequence[str] = (),
        every: timedelta = timedelta(seconds=5),
    ) -> None:
        self.code = code
        self.changed = threading.Condition(threading.RLock())
        self._kind = kind
        self._peer = peer
        self._clock = clock
        self._catalogue = catalogue
        self._reply_after = reply_after
        self._after_ack = tuple(after_ack)
        self._every = every
        self._log: list[dict[str, Any]] = []
        self._receipts: dict[str, StoredReceipt] = {}
        self._letters: dict[str, Letter] = {}
        self._sequence: dict[str, int] = {}
        self._journal = self._reopen(journal) if journal else None

    # InboundStore

    def accept(self, message: InboundMessage) -> Outcome:
        with self.changed:
            first = self._receipts.get(message.msg_id)
            if first is not None:
                return Outcome(first.status, first=first)
            self._write(
                "received",
                msg_id=message.msg_id,
                type=message.type,
                causation_id=message.envelope.get("causation_id"),
                sha256=message.sha256,
                received_at=message.received_at.isoformat(),
                envelope=dict(message.envelope),
                letters=[letter.as_json() for letter in self._replies(message)],
            )
        return Outcome("accepted")

    def refused(self, partner: str | None, code: str, detail: str) -> None:
        with self.changed:
            self._write("refused", code=code, detail=detail)

    # what the control API and the postman ask

    def log(self) -> list[dict[str, Any]]:
        with self.changed:
            return list(self._log)

    def send(
        self,
        type_: str,
        payload: Mapping[str, Any],
        correlation: Mapping[str, Any],
        delay: timedelta = timedelta(0),
        fault: str = "",
        causation_id: str | None = None,
    ) -> str:
        """Queue one message and give its id. Nothing is checked: a sandbox may send nonsense on purpose."""
        with self.changed:
            letter = self._letter(type_, payload, correlation, self._clock() + delay, fault, causation_id)
            self._write("queued", letters=[letter.as_json()])
        return letter.msg_id

    def plan(self, correlation: Mapping[str, Any], events: Sequence[str], every: timedelta) -> list[str]:
        """Queue ``cnipa.event`` messages, one each ``every``."""
        with self.changed:
            letters = self._events(correlation, events, every, self._clock())
            self._write("queued", letters=[letter.as_json() for letter in letters])
        return [letter.msg_id for letter in letters]

    def next_letter(self) -> Letter | None:
        """The letter that is due first; it stays until :meth:`done` or :meth:`again`."""
        with self.changed:
            return min(self._letters.values(), key=lambda letter: letter.due, default=None)

    def done(self, letter: Letter, **result: Any) -> None:
        with self.changed:
            self._write("sent", msg_id=letter.msg_id, fault=letter.fault, **result)

    def again(self, letter: Letter, due: datetime, **result: Any) -> None:
        with self.changed:
            self._write("tried", msg_id=letter.msg_id, fault=letter.fault, **result)
            self._letters[letter.msg_id] = replace(letter, due=due, attempts=letter.attempts + 1)

    @property
    def speaks(self) -> list[str]:
        """The types that this kind of partner sends: what it is asked for, and what it begins itself."""
        replies = [reply.type for found in self._kind.replies.values() for reply in found]
        return list(dict.fromkeys([*self._kind.begins, *replies]))

    # the journal

    def _write(self, event: str, **members: Any) -> None:
        entry = {"n": len(self._log) + 1, "event": event, "at": self._clock().isoformat()} | members
        if self._journal is not None:
            self._journal.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._journal.flush()
            os.fsync(self._journal.fileno())
        self._apply(entry)
        self.changed.notify_all()

    def _apply(self, entry: dict[str, Any]) -> None:
        self._log.append(entry)
        for row in entry.get("letters", ()):
            letter = Letter.from_json(row)
            self._letters[letter.msg_id] = letter
        if entry["event"] == "received":
            received_at = datetime.fromisoformat(entry["received_at"])
            self._receipts[entry["msg_id"]] = StoredReceipt(
                entry["msg_id"], "accepted", received_at, entry["sha256"]
            )
        if entry["event"] == "sent":
            self._letters.pop(entry["msg_id"], None)

    def _reopen(self, journal: Path) -> Any:
        """Read what is whole, cut what a crash left half-written, and go on writing."""
        journal.touch()
        whole = journal.read_bytes()
        whole = whole[: whole.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._apply(json.loads(line))
        for entry in self._log:
            for row in entry.get("letters", ()):  # sent ones too: a number that goes back is an older event
                self._count(json.loads(row["body"]))
        os.truncate(journal, len(whole))
        return journal.open("a", encoding="utf-8")

    # letters

    def _replies(self, message: InboundMessage) -> list[Letter]:
        start = self._clock() + self._reply_after
        letters = [
            self._reply(message, reply, start + number * self._every)
            for number, reply in enumerate(self._kind.replies.get(message.type, ()))
        ]
        if letters and message.type == "pre.fastlane.push":
            correlation = self._correlation(message, "cnipa.event")
            letters += self._events(correlation, self._after_ack, self._every, start + self._every)
        return letters

    def _reply(self, message: InboundMessage, reply: Reply, due: datetime) -> Letter:
        payload = self._catalogue.example(reply.type)["payload"] | reply.changes
        correlation = self._correlation(message, reply.type)
        return self._letter(reply.type, payload, correlation, due, causation_id=message.msg_id)

    def _events(
        self, correlation: Mapping[str, Any], events: Sequence[str], every: timedelta, start: datetime
    ) -> list[Letter]:
        return [
            self._letter("cnipa.event", self._event(code, start + number * every), correlation, start + number * every)
            for number, code in enumerate(events)
        ]

    def _event(self, code: str, at: datetime) -> dict[str, Any]:
        day = at.date().isoformat()
        return {"event_code": code, "issued_at": day, "delivered_at": day, "delivery_mode": "cnipa.electronic"}

    def _correlation(self, message: InboundMessage, type_: str) -> dict[str, Any]:
        given: dict[str, Any] = dict(message.envelope["correlation"])
        for name in self._catalogue.message(type_).correlates_on:
            if name not in given and isinstance(message.payload.get(name), str):
                given[name] = message.payload[name]
        return given

    def _letter(
        self,
        type_: str,
        payload: Mapping[str, Any],
        correlation: Mapping[str, Any],
        due: datetime,
        fault: str = "",
        causation_id: str | None = None,
    ) -> Letter:
        envelope: dict[str, Any] = {
            "msg_id": str(uuid.uuid4()),
            "type": type_,
            "version": "1.0",
            "sent_at": due.isoformat(timespec="seconds"),
            "sender": self.code,
            "receiver": self._peer,
            "correlation": dict(correlation),
            "payload": dict(payload),
        }
        if causation_id:
            envelope["causation_id"] = causation_id
        envelope["event_seq"] = self._count(envelope)
        return Letter(envelope["msg_id"], due, strict_json.dumps(envelope), fault)

    def _count(self, envelope: Mapping[str, Any]) -> int:
        key = self._catalogue.correlation_key(envelope["type"], envelope) or ""
        self._sequence[key] = max(self._sequence.get(key, 0) + 1, int(envelope.get("event_seq", 0)))
        return self._sequence[key]
