"""The caseworker's desk: the list of open tasks by who may take them and by when, kept by triggers; what cases are
found by; saved filters."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import ID, INSTANT, NAME, column, on_postgresql

revision = "0008"
down_revision = "0007"

_NEXT = ("(SELECT d.{what} FROM deadline d WHERE d.case_id = {case} AND d.state IN ('running', 'paused') "
         "ORDER BY d.due_at, d.wait LIMIT 1)")


def upgrade() -> None:
    _tables()
    _view()
    (_guard_postgresql if on_postgresql() else _guard_sqlite)()
    op.execute("INSERT INTO worklist (case_id, wait, kind, name, due_at, deadline) "
               "SELECT case_id, wait, kind, name, due_at, deadline FROM worklist_now")


def _tables() -> None:
    number = sa.BigInteger()
    op.create_table(
        "worklist", column("case_id", ID), column("wait", number), column("kind", sa.String(8)), column("name", NAME),
        column("due_at", INSTANT), column("deadline", number, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", "kind", "name", name="pk_worklist"))
    op.create_index("ix_worklist_kind_name_due_at", "worklist", ["kind", "name", "due_at", "case_id", "wait"])
    op.create_table("search_number", column("case_id", ID), column("number", sa.String(64)),
                    sa.PrimaryKeyConstraint("case_id", "number", name="pk_search_number"))
    op.create_index("ix_search_number_number", "search_number", ["number", "case_id"])
    op.create_table(
        "saved_filter", column("id", ID), column("user", NAME), column("name", sa.String(64)),
        column("filters", sa.Text()), column("saved_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filter"))
    op.create_index("ix_saved_filter_user", "saved_filter", ["user"])
    op.create_index("ix_user_task_ended_by_ended_at", "user_task", ["ended_by", "ended_at"])
    op.create_index("ix_user_task_assignee", "user_task", ["assignee"])


def _view() -> None:
    """What the list ought to hold now; the triggers copy from it."""
    none = "TIMESTAMPTZ '9999-12-31 00:00:00+00'" if on_postgresql() else "'9999-12-31 00:00:00.000000'"
    due, number = (_NEXT.format(what=what, case="t.case_id") for what in ("due_at", "wait"))
    facts = f"COALESCE(t.due_at, {due}, {none}) AS due_at, {number} AS deadline"
    kind = "CAST({} AS VARCHAR(8)) AS kind"
    op.execute(
        "CREATE VIEW worklist_now AS "
        f"SELECT t.case_id, t.wait, {kind.format(repr('all'))}, CAST('' AS VARCHAR(255)) AS name, {facts} "
        "FROM user_task t WHERE t.state = 'open' UNION ALL "
        f"SELECT t.case_id, t.wait, {kind.format(repr('user'))}, t.assignee AS name, {facts} "
        "FROM user_task t WHERE t.state = 'open' AND t.assignee IS NOT NULL UNION ALL "
        f"SELECT t.case_id, t.wait, c.kind, c.name, {facts} "
        "FROM user_task t JOIN candidate c ON c.case_id = t.case_id AND c.wait = t.wait "
        "WHERE t.state = 'open' AND t.assignee IS NULL")


def _gone(row: str) -> str:
    return f"DELETE FROM worklist WHERE case_id = {row}.case_id AND wait = {row}.wait; "


def _again(more: str = "") -> str:
    return ("INSERT INTO worklist (case_id, wait, kind, name, due_at, deadline) "
            "SELECT case_id, wait, kind, name, due_at, deadline FROM worklist_now "
            f"WHERE case_id = NEW.case_id AND wait = NEW.wait{more}; ")


_CANDIDATE = " AND kind = NEW.kind AND name = NEW.name"
_CANDIDATE_GONE = ("DELETE FROM worklist WHERE case_id = OLD.case_id AND wait = OLD.wait AND kind = OLD.kind "
                   "AND name = OLD.name; ")


def _moved(row: str) -> str:
    """A deadline of the case has come, moved or gone: the list is in another order."""
    kept = "(SELECT t.due_at FROM user_task t WHERE t.case_id = worklist.case_id AND t.wait = worklist.wait)"
    none = "TIMESTAMPTZ '9999-12-31 00:00:00+00'" if on_postgresql() else "'9999-12-31 00:00:00.000000'"
    due, number = (_NEXT.format(what=what, case=f"{row}.case_id") for what in ("due_at", "wait"))
    return (f"UPDATE worklist SET due_at = COALESCE({kept}, {due}, {none}), deadline = {number} "
            f"WHERE case_id = {row}.case_id; ")


def _triggers() -> tuple[tuple[str, str, str, str, str], ...]:
    """(name, table, event, of which columns, body)."""
    return (
        ("worklist_task_new", "user_task", "INSERT", "", _again()),
        ("worklist_task_changed", "user_task", "UPDATE", "state, assignee, due_at", _gone("OLD") + _again()),
        ("worklist_task_gone", "user_task", "DELETE", "", _gone("OLD")),
        ("worklist_candidate_new", "candidate", "INSERT", "", _again(_CANDIDATE)),
        ("worklist_candidate_gone", "candidate", "DELETE", "", _CANDIDATE_GONE),
        ("worklist_deadline_new", "deadline", "INSERT", "", _moved("NEW")),
        ("worklist_deadline_changed", "deadline", "UPDATE", "state, due_at", _moved("NEW")),
        ("worklist_deadline_gone", "deadline", "DELETE", "", _moved("OLD")),
    )


def _guard_sqlite() -> None:
    for name, table, event, columns, body in _triggers():
        of = f" OF {columns}" if columns else ""
        op.execute(f"CREATE TRIGGER {name} AFTER {event}{of} ON {table} BEGIN {body} END")


def _guard_postgresql() -> None:
    for name, table, event, columns, body in _triggers():
        of = f" OF {columns}" if columns else ""
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$")
        op.execute(f"CREATE TRIGGER {name} AFTER {event}{of} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
