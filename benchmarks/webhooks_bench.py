"""Inbound messages: verified, stored with their proof, correlated to a case that waits, the case moved, receipt signed.

One process. Everything of ``POST /webhooks/v1/{partner}`` but HTTP itself: the partner and its keys are read anew for
each message, as the service does. The floor is what these messages wrote, written again bare, a transaction each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from benchmarks.durable import BLOCK, Advance, Bench, Times
from engine.domain.actors import SHELL, Actor, ActorKind
from engine.domain.commands import AddPartner, PartnerKey
from engine.http.webhooks import RunnerStore, partner_view
from engine.store import migrate, schema
from engine.store.database import Database
from tests.support.bpmn import chain, end, flow, message, process, receive, start, xor
from webhooks import strict_json
from webhooks.catalogue import load
from webhooks.receiver import receive as receive_webhook
from webhooks.signature import ED25519, HMAC_SHA256, Key, generate_keypair, generate_secret, sign

CODE, OWN_CODE, TYPE = "cnipa", "gdippc", "cnipa.event"
CLIENTS = 4
ALGORITHMS = (HMAC_SHA256, ED25519)
CATALOGUE = load()
ACTOR = Actor(id=CODE, name=CODE, kind=ActorKind.PARTNER, client="127.0.0.1")
Row = dict[str, Any]


def listening() -> bytes:
    """A case that waits for a message of its application, again and again."""
    return process("listening", start(), xor("merge"), receive("Await", message(TYPE, "= application_no")),
                   xor("choice", default="out"), end(), chain("start", "merge", "Await", "choice"),
                   flow("choice", "merge", "= again", id="back"), flow("choice", "end", id="out"))


@dataclass(frozen=True)
class Letter:
    """A message as it comes in at the door, and the case it is about."""

    case_id: str
    msg_id: str
    raw: bytes
    headers: Mapping[str, str]


class Door:
    """A house with one partner, and cases that wait for it."""

    def __init__(self, url: str, folder: Path, algorithm: str) -> None:
        self.bench = Bench(url, folder)
        self.key, kept = _keys(algorithm)
        self.bench.deploy(listening())
        self.bench.kapok.run(AddPartner(CODE, "cnipa", CODE, None, (), False, (TYPE,), kept), SHELL)
        numbers = [f"2026101{number:05}.7" for number in range(BLOCK)]
        self.cases = {number: self.bench.start("listening", {"application_no": number}) for number in numbers}
        self._number = 0

    def letters(self) -> list[Letter]:
        """One for each case, signed beforehand."""
        return [self._letter(application_no, case_id) for application_no, case_id in self.cases.items()]

    def _letter(self, application_no: str, case_id: str) -> Letter:
        self._number += 1
        body = CATALOGUE.example(TYPE) | {"msg_id": f"bench-{self._number}", "event_seq": self._number,
                                          "sender": CODE, "receiver": OWN_CODE,
                                          "correlation": {"application_no": application_no}}
        raw, now = strict_json.dumps(body), self.bench.kapok.clock.now()
        headers = sign((self.key,), body["msg_id"], now, raw) | {"content-type": "application/json"}
        return Letter(case_id, body["msg_id"], raw, headers)

    def post(self, letter: Letter) -> None:
        kapok = self.bench.kapok
        answer = receive_webhook(letter.raw, letter.headers, partner_view(kapok.database, CODE, OWN_CODE),
                                 RunnerStore(kapok.runner, ACTOR), kapok.clock.now(), CATALOGUE, remote="127.0.0.1")
        assert answer.status == 202 and answer.body["status"] == "accepted", answer.body


def _keys(algorithm: str) -> tuple[Key, tuple[PartnerKey, ...]]:
    if algorithm == HMAC_SHA256:
        secret = generate_secret()
        return Key("k1", HMAC_SHA256, secret), (PartnerKey("k1", HMAC_SHA256, "shared", secret),)
    (own, _), (theirs, public) = generate_keypair(), generate_keypair()
    return Key("p1", ED25519, theirs), (PartnerKey("k1", ED25519, "sign", own),
                                        PartnerKey("p1", ED25519, "verify", public))


class Snapshots:
    """Reads what one message wrote, after its commit. Not timed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[tuple[str, str], int] = {}

    def take(self, letter: Letter) -> Written:
        with self._database.reading() as connection:
            def rows(table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Row]:
                return [dict(row) for row in connection.execute(sa.select(table).where(*where)).mappings()]

            def later(table: sa.Table, owner: sa.Column[Any], value: str, number: sa.Column[Any]) -> list[Row]:
                seen = (table.name, value)
                found = rows(table, owner == value, number > self._seen.get(seen, 0))
                self._seen[seen] = max((row[number.name] for row in found), default=self._seen.get(seen, 0))
                return found

            s, case_id = schema, letter.case_id
            kept = rows(s.message, s.message.c.message_id == f"{CODE}:{letter.msg_id}")
            return Written(rows(s.case, s.case.c.id == case_id)[0], {
                s.inbound: rows(s.inbound, s.inbound.c.message_id == letter.msg_id),
                s.inbound_evidence: rows(s.inbound_evidence, s.inbound_evidence.c.message_id == letter.msg_id),
                s.message: kept,
                s.correlation: rows(s.correlation, s.correlation.c.message_id == kept[0]["id"]),
                s.history: later(s.history, s.history.c.case_id, case_id, s.history.c.seq),
                s.audit: later(s.audit, s.audit.c.chain, case_id, s.audit.c.seq),
                s.subscription: later(s.subscription, s.subscription.c.case_id, case_id, s.subscription.c.wait)})


