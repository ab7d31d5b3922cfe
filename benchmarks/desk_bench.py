"""The caseworker's desk over a full house: the first page of an inbox, finding a case, a case with a long history.

One case is begun by the service; its rows are copied by the database's own bulk loading, with other numbers, names,
groups and due dates. Pages are asked for through the whole application, signed in, as a browser does.
"""

from __future__ import annotations

import gzip
import random
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from benchmarks import durable
from engine.app import Kapok, create_app, create_kapok, settle
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AddUser, Deploy, Resource, StartCase
from engine.domain.confidential import words_of
from engine.domain.search_terms import bare
from engine.services.people.identity import hash_password
from engine.store import schema as s
from engine.store.schema.columns import Blind
from tests.support.bpmn import assign, boundary, chain, end, process, start, timer, user

MODEL = process("desk", start("s"), user("A", assign(groups="examiner"), name="审查"),
                boundary("late", "A", timer('=deadline("dl.pre.answer")', "date")), end("e"), end("f"),
                chain("s", "A", "e"), chain("late", "f"))
GROUPS = ("examiner", "quality", *(f"group-{number}" for number in range(198)))
DAYS, HISTORY, PASSWORD = 90, 1_000, "示例口令-0123"
FIRST = list("散密导传控检测感光磁风水气声电热储充冷暖")
SECOND = ["热装置", "封圈", "轨机构", "动方法", "制系统", "测仪器", "量电路", "应模块", "伏组件", "吸附剂"]
PLACE = [a + b for a in "东南西北中上下左右前后内外远近" for b in "江河湖海山川田园城镇村岭滩"]
MADE = "甲乙丙丁戊己庚辛壬癸"
Rows = Iterable[Sequence[Any]]


def measure(url: str, folder: Path, count: int, advance: durable.Advance) -> dict[str, Any]:
    """So many open tasks of so many cases: milliseconds of pages and searches, kilobytes and statements of pages."""
    settings = Settings(database_url=url, folder=folder, two_persons=False, secret_key="only for figures",
                        secure_cookies=False, second_factor=False)
    kapok = create_kapok(settings)
    for role in ("examiner", "supervisor"):
        kapok.run(AddUser(f"{role}1", role, (role,), hash_password(PASSWORD)), SHELL)
    kapok.run(Deploy((Resource("desk.bpmn", MODEL),)), SHELL)
    case_id = str(kapok.run(StartCase("desk", {"title": "母案", "kind": "invention"}), SYSTEM)["case_id"])
    began = perf_counter()
    _fill(kapok, case_id, count, advance)
    _lengthen(kapok, case_id)
    filled = perf_counter() - began
    found = ask(settings, kapok, case_id, count)
    kapok.close()
    return {"tasks": count, "groups": len(GROUPS), "filled_s": round(filled, 1), "pages": found}


