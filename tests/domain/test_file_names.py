"""Names of files: what people see is what there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.commands import FileRef
from engine.domain.file_names import LONGEST, plain


@pytest.mark.parametrize(("name", "shown"), [
    ("证据 1.pdf", "证据 1.pdf"), ("../../etc/passwd.pdf", "passwd.pdf"), (r"C:\Users\a\证据.docx", "证据.docx"),
    ("/", "file"), ("..", "file"), ("", "file"), (".pdf", ".pdf"), ("a\0\r\nb.pdf", "a b.pdf"),
    ("\u202egnp.exe.pdf", "gnp.exe.pdf"), ("a\u200b\u2066b.pdf", "ab.pdf"), ("<img src=x onerror=alert(1)>.png",) * 2,
    ("a.pdf. .", "a.pdf"), ("CON.pdf", "_CON.pdf"), ("nul", "_nul"), ("Com1.tar.docx", "_Com1.tar.docx"),
    ("context.pdf", "context.pdf"), ("e\u0301.pdf", "\u00e9.pdf"), ("证" * 300 + ".pdf", "证" * 196 + ".pdf"),
    ("a" * 50 + "." + "b" * 300, "a" * 50 + "." + "b" * 149),
], ids=repr)
def test_a_name_without_its_traps(name: str, shown: str) -> None:
    assert plain(name) == shown


@given(st.text(max_size=400))
def test_a_plain_name_stays_and_is_never_more(name: str) -> None:
    shown = plain(name)
    assert 0 < len(shown) <= LONGEST and plain(shown) == shown
    assert shown.isprintable() and not set("/\\") & set(shown) and shown == shown.strip()


def test_whatever_a_command_refers_to_has_a_plain_name() -> None:
    assert FileRef("0" * 64, "..\\\u202ea.pdf").name == "a.pdf"
