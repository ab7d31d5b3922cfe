"""A visible mark on every page of a PDF (ISO 32000-1), added as an incremental update: the bytes of the original stay
in front of it as they are, so signatures over them stay valid and the mark can be told from the paper.

What is read of a PDF is no more than the way to its pages: cross-reference tables and streams, object streams, the page
tree. The mark is a locked annotation that is printed too (12.5.6.22). What cannot be read so is not marked.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MOST_PAGES, MOST_MARKED, DEEPEST = 3_000, 16 << 20, 60
MOST_READ, MOST_OBJECTS, MOST_SECTIONS = 64 << 20, 300_000, 1_000
"""Bytes read of a file, however often the same ones are led to, with what streams unpack to; objects in it; updates."""
SLOW = 8
"""What a byte counts that is looked at closely: in an object or a table."""
WIDEST = 14_400
"""Points: 200 inches, the most that readers show (annex C)."""
_TOKEN = re.compile(
    rb"(?:[\s\0]|%[^\r\n]*+)*+(?:(?P<ref>(\d++)\s++(\d++)\s++R(?![\w]))|(?P<open><<|\[)|(?P<close>>>|\])|"
    rb"(?P<atom>/[^\s\0()<>\[\]{}/%]*|<[0-9A-Fa-f\s]*+>|[+-]?(?:\d+\.?\d*|\.\d+)|true|false|null)|(?P<text>\())")
_OBJECT = re.compile(rb"[\s\0]*+\d++[\s\0]++\d++[\s\0]++obj")
_STREAM = re.compile(rb"[\s\0]*+stream\r?\n")
"""Possessive throughout: what has been read is not read in another way, or a row of % takes time without end."""
_PAREN = re.compile(rb"\\.|[()]", re.DOTALL)
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
Object = Any
"""Atoms are their bytes as written; arrays lists, dictionaries dicts by name, references ``Ref``."""


class Unmarkable(Exception):
    """The file is encrypted, damaged, or written in a way that is not read here."""


class Ref(NamedTuple):
    number: int
    generation: int = 0


def _value(content: bytes, place: int, depth: int = 0) -> tuple[Object, int]:
    """One object and where it ends."""
    token = _TOKEN.match(content, place)
    if token is None or depth > DEEPEST:
        raise Unmarkable(f"no object at byte {place}")
    if token["ref"]:
        return Ref(int(token[2]), int(token[3])), token.end()
    if token["text"]:
        return _text(content, token.end())
    if token["open"]:
        return _collection(content, token.end(), token["open"] == b"<<", depth + 1)
    return token["close"] or token["atom"], token.end()


def _collection(content: bytes, place: int, named: bool, depth: int) -> tuple[Object, int]:
    closing, items = (b">>" if named else b"]"), []
    while True:
        item, place = _value(content, place, depth)
        if item in (b">>", b"]"):
            break
        items.append(item)
    if item != closing or (named and len(items) % 2):
        raise Unmarkable(f"a collection that does not end at byte {place}")
    return (dict(zip(items[::2], items[1::2], strict=True)) if named else items), place


def _text(content: bytes, start: int) -> tuple[bytes, int]:
    depth = 1
    for found in _PAREN.finditer(content, start):
        depth += (found[0] == b"(") - (found[0] == b")")
        if not depth:
            return content[start - 1:found.end()], found.end()
    raise Unmarkable("a text that does not end")


def _written(value: Object) -> bytes:
    if isinstance(value, Ref):
        return b"%d %d R" % value
    if isinstance(value, dict):
        return b"<<" + b" ".join(key + b" " + _written(item) for key, item in value.items()) + b">>"
    return b"[" + b" ".join(map(_written, value)) + b"]" if isinstance(value, list) else bytes(value)


def _require(fit: bool, found: str) -> None:
    if not fit:
        raise Unmarkable(found)


class _Reader:
    """The way from the end of a file to its pages."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.places: dict[int, tuple[int, int]] = {}
        """(0, offset), or (number of an object stream, index in it)."""
        self._containers: dict[int, tuple[list[int], bytes]] = {}
        self._room = MOST_READ
        found = content.rfind(b"startxref")
        self.start = int(_value(content, found + 9)[0]) if found >= 0 else -1
        self.trailer: dict[bytes, Object] = {}
        self.by_stream = not content[self.start:].lstrip().startswith(b"xref")
        self._follow(self.start, set())
        _require(b"/Encrypt" not in self.trailer and b"/Root" in self.trailer, "encrypted, or without a root")

    def _follow(self, place: int, seen: set[int]) -> None:
        while place not in seen and 0 <= place < len(self.content):
            seen.add(place)
            _require(len(seen) <= MOST_SECTIONS, "updates beyond all measure")
            trailer = self._section(place)
            self.trailer = {**trailer, **self.trailer}
            if b"/XRefStm" in trailer:
                self._section(int(trailer[b"/XRefStm"]))
            place = int(trailer.get(b"/Prev", -1))

    def _section(self, place: int) -> dict[bytes, Object]:
        while self.content[place:place + 1].isspace():
            place += 1
        if not self.content.startswith(b"xref", place):
            return self._xref_stream(place)
        end = self.content.index(b"trailer", place)
        self._spend(SLOW * (end - place))
        number = 0
        for line in self.content[place + 4:end].splitlines():
            entry = _ENTRY.match(line.strip())
            if entry is None and line.strip():
                number = int(line.split()[0])
            elif entry is not None:
                if entry[3] == b"n":
                    self.places.setdefault(number, (0, int(entry[1])))
                number += 1
        return self._dictionary(self._read(self.content, end + 7)[0])

    def _spend(self, bytes_read: int) -> None:
        self._room -= bytes_read
        _require(self._room >= 0, "too much to read")

    def _read(self, content: bytes, place: int) -> tuple[Object, int]:
        value, end = _value(content, place)
        self._spend(SLOW * (end - place))
        return value, end

    def _xref_stream(self, place: int) -> dict[bytes, Object]:
        about, data = self._stream_at(place)
        widths = [int(width) for width in about[b"/W"]]
        numbers = [int(item) for item in about.get(b"/Index", [b"0", about[b"/Size"]])]
        _require(len(widths) == 3, "no cross-reference")
        _require(min(widths) >= 0 and min(numbers) >= 0 and sum(numbers[1::2]) + len(self.places) <= MOST_OBJECTS,
                 "objects beyond all measure")
        rows = (data[at:at + sum(widths)] for at in range(0, len(data), sum(widths)))
        for first, count in zip(numbers[::2], numbers[1::2], strict=True):
            for number, row in zip(range(first, first + count), rows, strict=False):
                kind, second, third = _fields(row, widths)
                if kind in (1, 2):
                    self.places.setdefault(number, (0, second) if kind == 1 else (second, third))
        return about

    def _stream_at(self, place: int) -> tuple[dict[bytes, Object], bytes]:
        about, end = self._object_at(place)
        begin = _STREAM.match(self.content, end)
        if begin is None or not isinstance(about, dict):
            raise Unmarkable(f"no stream at byte {place}")
        data = self.content[begin.end():begin.end() + int(self.resolved(about[b"/Length"]))]
        self._spend(begin.end() - end + len(data))
        plain = _unpacked(about, data, self._room)
        self._spend(len(plain))
        return about, plain

    def _object_at(self, place: int) -> tuple[Object, int]:
        head = _OBJECT.match(self.content, place)
        if head is None:
            raise Unmarkable(f"no object at byte {place}")
        self._spend(head.end() - place)
        return self._read(self.content, head.end())

    def resolved(self, value: Object, depth: int = 0) -> Object:
        """What a reference names; anything else is itself."""
        if not isinstance(value, Ref) or depth > DEEPEST:
            return value
        if value.number not in self.places:
            return b"null"
        container, place = self.places[value.number]
        if not container:
            return self.resolved(self._object_at(place)[0], depth + 1)
        offsets, data = self._container(container)
        return self._read(data, offsets[place])[0]

    def _container(self, number: int) -> tuple[list[int], bytes]:
        """Where the objects of an object stream begin, and its content."""
        if number not in self._containers:
            about, data = self._stream_at(self.places[number][1])
            first, count = int(about[b"/First"]), int(about[b"/N"])
            _require(0 <= count <= MOST_OBJECTS, "objects beyond all measure")
            heads = data[:first].split(None, 2 * count)[:2 * count]
            self._containers[number] = [first + int(head) for head in heads[1::2]], data
        return self._containers[number]

    def pages(self) -> Iterator[tuple[Ref, dict[bytes, Object], list[float]]]:
        """(reference, dictionary, box) of each page."""
        root = self._dictionary(self.resolved(self.trailer[b"/Root"]))
        waiting: list[tuple[Object, Object]] = [(root[b"/Pages"], None)]
        seen: set[Ref] = set()
        while waiting:
            ref, box = waiting.pop()
            node = self._dictionary(self.resolved(ref))
            _require(ref not in seen and len(seen) <= MOST_PAGES, "a page tree that does not end")
            seen.add(ref)
            box = self.resolved(node.get(b"/MediaBox", box))
            if b"/Kids" in node:
                waiting += [(kid, box) for kid in reversed(self.resolved(node[b"/Kids"]))]
            else:
                yield ref, node, [float(self.resolved(edge)) for edge in box]

    @staticmethod
    def _dictionary(value: Object) -> dict[bytes, Object]:
        if not isinstance(value, dict):
            raise Unmarkable("expected a dictionary")
        return value


