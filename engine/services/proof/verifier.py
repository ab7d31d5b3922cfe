#!/usr/bin/env python3
"""Checks an exported bundle of Kapok, offline, with nothing but Python's standard library (3.9 or newer):

    python3 verify.py BUNDLE.zip

核验木棉导出的证据包，离线运行，只需 Python 标准库。
Exit 0: whole · 完整；1: what is broken is named · 指出被改动之处。

What is checked: every byte of the container; each file against the manifest; each entry of the audit chain against the
one before it; history, state and documents against what the entries seal; the anchors; each received message and our
receipt against their Ed25519 signatures; each countersignature (RFC 3161): granted, and over its anchor or evidence
(whether its authority is to be trusted: ``openssl ts -verify -data N.txt -in N.tsr -CAfile ROOT.pem``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from typing import Any

GENESIS = "0" * 64
FORMAT = "kapok-evidence-1"
DIGESTS = {"sha-256": "sha256", "sm3": "sm3"}
DAY = (1980, 1, 1, 0, 0, 0)
MODE = 0o600 << 16
OIDS = {bytes.fromhex("608648016503040201"): "sha256", bytes.fromhex("608648016503040202"): "sha384",
        bytes.fromhex("608648016503040203"): "sha512"}
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
ED25519 = bytes.fromhex("302a300506032b6570032100")


class Broken(Exception):
    """(where, what)"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def container(archive: Any, size: int) -> None:
    """Every byte of the zip is one that the export wrote: stored members in a row, the directory, nothing else."""
    place, directory = 0, b""
    for info in archive.infolist():
        name = info.filename.encode()
        said = (0 if info.filename.isascii() else 0x800, 0, 0, 33, info.CRC, info.file_size, info.file_size, len(name))
        local = struct.pack("<4sH4H3L2H", b"PK\3\4", 20, *said, 0) + name
        archive.fp.seek(place)
        if info.header_offset != place or archive.fp.read(len(local)) != local:
            raise Broken(info.filename, "the container was changed")
        directory += struct.pack("<4s4B4H3L5H2L", b"PK\1\2", 20, 3, 20, 0, *said, 0, 0, 0, 0, MODE, place) + name
        place += len(local) + info.file_size
    count = len(archive.infolist())
    directory += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), place, 0)
    archive.fp.seek(place)
    if archive.fp.read() != directory or archive.fp.tell() != size:
        raise Broken("the directory of the container", "the container was changed")