def ask(settings: Settings, kapok: Kapok, case_id: str, count: int) -> dict[str, dict[str, Any]]:
    """The figures of each page, in a process that has settled as a serving one has."""
    app = create_app(settings, kapok)
    settle()
    examiner, supervisor = (_signed_in(app.test_client(), f"{role}1") for role in ("examiner", "supervisor"))
    number, party = f"YS-2026-FM-{count // 2:07d}", _party(count // 2)
    pages = {
        "inbox, mine": (examiner, "/"), "inbox, all": (supervisor, "/?view=all"),
        "inbox, by lamp": (examiner, "/?lamp=soon"), "case, 1,000 history entries": (supervisor, f"/cases/{case_id}"),
        "search, number": (supervisor, f"/cases?q={number}"), "search, number, own": (examiner, f"/cases?q={number}"),
        "search, party": (supervisor, f"/cases?q={party}"), "search, party, own": (examiner, f"/cases?q={party}"),
        "search, frequent": (supervisor, "/cases?q=公司"), "search, frequent, own": (examiner, "/cases?q=公司"),
        "search, none": (supervisor, "/cases?q=全无此名的公司"),
    }
    return {name: _timed(kapok, client, path) for name, (client, path) in pages.items()}


# --- filling ----------------------------------------------------------------------------------------------------------
def _fill(kapok: Kapok, case_id: str, count: int, advance: durable.Advance) -> None:
    database = kapok.database
    with database.reading() as connection:
        like = {table.name: _row(connection, table, case_id)
                for table in (s.case, s.user_task, s.candidate, s.deadline)}
        blind = Blind("case_word.word").process_bind_param
        known: dict[str, int] = {}
        dialect = connection.dialect
    days = [_day(database.dialect, number) for number in range(DAYS)]
    order = list(range(count))
    random.Random(1).shuffle(order)

    def words(number: int) -> Iterator[tuple[str, int]]:
        for word in words_of(_title(number), _party(number)):
            if word not in known:
                known[word] = int(blind(word, dialect) or 0)
            yield _id(number), known[word]

    def worked(number: int) -> Iterator[tuple[Any, ...]]:
        due = days[order[number] % DAYS]
        for kind, name in (("all", ""), ("group", _group(number))):
            yield _id(number), like["user_task"]["wait"], kind, name, due[0], like["deadline"]["wait"]

    per_case: dict[str, Callable[[int], Rows]] = {
        "case_instance": lambda number: [tuple({**like["case_instance"], "id": _id(number), "title": _title(number),
                                                "parties": _party(number), "case_no": _number(number)}.values())],
        "user_task": lambda number: [tuple({**like["user_task"], "case_id": _id(number)}.values())],
        "candidate": lambda number: [tuple({**like["candidate"], "case_id": _id(number),
                                            "name": _group(number)}.values())],
        "deadline": lambda number: [tuple({**like["deadline"], "case_id": _id(number), **dict(zip(
            ("due_at", "due_on"), days[order[number] % DAYS], strict=True))}.values())],
        "worklist": worked, "case_word": words,
        "search_number": lambda number: [(_id(number), bare(_number(number)))],
    }
    columns = {**{name: tuple(row) for name, row in like.items()},
               "worklist": ("case_id", "wait", "kind", "name", "due_at", "deadline"), "case_word": ("case_id", "word"),
               "search_number": ("case_id", "number")}
    _load(database, columns, per_case, count, advance)


def _load(database: Any, columns: Any, per_case: Any, count: int, advance: durable.Advance) -> None:
    """Straight into the tables, without triggers and with the indexes built afterwards."""
    tables = [s.metadata.tables[name] for name in columns]
    indexes = [index for table in tables for index in table.indexes]
    with database.engine.begin() as connection:
        for trigger in _triggers(connection):
            connection.exec_driver_sql(trigger)
        for index in indexes:
            index.drop(connection)
        driver = connection.connection.driver_connection
        for name, names in columns.items():
            rows = (row for number in range(count) for row in per_case[name](number))
            into = f"{name} ({', '.join(names)})"
            if database.dialect == "sqlite":
                driver.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", rows)
            else:
                with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            advance(1)
        for index in indexes:
            index.create(connection)
            advance(1)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _triggers(connection: sa.Connection) -> list[str]:
    """What takes the desk's triggers away: the list is loaded, not kept."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return [f"DROP TRIGGER {name}" for (name,) in rows if name.startswith("worklist")]
    return [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("user_task", "candidate", "deadline")]


def _row(connection: sa.Connection, table: sa.Table, case_id: str) -> dict[str, Any]:
    """One row as the driver has it."""
    key = "id" if table is s.case else "case_id"
    found = connection.exec_driver_sql(f"SELECT * FROM {table.name} WHERE {key} = '{case_id}'")
    return dict(zip(found.keys(), found.first() or (), strict=True))


def _lengthen(kapok: Kapok, case_id: str) -> None:
    """A case with a long history."""
    with kapok.database.engine.begin() as connection:
        last = connection.execute(sa.select(sa.func.max(s.history.c.seq)).where(
            s.history.c.case_id == case_id)).scalar_one()
        connection.execute(s.history.insert(), [
            {"case_id": case_id, "seq": last + number, "at": datetime(2026, 3, 2, tzinfo=UTC), "kind": "task:claimed",
             "element": "A", "instance": 1, "process": "desk", "type": None, "actor": "examiner1",
             "data": {"assignee": "examiner1", "reason": "示例"}, "salt": "0" * 32}
            for number in range(1, HISTORY + 1)])


def _day(dialect: str, number: int) -> tuple[Any, Any]:
    """(due at, due on) as the driver takes them."""
    at = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=0) + timedelta(days=number - 10)
    on = at.date()
    return (at.strftime("%Y-%m-%d %H:%M:%S.%f"), on.isoformat()) if dialect == "sqlite" else (at, on)


def _id(number: int) -> str:
    return f"019caaaa-0000-7000-8000-{number:012d}"


def _number(number: int) -> str:
    return f"YS-2026-FM-{number:07d}"


def _group(number: int) -> str:
    return GROUPS[number % len(GROUPS)]


def _title(number: int) -> str:
    return FIRST[number % len(FIRST)] + SECOND[number // 7 % len(SECOND)]


def _party(number: int) -> str:
    place, made = PLACE[number // 11 % len(PLACE)], MADE[number % 10] + MADE[number // 10 % 10]
    return f"{place}{made}公司"


# --- asking -----------------------------------------------------------------------------------------------------------
def _signed_in(client: FlaskClient, name: str) -> FlaskClient:
    page = client.get("/sign-in").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token})
    if answer.status_code != 302 or "next" in answer.location:
        raise ValueError(f"expected to be signed in as {name}, but was sent to {answer.location}")
    return client


def _timed(kapok: Kapok, client: FlaskClient, path: str, rounds: int = 60) -> dict[str, Any]:
    """Of one page: milliseconds (median, 99th percentile), kilobytes compressed, SQL statements."""
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(kapok.database.engine, "before_cursor_execute", count)
    page = client.get(path)
    sa.event.remove(kapok.database.engine, "before_cursor_execute", count)
    if page.status_code != 200:
        raise ValueError(f"expected {path} to be there, but found {page.status_code}")
    times = durable.Times()
    for _ in range(rounds):
        times.measure(lambda: client.get(path))
    wall, cpu = ([round(value * 1e3, 1) for value in (statistics.median(found), statistics.quantiles(found, n=100)[98])]
                 for found in (times.wall, times.cpu))
    return {"p50_ms": wall[0], "p99_ms": wall[1], "cpu_p50_ms": cpu[0], "cpu_p99_ms": cpu[1],
            "kB_gzip": round(len(gzip.compress(page.data)) / 1024, 1), "statements": len(seen)}