@dataclass(frozen=True)
class Written:
    """What one message left in the database."""

    case: Row
    appended: Mapping[sa.Table, Sequence[Row]]


class Floor:
    """The same rows again, bare: one transaction and one commit a message, statements built once."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        migrate.upgrade(self.database)
        s = schema
        self._case = s.case.update().where(s.case.c.id == sa.bindparam("key"))
        self._gone = s.subscription.delete().where(s.subscription.c.case_id == sa.bindparam("key"))
        self._inserts: dict[sa.Table, sa.Insert] = {}

    def begin(self, written: Written) -> None:
        """A case is there before its first message. Not timed."""
        with self.database.engine.begin() as connection:
            connection.execute(schema.case.insert(), written.case)

    def repeat(self, written: Written) -> None:
        with self.database.engine.begin() as connection:
            connection.execute(self._gone, {"key": written.case["id"]})
            for table, rows in written.appended.items():
                if rows:
                    connection.execute(self._inserts.setdefault(table, table.insert()), list(rows))
            connection.execute(self._case, {"key": written.case["id"], **written.case})


def inbound(url: str, floor_url: str, folder: Path, algorithm: str, blocks: int, advance: Advance) -> dict[str, Any]:
    """Messages a second of one client and of four, the floor's, and their ratio; the first two blocks warm up."""
    door, bare = Door(url, folder, algorithm), Floor(floor_url)
    snapshots = Snapshots(door.bench.kapok.database)
    ours, theirs = Times(), Times()
    for number in range(-2, blocks):
        if number == 0:
            ours, theirs = Times(), Times()
        letters = door.letters()
        for letter in letters:
            ours.measure(lambda each=letter: door.post(each))
        for written in [snapshots.take(letter) for letter in letters]:
            if number == -2:
                bare.begin(written)
            theirs.measure(lambda each=written: bare.repeat(each))
        advance(BLOCK)
    together = _together(door, blocks, advance)
    with door.bench.statements() as statements:
        door.post(door.letters()[0])
    assert door.bench.audit_is_whole(), "Expected a whole audit chain after the benchmark"
    door.bench.kapok.close()
    bare.database.close()
    floor = theirs.per_second
    return {"per_s": round(ours.per_second, 1), "per_s_together": round(together, 1), "clients": CLIENTS,
            "floor_per_s": round(floor, 1), "ratio": round(ours.per_second / floor, 3),
            "ratio_together": round(together / floor, 3),
            "p50_ms": round(ours.median * 1e3, 3), "floor_p50_ms": round(theirs.median * 1e3, 3),
            "cpu_ms": round(sum(ours.cpu) / len(ours.cpu) * 1e3, 3), "messages": len(ours.wall),
            "statements": len(statements)}


def _together(door: Door, blocks: int, advance: Callable[[int], None]) -> float:
    """Messages a second when four clients of one process send at once."""
    letters = [letter for _ in range(blocks) for letter in door.letters()]
    begun = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in pool.map(door.post, letters):
            pass
    took = perf_counter() - begun
    advance(len(letters))
    return len(letters) / took
