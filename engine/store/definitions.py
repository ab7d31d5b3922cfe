"""Rows of deployments: resources, immutable process definitions, and the start events that listen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os.path import commonprefix
from typing import Any

import sqlalchemy as sa

from engine.store.schema import deployment, process_definition, resource, start_subscription


def insert_deployment(connection: sa.Connection, row: Mapping[str, Any], resources: list[dict[str, Any]]) -> None:
    connection.execute(deployment.insert(), row)
    connection.execute(resource.insert(), resources)


def insert_definitions(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(process_definition.insert(), rows)


def replace_starts(connection: sa.Connection, process_ids: Iterable[str], rows: list[dict[str, Any]]) -> None:
    """The newest version listens instead of the one before."""
    connection.execute(start_subscription.delete().where(start_subscription.c.process_id.in_(list(process_ids))))
    if rows:
        connection.execute(start_subscription.insert(), rows)


def get(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(process_definition).where(process_definition.c.key == key)).one_or_none()


def newest(connection: sa.Connection, process_id: str) -> sa.Row[Any] | None:
    statement = (sa.select(process_definition).where(process_definition.c.process_id == process_id)
                 .order_by(process_definition.c.version.desc()).limit(1))
    return connection.execute(statement).one_or_none()


def all_newest(connection: sa.Connection) -> list[sa.Row[Any]]:
    """The newest version of every process, by process id."""
    table = process_definition
    latest = (sa.select(table.c.process_id, sa.func.max(table.c.version).label("version"))
              .group_by(table.c.process_id).subquery())
    statement = (sa.select(table).join(latest, sa.and_(table.c.process_id == latest.c.process_id,
                                                       table.c.version == latest.c.version))
                 .order_by(table.c.process_id))
    return list(connection.execute(statement))


def resources(connection: sa.Connection, deployment_id: str) -> list[tuple[str, str, bytes]]:
    """(name, kind, content) of every file of a deployment, by name."""
    statement = (sa.select(resource.c.name, resource.c.kind, resource.c.content)
                 .where(resource.c.deployment_id == deployment_id).order_by(resource.c.name))
    return [(row.name, row.kind, row.content) for row in connection.execute(statement)]


def resource_named(connection: sa.Connection, deployment_id: str, name: str, beside: str = "") -> bytes | None:
    """The content of a file of a deployment by its name, or by the end of its path.

    Of several that end alike, the one nearest to the file ``beside`` (the longest path in common), then by name.
    """
    statement = sa.select(resource.c.name).where(resource.c.deployment_id == deployment_id)
    alike = [found for (found,) in connection.execute(statement) if found == name or found.endswith("/" + name)]
    if not alike:
        return None
    nearest = min(alike, key=lambda found: (found != name, -len(commonprefix([found, beside])), found))
    content = sa.select(resource.c.content).where(resource.c.deployment_id == deployment_id, resource.c.name == nearest)
    return bytes(connection.execute(content).scalar_one())


def templates_of(connection: sa.Connection, key: str) -> list[str]:
    """File names of the Word templates beside the diagram of a definition."""
    row = get(connection, key)
    if row is None:
        return []
    folder = row.resource_name.rpartition("/")[0]
    names = connection.execute(sa.select(resource.c.name).where(
        resource.c.deployment_id == row.deployment_id, resource.c.name.like("%.docx"))).scalars()
    return sorted(name.rpartition("/")[2] for name in names if not folder or name.startswith(folder + "/"))


def count_of_deployments(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(deployment)).scalar_one())


def contents(connection: sa.Connection, kind: str) -> list[tuple[str, bytes]]:
    """(name, content) of every file of a kind, oldest deployment first, so that the newest wins."""
    statement = (sa.select(resource.c.name, resource.c.content)
                 .join(deployment, deployment.c.id == resource.c.deployment_id)
                 .where(resource.c.kind == kind).order_by(deployment.c.deployed_at, deployment.c.id, resource.c.name))
    return [(row.name, bytes(row.content)) for row in connection.execute(statement)]


def newest_resources(connection: sa.Connection, kind: str) -> list[tuple[str, str]]:
    """(keys, deployment id) of every file of a kind, oldest deployment first, so that the newest wins."""
    statement = (sa.select(resource.c.resource_key, resource.c.deployment_id)
                 .join(deployment, deployment.c.id == resource.c.deployment_id)
                 .where(resource.c.kind == kind).order_by(deployment.c.deployed_at, deployment.c.id, resource.c.name))
    return [(row.resource_key, row.deployment_id) for row in connection.execute(statement)]


def start_of(connection: sa.Connection, process_id: str, name: str, element: str) -> sa.Row[Any] | None:
    """The start event of the newest version of a process that listens to a name; any element when none is named."""
    table = start_subscription
    statement = sa.select(table).where(table.c.process_id == process_id, table.c.name == name)
    if element:
        statement = statement.where(table.c.element == element)
    return connection.execute(statement.order_by(table.c.element).limit(1)).one_or_none()


def due_starts(connection: sa.Connection, now: Any) -> list[sa.Row[Any]]:
    """Timer start events that are due."""
    table = start_subscription
    return list(connection.execute(sa.select(table).where(table.c.kind == "timer", table.c.due_at <= now)
                                   .order_by(table.c.due_at, table.c.process_id)))


def rearm_start(connection: sa.Connection, process_id: str, element: str, due_at: Any, cycle: str | None) -> None:
    """When a timer start event falls due next; None: never again."""
    table = start_subscription
    connection.execute(table.update().values(due_at=due_at, cycle=cycle).where(
        table.c.process_id == process_id, table.c.element == element))


def lock_start(connection: sa.Connection, process_id: str, element: str) -> sa.Row[Any] | None:
    """A start event that listens, locked, so that two workers start no two cases."""
    table = start_subscription
    return connection.execute(sa.select(table).where(
        table.c.process_id == process_id, table.c.element == element).with_for_update()).one_or_none()
