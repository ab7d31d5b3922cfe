"""PDF (ISO 32000-1): paper, not a program. No scripts, no calls of programs, no files inside, no password.

A reader finds its objects by cross-references, which can be written to mislead whoever checks. So nothing is followed
here: the names of what acts are looked for in every byte, however they are spelt, and in all that unpacks.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from engine.errors import InvalidInput, Phrase

MOST_UNPACKED = 200 << 20
_PIECE, _OVERLAP = 1 << 18, 64
_END = rb"(?=[\s\0()<>\[\]{}/%]|\Z)"
_ACTS = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|GoToE)" + _END)
_SPELT = re.compile(rb"/[^\s\0()<>\[\]{}/%]{0,40}#[0-9A-Fa-f]{2}[^\s\0()<>\[\]{}/%]{0,80}")
_LOCKED = re.compile(rb"/Encrypt[\s\0]*(?:\d{1,10}[\s\0]+\d{1,5}[\s\0]+R|<<)")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_PACKED = re.compile(rb"/ObjStm" + _END)
_ODD = re.compile(rb"/(?:DecodeParms|DP|LZWDecode|LZW|ASCIIHexDecode|AHx|ASCII85Decode|A85|RunLengthDecode|RL|Crypt)"
                  + _END)
_FOUND = {b"JavaScript": "a script", b"Launch": "a call of a program", b"EmbeddedFile": "files inside",
          b"EmbeddedFiles": "files inside", b"RichMedia": "a film or program inside", b"GoToE": "files inside"}
_NEAR = 2048
_DIRECTORY, _TAIL = b"PK\x05\x06", 65_557
"""By which readers of archives find one, from the end."""


def require_quiet(content: BinaryIO, name: str) -> None:
    """Raises ``InvalidInput``."""
    with mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        if whole.rfind(_DIRECTORY, max(0, len(whole) - _TAIL)) >= 0:
            raise InvalidInput(expected="a PDF and nothing else", found="an archive inside", where=name)
        _require_readable(whole, name)
        _require_still(whole, name)
        for piece in _unpacked(whole, name):
            _require_still(piece, name)


def _require_readable(whole: mmap.mmap, name: str) -> None:
    """Nothing is locked away or packed in a way that is not unpacked here."""
    if _LOCKED.search(whole):
        raise InvalidInput(expected="a PDF without a password", found="one", where=name)
    for found in _PACKED.finditer(whole):
        if _ODD.search(_dictionary(whole, found.start())):
            raise _obscure(name)


def _dictionary(whole: mmap.mmap, place: int) -> bytes:
    """What stands around a name, from the beginning of its object to its stream."""
    begin = max(whole.rfind(b" obj", 0, place), place - _NEAR, 0)
    end = whole.find(b"stream", place, place + _NEAR)
    return whole[begin:end if end >= 0 else place + _NEAR]


def _require_still(content: bytes | mmap.mmap, name: str) -> None:
    found = _ACTS.search(content)
    if found:
        raise _acting(found[1], name)
    for spelt in _SPELT.finditer(content):
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), spelt[0])
        acts = _ACTS.match(plain)
        if acts:
            raise _acting(acts[1], name)
        if plain in (b"/ObjStm", b"/Encrypt"):
            raise _obscure(name)


def _unpacked(whole: mmap.mmap, name: str) -> Iterator[bytes]:
    """Whatever unpacks behind the word ``stream``, in pieces that overlap."""
    room = MOST_UNPACKED
    for found in _STREAM.finditer(whole):
        unpacker, place, before = zlib.decompressobj(), found.end(), b""
        while not unpacker.eof and place < len(whole):
            try:
                piece = unpacker.decompress(unpacker.unconsumed_tail or whole[place:place + _PIECE], _PIECE)
            except zlib.error:
                break
            if not unpacker.unconsumed_tail:
                place += _PIECE
            room -= max(len(piece), 1)
            if room < 0:
                raise InvalidInput(expected=Phrase("at most {size} MB unpacked", size=MOST_UNPACKED >> 20),
                                   found="more", where=name)
            yield before + piece
            before = piece[-_OVERLAP:]


def _acting(word: bytes, name: str) -> InvalidInput:
    return InvalidInput(expected="a PDF that only shows pages", found=_FOUND[word], where=name)


def _obscure(name: str) -> InvalidInput:
    return InvalidInput(expected="a PDF that can be looked through", found="one written to mislead", where=name)