def contents(archive: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and each file as it says. A changed chain is told by its entry, not by its file."""
    files = {}
    for info in archive.infolist():
        if info.filename in files:
            raise Broken("the container", "a name occurs twice")
        archive.fp.seek(info.header_offset + 30 + len(info.filename.encode()))
        files[info.filename] = archive.fp.read(info.file_size)
        if zlib.crc32(files[info.filename]) != info.CRC and info.filename != "chains.jsonl":
            raise Broken(info.filename, "content does not match its checksum")
    if "manifest.json" not in files:
        raise Broken("manifest.json", "is missing")
    manifest = json.loads(files.pop("manifest.json"))
    if manifest["format"] != FORMAT:
        raise Broken("manifest.json", "expected format {}, but found {}".format(FORMAT, manifest["format"]))
    chains(files)
    for name in sorted(set(files) | set(manifest["files"])):
        if name not in manifest["files"]:
            raise Broken(name, "is not in the manifest")
        if name not in files:
            raise Broken(name, "is missing")
        if sha256(files[name]) != manifest["files"][name]:
            raise Broken(name, "content does not match its hash in the manifest")
    return manifest, files


def entry_name(chain: str, number: int) -> str:
    return f"chain {chain} entry {number}"


def lines(files: dict[str, bytes], name: str) -> list[Any]:
    return [json.loads(line) for line in files.get(name, b"").decode().splitlines()]


def chains(files: dict[str, bytes]) -> dict[str, list[Any]]:
    """{chain: entries}, each chain whole in itself and as long as its head says."""
    found: dict[str, list[Any]] = {}
    links: dict[str, str] = {}
    heads = json.loads(files.get("heads.json", b"{}"))
    for number, line in enumerate(files.get("chains.jsonl", b"").split(b"\n")[:-1], 1):
        try:
            row = json.loads(line)
            entry = json.loads(row["entry"])
            earlier = found.setdefault(row["chain"], []) if row["chain"] in heads else None
            digest, said = DIGESTS[entry["algorithm"]], (row["previous"] + "\n" + row["entry"]).encode()
        except (ValueError, KeyError, TypeError) as error:
            raise Broken(f"chains.jsonl line {number}", f"cannot be read: {error!r}") from error
        if earlier is None:
            raise Broken(f"chains.jsonl line {number}", "is of no chain that has a head")
        where = entry_name(row["chain"], len(earlier) + 1)
        if row["seq"] != len(earlier) + 1:
            raise Broken(where, "the entry is missing")
        if row["previous"] != links.get(row["chain"], GENESIS):
            raise Broken(where, "does not follow the entry before it")
        if hashlib.new(digest, said).hexdigest() != row["hash"] or not national(row, entry):
            raise Broken(where, "content does not match its hash")
        links[row["chain"]] = row["hash"]
        earlier.append((row["hash"], entry))
    for chain, (seq, head) in heads.items():
        if len(found.get(chain, [])) != seq or (seq and links[chain] != head):
            raise Broken(entry_name(chain, len(found.get(chain, [])) + 1), "the entry is missing")
    return found


def national(row: dict[str, Any], entry: dict[str, Any]) -> bool:
    """The SM3 digest beside the chain's own, where this machine knows SM3."""
    if "sm3" not in entry or "sm3" not in hashlib.algorithms_available:
        return True
    rest = {name: value for name, value in entry.items() if name != "sm3"}
    return bool(hashlib.new("sm3", (row["previous"] + "\n" + plain(rest)).encode()).hexdigest() == entry["sm3"])


def row_digest(row: dict[str, Any]) -> str:
    if row["salt"] is None:
        return str(row.get("digest") or "")
    content = [row[name] for name in ("seq", "at", "kind", "element", "instance", "process", "type", "actor", "data")]
    return sha256((row["salt"] + "\n" + json.dumps(content, ensure_ascii=False, separators=(",", ":"))).encode())


def sealed(manifest: dict[str, Any], files: dict[str, bytes], entries: list[Any]) -> None:
    """History, state and documents of a case are those that its entries seal."""
    case = manifest["case"]["id"]
    history = {row["seq"]: row for row in lines(files, "history.jsonl")}
    kept = {document["sha256"] for document in json.loads(files["documents.json"])}
    salt, covered = "", 0
    for number, (_, entry) in enumerate(entries, 1):
        where = entry_name(case, number)
        salt = ""
        if entry.get("history"):
            first, last = entry["history"]
            rows = [history[seq] for seq in range(first, last + 1) if seq in history]
            if sha256("".join(map(row_digest, rows)).encode()) != entry["history_seal"]:
                raise Broken(where, "history does not match its hash")
            salt, covered = next((row["salt"] for row in rows[::-1] if row["salt"]), ""), last
        if not manifest["case"]["purged"] and not set(entry.get("files", ())) <= kept:
            raise Broken(where, "a document is missing")
    if len(history) != covered:
        raise Broken("history.jsonl", "holds rows that no entry seals")
    state = None if "state.bin" in manifest.get("withheld", ()) else sha256(salt.encode() + b"\n" + files["state.bin"])
    if entries and state not in (None, entries[-1][1]["state_seal"]):
        raise Broken(entry_name(case, len(entries)), "state does not match its hash")
    named = {digest for _, entry in entries for digest in entry.get("files", ())}
    for document in json.loads(files["documents.json"]):
        where = document["path"]
        if document["sha256"] not in named:
            raise Broken(where, "no entry of the chain names this document")
        if where in files and sha256(files[where]) != document["sha256"]:
            raise Broken(where, "content does not match its hash")


def leaf(chain: str, seq: int, head: str) -> bytes:
    digest = sha256(f"{chain}\n{seq}\n{head}".encode())
    return hashlib.sha256(b"\0" + bytes.fromhex(digest)).digest()


def root_of(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def climbed(start: bytes, path: list[Any]) -> bytes:
    """The root that a leaf and the nodes beside its way lead to (RFC 6962)."""
    for side, node in path:
        pair = (bytes.fromhex(node), start) if side == "left" else (start, bytes.fromhex(node))
        start = hashlib.sha256(b"\1" + pair[0] + pair[1]).digest()
    return start


def anchors(manifest: dict[str, Any], files: dict[str, bytes], found: dict[str, list[Any]]) -> dict[int, str]:
    """Each anchor is whole, and what it has seen is still there. Returns {number: hash}."""
    known: dict[int, str] = {}
    before = GENESIS
    for row in lines(files, "anchors.jsonl"):
        where = "anchor {}".format(row["seq"])
        said = {name: row[name] for name in ("seq", "at", "algorithm", "root", "heads")}
        if sha256((row["previous"] + "\n" + plain(said)).encode()) != row["hash"]:
            raise Broken(where, "content does not match its hash")
        if manifest["kind"] == "trail" and (row["seq"], row["previous"]) != (len(known) + 1, before):
            raise Broken(f"anchor {len(known) + 1}", "the anchor is missing")
        leaves = row["leaves"]
        reached = (root_of([leaf(*one) for one in leaves]) if "path" not in row
                   else climbed(leaf(*leaves[0]), row["path"]))
        if reached.hex() != row["root"]:
            raise Broken(where, "heads do not match the root")
        for chain, seq, head in leaves:
            entries = found.get(chain, [])
            if seq > len(entries):
                raise Broken(entry_name(chain, len(entries) + 1),
                             f"the entry is missing: {where} has seen {seq}")
            if entries[seq - 1][0] != head:
                raise Broken(entry_name(chain, seq), f"is not the one that {where} has seen")
        known[row["seq"]] = before = row["hash"]
    return known


def timestamps(files: dict[str, bytes], known: dict[int, str]) -> int:
    signed = {f"timestamps/{number}.tsr": said.encode() for number, said in known.items()}
    signed.update({document.get("timestamp"): files.get(document["path"], b"")
                   for document in json.loads(files.get("documents.json", b"[]"))})
    stamps = [name for name in files if name.startswith("timestamps/") and name.endswith(".tsr")]
    for name in stamps:
        if name not in signed:
            raise Broken(name, "what was countersigned is missing")
        try:
            algorithm, imprint = imprint_of(files[name])
        except (ValueError, IndexError, KeyError) as error:
            raise Broken(name, f"is no granted timestamp: {error}") from error
        if hashlib.new(algorithm, signed[name]).digest() != imprint:
            raise Broken(name, "is not over what it should be")
    return len(stamps)


def der(content: bytes) -> list[tuple[int, bytes]]:
    """The (tag, content) values that follow each other in some DER (X.690)."""
    found, place = [], 0
    while place < len(content):
        tag, size, place = content[place], content[place + 1], place + 2
        if size & 0x80:
            more = size & 0x7F
            size, place = int.from_bytes(content[place:place + more], "big"), place + more
        if place + size > len(content):
            raise ValueError("it is cut off")
        found.append((tag, content[place:place + size]))
        place += size
    return found


def imprint_of(response: bytes) -> tuple[str, bytes]:
    """(digest, imprint) of a TimeStampResp (RFC 3161 2.4.2): status, token; the token is CMS SignedData over TSTInfo,
    and what its signer signed is the digest of that TSTInfo (RFC 5652 5.4)."""
    status, token = der(der(response)[0][1])[:2]
    if der(status[1])[0][1] not in (b"\0", b"\1"):
        raise ValueError("it was not granted")
    signed = der(der(der(token[1])[1][1])[0][1])
    content = der(der(signed[2][1])[1][1])[0][1]
    signer = der(der(signed[-1][1])[0][1])
    attributes = {der(value)[0][1]: der(value)[1][1] for _, value in der(signer[3][1])}
    digest = OIDS[der(signer[2][1])[0][1]]
    if der(attributes[MESSAGE_DIGEST])[0][1] != hashlib.new(digest, content).digest():
        raise ValueError("what was signed is not what it says")
    algorithm, imprint = der(der(der(content)[0][1])[2][1])
    return OIDS[der(algorithm[1])[0][1]], imprint[1]


def messages(files: dict[str, bytes]) -> int:
    """Received messages and our receipts fit what is said of them and, where the key is Ed25519, their signatures."""
    count = 0
    for name in sorted(name for name in files if name.startswith("messages/in-") and name.endswith(".json")
                       and name.count(".") == 1):
        said, stem = json.loads(files[name]), name[:-5]
        proof = said["proof"]
        if proof is None:
            continue
        if any(part not in files for part in proof["files"]):
            raise Broken(name, "a file of its proof is missing")
        if sha256(files[stem + ".body"]) != said["body_sha256"]:
            raise Broken(stem + ".body", "is not the message that was received")
        if json.loads(files[stem + ".receipt.json"])["sha256"] != said["body_sha256"]:
            raise Broken(stem + ".receipt.json", "is the receipt of another message")
        count += signed(files, stem + ".body", ".body", [proof["key"]])
        count += signed(files, stem + ".receipt", ".receipt.json", proof["receipt_keys"])
    return count


def signed(files: dict[str, bytes], path: str, ending: str, keys: list[dict[str, str]]) -> int:
    """Each Ed25519 key that is said to have signed has a signature, over an id, a time and the bytes beside it."""
    body = files[path[:path.rindex(".")] + ending]
    public = [base64.b64decode(key["public"][5:]) for key in keys if "public" in key]
    found = 0
    for name in sorted(files):
        if name.startswith(path) and name.endswith(".sig"):
            spki = base64.b64decode(b"".join(files[name[:-4] + ".pem"].split(b"\n")[1:-2]))
            key, content = spki[len(ED25519):], files[path + ".signed"]
            if not spki.startswith(ED25519) or key not in public or content.split(b".", 2)[2] != body:
                raise Broken(name, "is of another key or message")
            if not verifies(key, files[name], content):
                raise Broken(name, "the signature does not fit")
            found += 1
    if found < len(public):
        raise Broken(path, "a signature is missing")
    return found

# --- Ed25519 (RFC 8032, 5.1): slow, and it needs nothing ---
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """In extended coordinates (5.1.4)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point_of(encoded: bytes) -> Point | None:
    """Decoding (5.1.3); None for what is no point."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (sign and not x):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def verifies(key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether an Ed25519 signature is that of a key over some bytes (5.1.7)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    base = point_of(b"\x58" + b"\x66" * 31)
    if a is None or r is None or base is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + content).digest(), "little") % L
    left, right = times(s, base), add(r, times(k, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def verify(path: str) -> str:
    """What was checked, in words. Raises Broken."""
    with open(path, "rb") as file:
        size = file.seek(0, 2)
    try:
        with zipfile.ZipFile(path) as archive:
            container(archive, size)
            manifest, files = contents(archive)
    except (zipfile.BadZipFile, RuntimeError, UnicodeError, struct.error, OverflowError) as error:
        raise Broken("the container", str(error)) from error
    found = chains(files)
    if manifest["kind"] == "case":
        sealed(manifest, files, found.get(manifest["case"]["id"], []))
    known, entries = anchors(manifest, files, found), sum(map(len, found.values()))
    stamps, signatures = timestamps(files, known), messages(files)
    return (f"{len(files) + 1} files, {len(found)} chains, {entries} entries, {len(known)} anchors, {stamps} counter"
            f"signatures, {signatures} signatures of messages, {len(manifest.get('withheld', ()))} withheld")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: verify.py BUNDLE.zip\n")
        return 2
    try:
        said = verify(arguments[0])
    except Broken as broken:
        sys.stdout.write("BROKEN 已被改动  {}: {}\n".format(*broken.args))
        return 1
    except (OSError, KeyError, TypeError, ValueError, IndexError) as error:
        sys.stdout.write(f"BROKEN 已被改动  {arguments[0]}: {error}\n")
        return 1
    sys.stdout.write(f"WHOLE 完整  {said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
