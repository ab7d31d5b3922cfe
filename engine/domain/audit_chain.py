"""The audit chain: every entry carries a digest over itself and the digest before it, so that nothing can be changed,
taken out or put in between without being noticed. Heads of many chains are bound together by a Merkle root.

Canonical JSON (what is digested): UTF-8 without escapes beyond those JSON needs; keys sorted by code point; no spaces;
text exactly as given (no Unicode normalisation: composed and decomposed forms are different evidence). Numbers are
written plain, without exponent, trailing zeros or a negative zero, so 1, 1.0 and Decimal("1.00") are one number; a
float is the number its shortest decimal text names. Days are ISO text; instants are UTC with ``Z``, and microseconds
only when they have any. NaN, infinities, numbers of more than a thousand digits, naive instants, keys that are not text
and lone surrogates are refused.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from engine.errors import InvalidInput, Phrase

DEFAULT_ALGORITHM = "sha-256"
GENESIS = "0" * 64
"""Stands for the digest before the first entry."""

_ALGORITHMS: Mapping[str, str] = {
    name: digest
    for name, digest in ((DEFAULT_ALGORITHM, "sha256"), ("sm3", "sm3"))
    if digest in hashlib.algorithms_available
}
"""Digests by the name an entry gives them; SM3 where the machine's library has it."""
MOST_DIGITS = 1_000
_PLAIN = frozenset((str, bool, type(None)))
_SMALL = 1 << 63
_write_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode
"""Writes plain values in the canonical form, many times faster than ``_write``, which knows every value."""
_LEAF, _NODE = b"\x00", b"\x01"


@dataclass(frozen=True)
class Link:
    """One stored entry with the digest it claims. ``entry["algorithm"]`` names the digest, sha-256 when absent."""

    previous_hash: str
    hash: str
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """``first_broken_index`` counts from 0; both it and ``reason`` are None when the chain is whole."""

    ok: bool
    first_broken_index: int | None = None
    reason: str | None = None


def canonical_json(value: Any) -> bytes:
    """The one way to write a value. Raises ``InvalidInput`` naming the place of what cannot be written."""
    text = _write_plain(value) if _is_plain(value) else _write(value, "$")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput(expected="text without lone surrogates", found=ascii(error.object), where="$") from error


def entry_hash(previous_hash: str, entry: Mapping[str, Any]) -> str:
    """The hex digest of an entry in its place: over the previous digest, a line feed and the canonical entry."""
    return _digest(entry.get("algorithm", DEFAULT_ALGORITHM), previous_hash, entry)


NATIONAL = "sm3"
"""The member of an entry that holds its SM3 digest, beside the chain's own; the chain's digest covers it too."""


