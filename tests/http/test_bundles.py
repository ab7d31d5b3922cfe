"""The one answer of the API that is no JSON: a case's evidence bundle."""

import io
import zipfile

from tests.http.caller import Office
from tests.http.described import started


def test_a_bundle_is_a_zip_that_nobody_keeps(office: Office) -> None:
    case = started(office, "errand")
    answer = office.caller("supervisor").get(f"/cases/{case}/bundle")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "no-store" and len(answer.headers["X-Manifest-SHA256"]) == 64
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {"manifest.json", "verify.py", "index.html", "chains.jsonl"} <= set(archive.namelist())


def test_without_the_right_it_answers_like_no_case(office: Office) -> None:
    case = started(office, "errand")
    answers = [office.caller("intake").get(f"/cases/{key}/bundle") for key in (case, "absent")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert office.nobody().get(f"/cases/{case}/bundle").status_code == 401