def _fields(row: bytes, widths: list[int]) -> list[int]:
    found, place = [], 0
    for width in widths:
        found.append(int.from_bytes(row[place:place + width], "big"))
        place += width
    return [found[0] if widths[0] else 1, *found[1:]]


def _unpacked(about: Mapping[bytes, Object], data: bytes, room: int) -> bytes:
    """A stream's content: plain or deflated (7.4.4), with the row filters that cross-references are written with.
    ``room``: the most bytes that it may unpack to."""
    names = about.get(b"/Filter", [])
    if names not in (b"/FlateDecode", [b"/FlateDecode"], []):
        raise Unmarkable(f"a filter {names!r}")
    if not names:
        return data
    plain = zlib.decompressobj().decompress(data, room + 1)
    _require(len(plain) <= room, "too much to unpack")
    said = about.get(b"/DecodeParms", {})
    options = said[0] if isinstance(said, list) else said
    if int(options.get(b"/Predictor", 1)) < 10:
        return plain
    width, above, out = int(options[b"/Columns"]), bytes(int(options[b"/Columns"])), bytearray()
    for at in range(0, len(plain), width + 1):
        kind, row = plain[at], bytearray(plain[at + 1:at + 1 + width])
        if kind not in (0, 1, 2):
            raise Unmarkable(f"a row filter {kind}")
        for place in range(len(row) if kind else 0):
            before = above[place] if kind == 2 else row[place - 1] if place else 0
            row[place] = (row[place] + before) & 0xFF
        above = bytes(row)
        out += row
    return bytes(out)


