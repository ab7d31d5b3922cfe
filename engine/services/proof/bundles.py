"""Evidence bundles: one zip that opens and is checked offline: ``index.html`` for people, ``verify.py`` for machines.

Of a case: documents, history, its chain, messages with their receipts, anchors with the way from the case's head to
their root, countersignatures. Of the whole trail: all chains and all anchors, without the content of any case.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from engine.definition.model import Definition
from engine.domain.actors import Actor
from engine.domain.audit_chain import head_digest, merkle_path, row_digest
from engine.domain.permissions import Sight
from engine.services.context import Parts
from engine.services.proof import proofs, verifier
from engine.services.proof.bundle_index import Words, index
from engine.services.views import redaction
from engine.store import anchors, papers, partners, queries, records
from engine.store.database import Connection
from engine.store.schema import encode_json

Files = dict[str, bytes]
STATE = "state.bin"


def case_bundle(connection: Connection, actor: Actor, parts: Parts, case: Any, now: datetime, out: IO[bytes]) -> str:
    """Write the bundle of a case that the caller already found visible. Returns the digest of its manifest.

    What of a closed space the actor may not open (a panel's deliberation) is withheld: its digest stands for it.
    """
    definition = parts.definitions.get(connection, case.definition_key)
    history = queries.history_of(connection, case.id)
    told = redaction.entries(history, Sight.WHOLE, actor, definition)
    hidden = frozenset(row.seq for row, entry in zip(history, told, strict=True)
                       if (row.data, row.actor) != (entry.data, entry.actor))
    documents, files = _documents(connection, actor, parts, case.id)
    withheld = [item["path"] for item in documents if item["withheld"]]
    withheld += [f"history.jsonl#{seq}" for seq in sorted(hidden)]
    if withheld:  # what the case knows holds what was deliberated
        withheld.append(STATE)
    else:
        files[STATE] = records.state_of(connection, case.id) or b""
    sent, received = queries.messages_of(connection, case.id)
    files |= {
        "documents.json": _json(documents), "history.jsonl": _lines(_history(connection, case.id, hidden)),
        **_trail(connection, [case.id]), **_anchors(connection, case.id),
        **{f"messages/out-{number:03}.json": _json(_sent(row)) for number, row in enumerate(sent, 1)},
        **_received(received, partners.evidence(connection, case.id))}
    about = {"id": case.id, "case_no": case.case_no, "title": case.title, "parties": case.parties,
             "process": case.process_id, "definition": case.definition_key, "state": case.state, "level": case.level,
             "started_at": case.started_at, "ended_at": case.ended_at, "purged": case.purged_at is not None}
    files["index.html"] = index(about, documents, told, sent, received, now, words_of(definition, history, hidden))
    return _write(out, files, {"kind": "case", "case": about, "made_at": now, "made_by": actor.id,
                               "withheld": withheld})


def trail_bundle(connection: Connection, actor: Actor, now: datetime, out: IO[bytes]) -> str:
    """Write all chains and anchors. Returns the digest of the manifest."""
    files = {**_trail(connection, sorted(records.chain_heads(connection))), **_anchors(connection, None)}
    return _write(out, files, {"kind": "trail", "made_at": now, "made_by": actor.id, "withheld": []})


def words_of(definition: Definition, history: Iterable[Any], hidden: frozenset[int] = frozenset()) -> Words:
    """The names of a diagram's elements, the labels of its forms' fields and of what is chosen there."""
    elements = {element.id: element.name for process in definition.processes.values()
                for element in process.elements.values() if element.name}
    fields = [item for form in definition.forms.values() for item in _fields(form.get("components", ()), "")]
    named = {path: str(one.get("label") or one.get("dateLabel") or one.get("dateTimeLabel")) for path, one in fields}
    choices = {(path, str(choice.get("value"))): str(choice.get("label")) for path, one in fields
               for choice in one.get("values", ())}
    return Words(definition.root.name, elements, {path: label for path, label in named.items() if label != "None"},
                 choices, frozenset(row.seq for row in history if row.salt is None), hidden)


def _fields(components: Iterable[Mapping[str, Any]], above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in components:
        path = ".".join(filter(None, (above, one.get("key") or one.get("path") or "")))
        if one.get("key"):
            yield path, one
        yield from _fields(one.get("components", ()), path if one.get("path") else above)


def stream_of(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def _trail(connection: Connection, chains: Sequence[str]) -> Files:
    rows, heads = [], {}
    for chain in chains:
        entries = records.audit_entries(connection, chain)
        rows += [{"chain": chain, "seq": row.seq, "previous": row.previous, "hash": row.hash, "entry": row.entry}
                 for row in entries]
        heads[chain] = (len(entries), entries[-1].hash if entries else "")
    return {"chains.jsonl": _lines(rows), "heads.json": _json(heads)}


def _history(connection: Connection, case_id: str, hidden: frozenset[int]) -> Iterable[Mapping[str, Any]]:
    """What was erased, and what is hidden from the reader, is there by its digest."""
    erased = records.erased_rows(connection, case_id)
    for row in records.history_texts(connection, case_id):
        kept = {name: value for name, value in row._mapping.items() if name != "case_id"}
        if row.salt is None:
            kept["digest"] = erased.get(row.seq)
        elif row.seq in hidden:
            kept |= {"digest": row_digest(row.salt, kept, row.data), "salt": None, "data": None, "actor": ""}
        yield {**kept, "at": row.at.isoformat().replace("+00:00", "Z")}


def _documents(connection: Connection, actor: Actor, parts: Parts, case_id: str) -> tuple[list[dict[str, Any]], Files]:
    found, files = [], {}
    seen = queries.documents_of(connection, actor, case_id)
    stamps = papers.stamps(connection, case_id)
    for number, row in enumerate(seen, 1):
        name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in row.name)
        path = f"documents/{number:03}-{name[-100:]}"
        files[path] = parts.files.read(row.sha256)
        stamp = f"timestamps/evidence-{number:03}.tsr" if row.id in stamps else None
        files |= {stamp: stamps[row.id]} if stamp else {}
        found.append({"path": path, "title": row.title, "name": row.name, "number": row.number, "role": row.role,
                      "category": row.category, "sha256": row.sha256, "added_at": row.added_at,
                      "added_by": row.added_by, "issuing_authority": row.issuing_authority,
                      "handled_by": row.handled_by, "withheld": False, "timestamp": stamp})
    hidden = sorted(records.document_hashes(connection, case_id) - {row.sha256 for row in seen})
    found += [{"path": f"documents/withheld-{number:03}", "sha256": digest, "withheld": True}
              for number, digest in enumerate(hidden, 1)]
    return found, files


def _sent(row: Any) -> Mapping[str, Any]:
    return {"id": row.id, "partner": row.partner, "type": row.type, "body": row.body, "state": row.state,
            "attempts": row.attempts, "created_at": row.created_at, "delivered_at": row.delivered_at,
            "receipt": row.receipt}


def _received(rows: Sequence[Any], evidence: Mapping[tuple[str, str], Any]) -> Files:
    """Of each message what was kept, and the files that prove it."""
    files: Files = {}
    for number, row in enumerate(rows, 1):
        path = f"messages/in-{number:03}"
        known = evidence.get((row.partner, row.message_id))
        proof, proving = (None, {}) if known is None else proofs.files_of(known, path)
        files |= {f"{path}.json": _json(_kept(row, proof)), **proving}
    return files


def _kept(row: Any, proof: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {"id": row.message_id, "partner": row.partner, "type": row.type, "body_sha256": row.body_hash,
            "envelope": row.envelope, "status": row.status, "channel": row.channel, "received_at": row.received_at,
            "legal_on": row.legal_on, "proof": proof}


def _anchors(connection: Connection, chain: str | None) -> Files:
    """All anchors with their leaves, or those of one chain with its leaf's way to the root."""
    rows: list[Mapping[str, Any]] = []
    files: Files = {}
    wanted = None
    if chain is not None:
        wanted = {row.anchor for row in anchors.anchored(connection, chain)}
    for row, leaves in anchors.each(connection, wanted):
        said = {name: getattr(row, name) for name in ("seq", "algorithm", "root", "heads", "previous", "hash")}
        said["at"] = row.at.isoformat().replace("+00:00", "Z")
        rows.append({**said, **_proof(leaves, chain)})
    for row in anchors.timestamps(connection):
        if wanted is None or row.anchor in wanted:
            files |= {f"timestamps/{row.anchor}.tsr": row.token, f"timestamps/{row.anchor}.txt": row.hash.encode()}
    return {"anchors.jsonl": _lines(rows), **files}


def _proof(leaves: Sequence[Any], chain: str | None) -> Mapping[str, Any]:
    said = [(leaf.chain, leaf.seq, leaf.hash) for leaf in leaves]
    if chain is None:
        return {"leaves": said}
    place = [leaf.chain for leaf in leaves].index(chain)
    return {"leaves": [said[place]], "path": merkle_path([head_digest(*leaf) for leaf in said], place)}


def _write(out: IO[bytes], files: Files, manifest: Mapping[str, Any]) -> str:
    """Stored, undated members only, so that every byte of the container can be accounted for."""
    files["verify.py"] = Path(verifier.__file__).read_bytes()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    said = _json({"format": verifier.FORMAT, **manifest, "files": hashes})
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in [("manifest.json", said), *sorted(files.items())]:
            archive.writestr(_member(name), content)
    return hashlib.sha256(said).hexdigest()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, verifier.DAY)
    member.external_attr, member.create_system = verifier.MODE, 3
    return member


def _json(value: Any) -> bytes:
    return json.dumps(json.loads(encode_json(value)), ensure_ascii=False, indent=1).encode()


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(encode_json(row) + "\n" for row in rows).encode()
