"""Marks in PDF files: every page bears them, whatever way the file is written, and the original stays in front."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.services.proof.pdf_marks import MOST_PAGES, Ref, Unmarkable, _Reader, mark

LINES = ("未公开 张三", "CONFIDENTIAL examiner1 (a)")
PAGES = {
    1: b"<</Type /Catalog /Pages 2 0 R>>",
    2: b"<</Type /Pages /Count 2 /Kids [3 0 R 4 0 R] /MediaBox [0 0 595 842]>>",
    3: b"<</Type /Page /Parent 2 0 R /Note (a \\( text (in) text) /Contents 6 0 R>>",
    4: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] % turned\n /Annots 5 0 R>>",
    5: b"[<</Type /Annot /Subtype /Link /Rect [0 0 9 9]>>]",
}


def plain(objects: Mapping[int, bytes] = PAGES, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """With a cross-reference table (7.5.4)."""
    out, places = bytearray(b"%PDF-1.4\n"), {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n1 %d\n" % len(objects)
    out += b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    return bytes(out + b"trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, trailer, start))


def packed(predictor: bool = True) -> bytes:
    """With an object stream and a cross-reference stream (7.5.7, 7.5.8), as newer writers do."""
    heads, body = [], b""
    for number, content in PAGES.items():
        heads.append(b"%d %d" % (number, len(body)))
        body += content + b" "
    first = b" ".join(heads) + b" "
    inside = zlib.compress(first + body)
    out = b"%%PDF-1.5\n6 0 obj\n<</Type /ObjStm /N %d /First %d /Length %d /Filter /FlateDecode>>\nstream\n" % (
        len(PAGES), len(first), len(inside)) + inside + b"\nendstream\nendobj\n"
    rows = [bytes([2, 0, 6, index]) for index in range(len(PAGES))] + [bytes([1, *(9).to_bytes(2, "big"), 0])]
    rows.append(bytes([1, *len(out).to_bytes(2, "big"), 0]))
    data, options = b"".join(rows), b""
    if predictor:
        above, data = bytes(4), b""
        for row in rows:
            data += b"\2" + bytes((now - before) & 255 for now, before in zip(row, above, strict=True))
            above = row
        options = b" /DecodeParms <</Predictor 12 /Columns 4>>"
    data = zlib.compress(data)
    head = b"<</Type /XRef /Size 8 /W [1 2 1] /Index [1 7] /Root 1 0 R /Length %d /Filter /FlateDecode%s>>" % (
        len(data), options)
    return b"%s7 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (out, head, data, len(out))


@pytest.mark.parametrize("original", [plain(), packed(), packed(predictor=False), mark(plain(), LINES)],
                         ids=["table", "streams", "plain streams", "marked before"])
def test_every_page_bears_the_mark_behind_the_original(original: bytes) -> None:
    marked = mark(original, LINES)
    assert marked.startswith(original)
    before, after = _Reader(original), _Reader(marked)
    assert after.by_stream is before.by_stream
    for (ref, old, box), (same, page, _) in zip(before.pages(), after.pages(), strict=True):
        assert ref == same and {key: value for key, value in page.items() if key != b"/Annots"} == {
            key: value for key, value in old.items() if key != b"/Annots"}
        kept, annotations = before.resolved(old.get(b"/Annots", [])), page[b"/Annots"]
        assert annotations[:-1] == kept
        ours = after.resolved(annotations[-1])
        assert (ours[b"/Subtype"], ours[b"/P"], [float(edge) for edge in ours[b"/Rect"]]) == (b"/Watermark", ref, box)
        assert int(ours[b"/F"]) & 4, "Expected the mark to be printed"
        look = after.content[after.places[ours[b"/AP"][b"/N"].number][1]:]
        drawn = look[:look.index(b"endstream")]
        assert "张三".encode("utf-16-be").hex().encode() in drawn and b"examiner1 \\(a\\)" in drawn


def test_the_pages_are_those_of_the_file() -> None:
    assert [(ref, box) for ref, _, box in _Reader(packed()).pages()] == [
        (Ref(3), [0.0, 0.0, 595.0, 842.0]), (Ref(4), [0.0, 0.0, 842.0, 595.0])]


ENDLESS = {**PAGES, 2: b"<</Kids [2 0 R] /MediaBox [0 0 1 1]>>"}


@pytest.mark.parametrize("content", [
    b"", b"%PDF-1.7 a draft", plain(trailer=b"/Root 1 0 R /Encrypt 3 0 R"), plain(trailer=b""), plain(ENDLESS),
    plain({**PAGES, 3: b"[" * 5_000}), plain({**PAGES, 3: b"<</A (endless"}), plain({**PAGES, 3: b"7"}),
    plain({**PAGES, 2: b"<</Kids [%s] /MediaBox [0 0 1 1]>>" % b" ".join(
        b"%d 0 R" % number for number in range(10, MOST_PAGES + 20))}),
    plain().replace(b"trailer\n<<", b"trailer\n<</XRefStm 3 "), plain()[:-200], packed().replace(b"/W [1", b"/W [9"),
    plain({**PAGES, 2: PAGES[2].replace(b"595", b"1000000000")}),
], ids=["empty", "no pdf", "encrypted", "rootless", "endless tree", "deep", "endless text", "no page", "pages",
        "hybrid", "cut", "widths", "wide"])
def test_what_cannot_be_read_is_not_marked(content: bytes) -> None:
    with pytest.raises(Unmarkable):
        mark(content, LINES)


@pytest.mark.parametrize("between", [
    b"%" * 5_000 + b"\n@", b"\0" * 5_000 + b"@", b"<" + b"a" * 5_000, b"1 " * 5_000 + b"@",
    b"1" * 4_000 + b" " * 4_000 + b"@"])
def test_a_file_takes_no_longer_to_read_than_it_is_long(between: bytes) -> None:
    with pytest.raises(Unmarkable):
        mark(plain().replace(b"trailer\n", b"trailer\n" + between), LINES)


def bomb(objects: Mapping[int, bytes], entries: int, widths: bytes = b"1 4 2", pad: int = 0, said: int = 9) -> bytes:
    """With an object stream whose head is padded, and a cross-reference stream with many entries more."""
    first = b"".join(b"%d %d " % (number, sum(len(objects[other]) + 1 for other in objects if other < number))
                     for number in sorted(objects)) + b"0 " * pad
    inside = zlib.compress(first + b" ".join(objects[number] for number in sorted(objects)))
    out = b"%%PDF-1.5\n%d 0 obj\n<</Type /ObjStm /N %d /First %d /Length %d /Filter /FlateDecode>>\nstream\n" % (
        len(objects) + 1, said if said else len(objects), len(first), len(inside)) + inside + b"\nendstream\nendobj\n"
    rows = [b"\2" + (len(objects) + 1).to_bytes(4, "big") + index.to_bytes(2, "big") for index in range(len(objects))]
    data = zlib.compress(b"".join([*rows, b"\1" + (9).to_bytes(4, "big") + bytes(2), b"\1" * (7 * entries)]))
    head = b"<</Type /XRef /Size 8 /W [%s] /Index [1 %d] /Root 1 0 R /Length %d /Filter /FlateDecode>>" % (
        widths, len(objects) + 1 + entries, len(data))
    return out + b"9999 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (head, data, len(out))


def test_the_head_of_an_object_stream_is_read_once() -> None:
    kids = dict.fromkeys(range(3, 43), b"<</Type /Page>>")
    tree = b"<</Kids [%s] /MediaBox [0 0 9 9]>>" % b" ".join(b"%d 0 R" % number for number in kids)
    content = bomb({1: PAGES[1], 2: tree, **kids}, 0, pad=200_000, said=0)
    begun = time.process_time()
    assert mark(content, LINES).startswith(content)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("content", [
    bomb(PAGES, 400_000), bomb(PAGES, 0, b"1 4 2" + b" 0" * 1_000), bomb(PAGES, 0, said=2_000_000),
    bomb({**PAGES, 6: b" " * (65 << 20)}, 0, said=0),
    bomb({**PAGES, 2: b"<</Kids [%s] /MediaBox [0 0 1 1]>>" % b" ".join(b"%d 0 R" % number for number in (3, 4)),
          3: b"<</A (%s)>>" % (b"a" * (5 << 20)), 4: b"<</A (%s)>>" % (b"a" * (5 << 20))}, 0, said=0),
], ids=["entries", "widths", "objects", "unpacked", "read"])
def test_what_unpacks_beyond_all_measure_is_left(content: bytes) -> None:
    assert len(content) < 150_000
    with pytest.raises(Unmarkable, match=r"measure|too much|no cross-reference"):
        mark(content, LINES)


@settings(max_examples=150)
@given(st.sampled_from([plain(), packed()]), st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_marked_or_not_and_nothing_else_happens(content: bytes, place: int, new: bytes) -> None:
    place %= len(content)
    damaged = content[:place] + new + content[place + len(new):]
    with suppress(Unmarkable):
        assert mark(damaged, LINES).startswith(damaged)