def mark(content: bytes, lines: tuple[str, str]) -> bytes:
    """The file with two lines on each page, over and over: one in any script, one in Latin letters.

    Raises ``Unmarkable``.
    """
    try:
        reader = _Reader(content)
        update = _Update(reader, lines)
        for page in reader.pages():
            update.page(*page)
        return content + update.written()
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, zlib.error) as error:
        raise Unmarkable(repr(error)) from error


class _Update:
    """What is appended: changed pages, the mark, and a cross-reference that leads back to the one before."""

    def __init__(self, reader: _Reader, lines: tuple[str, str]) -> None:
        self._reader = reader
        self._lines = lines
        self._next = max(int(reader.trailer[b"/Size"]), 1)
        self._objects: dict[Ref, bytes] = {}
        self._looks: dict[tuple[float, ...], Ref] = {}
        self._room = MOST_MARKED

    def _new(self, content: bytes) -> Ref:
        ref = Ref(self._next)
        self._room -= len(content)
        _require(self._room > 0, "marks beyond all measure")
        self._next += 1
        self._objects[ref] = content
        return ref

    def page(self, ref: Ref, page: dict[bytes, Object], box: list[float]) -> None:
        key = tuple(box)
        if key not in self._looks:
            self._looks[key] = self._new(_look(box, self._lines))
        there = self._reader.resolved(page.get(b"/Annots", []))
        edges = b" ".join(b"%g" % edge for edge in box)
        ours = self._new(b"<</Type /Annot /Subtype /Watermark /F 196 /Rect [%s] /P %s /AP <</N %s>>>>" % (
            edges, _written(ref), _written(self._looks[key])))
        self._objects[ref] = _written({**page, b"/Annots": [*(there if isinstance(there, list) else []), ours]})

    def written(self) -> bytes:
        out, start, places = bytearray(b"\n"), len(self._reader.content), {}
        for ref, content in self._objects.items():
            places[ref] = start + len(out)
            out += b"%d %d obj\n" % ref + content + b"\nendobj\n"
        kept = {key: value for key, value in self._reader.trailer.items() if key in (b"/Root", b"/Info", b"/ID")}
        about = {**kept, b"/Prev": b"%d" % self._reader.start}
        here = start + len(out)
        out += (self._stream if self._reader.by_stream else self._table)(about, places, here)
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % here)

    def _table(self, about: dict[bytes, Object], places: Mapping[Ref, int], _here: int) -> bytes:
        rows = b"".join(b"%d 1\n%010d %05d n \n" % (ref.number, place, ref.generation)
                        for ref, place in sorted(places.items()))
        trailer = _written({**about, b"/Size": b"%d" % self._next})
        return b"xref\n0 1\n0000000000 65535 f \n" + rows + b"trailer\n" + trailer + b"\n"

    def _stream(self, about: dict[bytes, Object], places: Mapping[Ref, int], here: int) -> bytes:
        all_places = {**places, Ref(self._next): here}
        rows = b"".join(b"\1" + place.to_bytes(8, "big") + ref.generation.to_bytes(2, "big")
                        for ref, place in sorted(all_places.items()))
        index = [part for ref in sorted(all_places) for part in (b"%d" % ref.number, b"1")]
        head = {**about, b"/Type": b"/XRef", b"/Size": b"%d" % (self._next + 1), b"/W": [b"1", b"8", b"2"],
                b"/Index": index, b"/Length": b"%d" % len(rows)}
        return b"%d 0 obj\n" % self._next + _written(head) + b"\nstream\n" + rows + b"\nendstream\nendobj\n"


