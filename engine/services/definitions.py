"""Published definitions: immutable, cached for the life of the process, bound at deployment."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.definition import Bundle, Deployed, SourceFile, load
from engine.definition.model import Definition, Process, Trigger
from engine.definition.wording import kept
from engine.domain.commands import Deploy
from engine.errors import NotFound
from engine.execution import schedule
from engine.services import cases, listening, trail, words
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines
from engine.store import definitions as rows
from engine.store.database import Connection

_KINDS = {".bpmn": "bpmn", ".dmn": "dmn", ".form": "form", ".docx": "template", words.ENDING: "words"}
_BESIDE = ("template", "words")
"""Kinds of files that are no models."""


class Definitions:
    """The cache: definitions by key, deployments by id. Only what is committed gets in: a deployment never asks it for
    what it is about to publish itself. One thread reads files at a time, so that none is read twice.
    """

    def __init__(self) -> None:
        self.words = words.Words()
        self._reading = threading.RLock()
        self._definitions: dict[str, Definition] = {}
        self._bundles: dict[str, Bundle] = {}

    def get(self, connection: Connection, key: str) -> Definition:
        """The definition of a key. Raises ``NotFound`` when nothing was deployed under it."""
        found = self._definitions.get(key)
        if found is not None:
            return found
        with self._reading:
            if key not in self._definitions:
                self._definitions[key] = self._load(connection, key)
            return self._definitions[key]

    def _load(self, connection: Connection, key: str) -> Definition:
        row = rows.get(connection, key)
        if row is None:
            raise NotFound(noun="definition", key=key)
        also = self.deployed(connection, row.bound)
        return self._bundle(connection, row.deployment_id).definition(row.process_id, key=key, also=also)

    def _bundle(self, connection: Connection, deployment_id: str) -> Bundle:
        with self._reading:
            if deployment_id not in self._bundles:
                files = [SourceFile(name, content) for name, kind, content in rows.resources(connection, deployment_id)
                         if kind not in _BESIDE]
                self._bundles[deployment_id] = load(files, published=True)
            return self._bundles[deployment_id]

    def deployed(self, connection: Connection, bound: Mapping[str, Mapping[str, str]]) -> Deployed:
        """What a deployment borrows from earlier ones: ``bound`` names a deployment for each borrowed id."""
        processes: dict[str, Process] = {}
        for key in bound.get("processes", {}).values():
            processes.update(self.get(connection, key).processes)
        decisions = {name: self._bundle(connection, where).decisions[name]
                     for name, where in bound.get("decisions", {}).items()}
        forms = {name: self._bundle(connection, where).forms[name] for name, where in bound.get("forms", {}).items()}
        return Deployed(processes=processes, decisions=decisions, forms=forms)

    def template(self, connection: Connection, key: str, name: str) -> bytes:
        """A Word template deployed with a definition, by file name; of several, the one in the diagram's own folder."""
        row = rows.get(connection, key)
        content = None
        if row is not None:
            content = rows.resource_named(connection, row.deployment_id, name, beside=row.resource_name)
        if content is None:
            raise NotFound(noun="document template", key=name)
        return content

    def diagram(self, connection: Connection, key: str, process_id: str) -> bytes:
        """The BPMN file that holds a process of a definition, the root or a called one."""
        row = rows.get(connection, key)
        if row is None:
            raise NotFound(noun="definition", key=key)
        called = row.bound.get("processes", {}).get(process_id)
        if called is not None and called != key and process_id != row.process_id:
            return self.diagram(connection, called, process_id)
        name = next((model.file for model in self._bundle(connection, row.deployment_id).models
                     for process in model.processes if process.id == process_id), row.resource_name)
        content = rows.resource_named(connection, row.deployment_id, name)
        if content is None:
            raise NotFound(noun="diagram", key=process_id)
        return content


def deploy(context: Context, command: Deploy) -> Outcome:
    """Check and publish files as new versions. Raises ``DeploymentRefused`` with the findings.

    Processes whose content did not change keep their version. Answers ``{"deployment", "definitions": [key, …],
    "unchanged": [key, …], "findings": [...]}``.
    """
    cases.require(context, "definition.deploy")
    context.database.lock_name(context.connection, "deploy")
    files = [SourceFile(item.name, item.content) for item in command.resources if _kind(item.name) not in _BESIDE]
    for item in command.resources:
        if _kind(item.name) == "words":
            words.read(item.name, item.content)
    also, bound = _already_deployed(context, files)
    bundle = load(files, also=also)
    digest = _digest((item.name, item.content) for item in command.resources)
    deployment_id = context.new_id()
    added, unchanged = _versions(context, bundle, deployment_id, digest, bound)
    if added:
        _insert(context, command, deployment_id, digest, bundle, added)
    trail.record_system(context, {"deployed": [row["key"] for row in added], "content_sha256": digest})
    return {"deployment": deployment_id if added else None, "definitions": [row["key"] for row in added],
            "unchanged": unchanged, "findings": [kept(finding) for finding in bundle.findings]}


