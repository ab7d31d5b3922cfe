"""The English catalogue against the sources: what is marked for translation, what is translated, what is compiled.

``python -m tests.ui.catalogue`` merges new texts into ``messages.po`` and compiles it; fill in the empty ones by hand.
"""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

UI = Path(__file__).parents[2] / "engine" / "ui"
PO = UI / "translations" / "en" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
METHODS = [("templates/**.html", "jinja2"), ("*.py", "python")]
HEADER = "# English texts of the screens. The message ids are the Chinese texts."
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Fixed, so that the same texts give the same bytes."""
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None}


def extracted() -> Catalog:
    """Every marked text of the screens, in the order of files."""
    catalogue = Catalog(locale="en", fuzzy=False, project="Kapok", version="1", copyright_holder="the Kapok authors",
                        msgid_bugs_address="-", last_translator="-", language_team="-", header_comment=HEADER,
                        creation_date=WRITTEN, revision_date=WRITTEN)
    found = extract_from_dir(UI, METHODS, keywords=KEYWORDS, directory_filter=lambda path: Path(path).name != "bundle")
    for file, _line, message, *_ in sorted(found, key=lambda item: (item[0], item[1])):
        catalogue.add(message, locations=[(file, 0)])
    return catalogue


def read() -> Catalog | None:
    if not PO.exists():
        return None
    with PO.open("rb") as stream:
        return read_po(stream, locale="en")


def compiled(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def write(catalogue: Catalog) -> None:
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as stream:
        write_po(stream, catalogue, width=0, no_location=True, omit_header=False, sort_output=True)
    again = read()
    assert again is not None
    MO.write_bytes(compiled(again))


def main() -> None:
    fresh, known = extracted(), read()
    for message in fresh:
        found = known.get(message.id) if known and message.id else None
        message.string = found.string if found else message.string
    write(fresh)


if __name__ == "__main__":
    main()