_FONTS = (
    b"/C <</Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<</Type /Font "
    b"/Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo <</Registry (Adobe) /Ordering (GB1) /Supplement 4"
    b">> /DW 1000 /W [1 95 500] /FontDescriptor <</Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox "
    b"[-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93>>>>]>> "
    b"/L <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")


def _look(box: list[float], lines: tuple[str, str]) -> bytes:
    """A form (8.10) with the lines across the page, pale and slanting. The first line is written in a Chinese font that
    readers have (9.7.5.2, Adobe-GB1)."""
    left, bottom, right, top = box
    _require(max(map(abs, box)) <= WIDEST, "a page beyond all measure")
    slant, grid = math.radians(24), []
    turn = (math.cos(slant), math.sin(slant), -math.sin(slant), math.cos(slant))
    upper = lines[0].encode("utf-16-be", "replace").hex().encode()
    lower = re.sub(r"([()\\])", r"\\\1", lines[1].encode("ascii", "replace").decode()).encode()
    for across in range(int(left), int(right) + 1, 300):
        for up in range(int(bottom) - 60, int(top) + 1, 150):
            matrix = b"%.4f %.4f %.4f %.4f %d %d Tm" % (*turn, across + 20, up + 40)
            grid.append(b"BT %s /C 12 Tf <%s> Tj /L 9 Tf 1 0 0 1 0 0 Tm %s 0 -13 Td (%s) Tj ET" % (
                matrix, upper, matrix, lower))
    drawn = b"/G gs 0.55 0.1 0.1 rg\n" + b"\n".join(grid)
    edges = b" ".join(b"%g" % edge for edge in box)
    return (b"<</Type /XObject /Subtype /Form /BBox [%s] /Resources <</Font <<%s>> /ExtGState <</G <</ca 0.22>>>>>> "
            b"/Length %d>>\nstream\n%s\nendstream" % (edges, _FONTS, len(drawn), drawn))