def _digest(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(parts):
        digest.update(name.encode() + b"\x00" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def _already_deployed(context: Context, files: Sequence[SourceFile]) -> tuple[Deployed, dict[str, dict[str, str]]]:
    """Everything published before, for references that the files themselves do not resolve."""
    own = {item.name for item in files}
    bound: dict[str, dict[str, str]] = {"processes": {}, "decisions": {}, "forms": {}}
    for row in rows.all_newest(context.connection):
        if row.resource_name not in own:
            bound["processes"][row.process_id] = row.key
    for kind, name in (("dmn", "decisions"), ("form", "forms")):
        for key, deployment_id in rows.newest_resources(context.connection, kind):
            bound[name].update(dict.fromkeys(key.split("\x1f"), deployment_id))
    return context.parts.definitions.deployed(context.connection, bound), bound


def _versions(context: Context, bundle: Bundle, deployment_id: str, digest: str,
              bound: dict[str, dict[str, str]]) -> tuple[list[dict[str, Any]], list[str]]:
    added: list[dict[str, Any]] = []
    unchanged: list[str] = []
    for model in bundle.models:
        for process in model.processes:
            newest = rows.newest(context.connection, process.id)
            if newest is not None and newest.content_hash == digest:
                unchanged.append(newest.key)
                continue
            version = newest.version + 1 if newest is not None else 1
            added.append(_definition_row(context, process, model.file, version, deployment_id, digest, bound))
    return added, unchanged


def _definition_row(context: Context, process: Process, file: str, version: int, deployment_id: str, digest: str,
                    bound: Mapping[str, Any]) -> dict[str, Any]:
    starts = [process.elements[name] for name in process.root().start_events]
    start = next((element for element in starts if listening.is_none(element)), None)
    implicit = not starts and bool(process.root().entry_elements)
    startable = process.executable and not process.global_task and (start is not None or implicit)
    form = start.user_task.form_id if start is not None and start.user_task is not None else None
    return {"key": f"{process.id}:{version}:{digest[:12]}", "process_id": process.id, "version": version,
            "name": process.name or process.id, "deployment_id": deployment_id, "resource_name": file,
            "content_hash": digest, "startable": startable,
            "start_form": form, "bound": bound, "deployed_at": context.now}


def _insert(context: Context, command: Deploy, deployment_id: str, digest: str, bundle: Bundle,
            added: list[dict[str, Any]]) -> None:
    resources = [{"deployment_id": deployment_id, "name": item.name, "kind": _kind(item.name),
                  "resource_key": _resource_key(item.name, item.content), "content": item.content}
                 for item in command.resources]
    rows.insert_deployment(context.connection, {
        "id": deployment_id, "deployed_at": context.now, "deployed_by": context.actor.id, "content_hash": digest},
        resources)
    rows.insert_definitions(context.connection, added)
    processes = {process.id: process for model in bundle.models for process in model.processes}
    listeners = [row for definition in added if processes[definition["process_id"]].executable
                 for row in _start_rows(context, processes[definition["process_id"]], definition["key"])]
    rows.replace_starts(context.connection, [row["process_id"] for row in added], listeners)


def _kind(name: str) -> str:
    return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), "other")


def _resource_key(name: str, content: bytes) -> str:
    """The ids a file answers to, so that later deployments find it."""
    own = load([SourceFile(name, content)], published=True) if _kind(name) in ("dmn", "form") else None
    return "\x1f".join([*own.decisions, *own.forms])[:255] if own is not None else name


def _start_rows(context: Context, process: Process, key: str) -> list[dict[str, Any]]:
    """The start events that listen: by message, signal or timer; receive tasks and event gateways that instantiate."""
    found: list[dict[str, Any]] = []
    functions = deadlines.functions(context, dict)
    for element, event in listening.triggers(process):
        armed = schedule.first(event, context.now, functions) if event.trigger is Trigger.TIMER else None
        found.append({"process_id": process.id, "element": element, "definition_key": key,
                      "kind": str(event.trigger), "name": listening.named(event),
                      "due_at": armed.due_at if armed else None, "cycle": armed.cycle if armed else None})
    return found