def with_national_digest(previous_hash: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry with its SM3 digest (GB/T 32905) in place beside the chain's SHA-256."""
    return {**entry, NATIONAL: _digest(NATIONAL, previous_hash, entry)}


def sealed(previous_hash: str, entry: Mapping[str, Any]) -> tuple[str, str]:
    """(canonical text, hex digest) of an entry in its place; written once for both."""
    content = canonical_json(entry)
    return content.decode(), _digest_of(entry.get("algorithm", DEFAULT_ALGORITHM), previous_hash, content)


def _digest(name: str, previous_hash: str, entry: Mapping[str, Any]) -> str:
    return _digest_of(name, previous_hash, canonical_json(entry))


def _digest_of(name: str, previous_hash: str, content: bytes) -> str:
    if name not in _ALGORITHMS:
        raise InvalidInput(expected=Phrase("a digest out of {names}", names=', '.join(_ALGORITHMS)),
                           found=repr(name), where="$.algorithm")
    return hashlib.new(_ALGORITHMS[name], previous_hash.encode("ascii") + b"\n" + content).hexdigest()


def link(previous_hash: str, entry: Mapping[str, Any]) -> Link:
    """The entry as the next link after ``previous_hash`` (``GENESIS`` for the first)."""
    return Link(previous_hash, entry_hash(previous_hash, entry), entry)


def verify(links: Iterable[Link], head: str | None = None, previous_hash: str = GENESIS) -> Verdict:
    """Walk a chain from ``previous_hash`` and name its first broken link.

    With ``head``, a digest anchored elsewhere, a chain cut off at its end is noticed too.
    """
    index = 0
    for index, one in enumerate(links):
        if one.previous_hash != previous_hash:
            return Verdict(False, index, "previous_hash does not match the entry before it")
        try:
            computed = entry_hash(previous_hash, one.entry)
        except InvalidInput as error:
            return Verdict(False, index, error.message)
        if computed != one.hash or not _national_matches(one):
            return Verdict(False, index, "content does not match its hash")
        previous_hash = one.hash
    if head is not None and previous_hash != head:
        return Verdict(False, index, "the chain does not end at the anchored head")
    return Verdict(True)


def _national_matches(one: Link) -> bool:
    """Where the machine that checks knows no SM3, the chain's own digest speaks for it."""
    if NATIONAL not in one.entry or NATIONAL not in _ALGORITHMS:
        return True
    plain = {name: value for name, value in one.entry.items() if name != NATIONAL}
    return bool(_digest(NATIONAL, one.previous_hash, plain) == one.entry[NATIONAL])


def row_digest(salt: str, row: Mapping[str, Any], data: str | None) -> str:
    """What a chain knows of a history row: a salted digest, so that the row's content may be erased one day and cannot
    be guessed from it. ``data``: the JSON text as it is kept, so that nobody has to agree on how to write it again."""
    content = [row["seq"], _day_or_instant(row["at"], "at"), row["kind"], row["element"], row["instance"],
               row["process"], row["type"], row["actor"], data]
    said = f"{salt}\n{_write_plain(content)}"  # texts and whole numbers only: the canonical form as it is
    return hashlib.sha256(said.encode()).hexdigest()


def seal_of(digests: Iterable[str]) -> str:
    """What an entry seals: one digest over the digests of its command's history rows, in order."""
    return hashlib.sha256("".join(digests).encode("ascii")).hexdigest()


def head_digest(chain: str, seq: int, head: str) -> str:
    """A leaf of an anchor: that a chain had so many entries and ended so."""
    return hashlib.sha256(f"{chain}\n{seq}\n{head}".encode()).hexdigest()


def merkle_root(heads: Sequence[str]) -> str:
    """One digest (sha-256) for many hex digests in their order, after RFC 6962 2.1: leaves and nodes are told apart,
    nothing is doubled. No heads give the digest of nothing."""
    if not heads:
        return hashlib.sha256().hexdigest()
    return _root([_leaf(head) for head in heads]).hex()


def merkle_path(heads: Sequence[str], place: int) -> list[tuple[str, str]]:
    """The nodes beside the way from one head to the root, lowest first: (``left`` or ``right`` of the way, hex)."""
    leaves = [_leaf(head) for head in heads]
    found: list[tuple[str, str]] = []
    while len(leaves) > 1:
        split = 1 << ((len(leaves) - 1).bit_length() - 1)
        if place < split:
            found.append(("right", _root(leaves[split:]).hex()))
            leaves = leaves[:split]
        else:
            found.append(("left", _root(leaves[:split]).hex()))
            leaves, place = leaves[split:], place - split
    return found[::-1]


def _leaf(head: str) -> bytes:
    try:
        return hashlib.sha256(_LEAF + bytes.fromhex(head)).digest()
    except ValueError as error:
        raise InvalidInput(expected="a hex digest", found=repr(head), where="heads") from error


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(_NODE + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _is_plain(value: Any) -> bool:
    """Whether there is nothing in a value whose canonical form differs from what ``json`` makes of it."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    return kind in _PLAIN or (kind is int and -_SMALL < value < _SMALL)


def _write(value: Any, where: str) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float | Decimal):
        return _number(value, where)
    if isinstance(value, date):
        return json.dumps(_day_or_instant(value, where))
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InvalidInput(expected="keys that are text", found=repr(key), where=where)
        members = (f"{_write(key, where)}:{_write(value[key], f'{where}.{key}')}" for key in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_write(item, f"{where}[{index}]") for index, item in enumerate(value)) + "]"
    raise InvalidInput(expected="a value that JSON can hold", found=type(value).__name__, where=where)


def _number(value: int | float | Decimal, where: str) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise InvalidInput(expected="a finite number", found=str(value), where=where)
    if not number:
        return "0"
    if abs(number.adjusted()) > MOST_DIGITS or len(number.as_tuple().digits) > MOST_DIGITS:
        raise InvalidInput(expected=Phrase("a number of at most {most} digits", most=MOST_DIGITS),
                           found=f"{number:.3E}", where=where)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day_or_instant(value: date, where: str) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise InvalidInput(expected="an instant with a zone", found=value.isoformat(), where=where)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
