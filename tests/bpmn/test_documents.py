"""Every Word template can be filled, carries number, issuer and handler, and leaves no placeholder behind."""

import io
from pathlib import Path

import docx
import pytest

from engine.services.operations.documents import render
from tests.bpmn.procedures import files, name_of

VALUES = {
    "case_no": "YS-2026-FM-000001", "applicant": {"name": "甲公司"}, "title": "一种示例装置", "kind_label": "发明专利",
    "classification": "H04L 9/32", "agency": None, "opinion": "权利要求1 < 对比文件1 & 不具备创造性", "round": 2,
    "due_on_text": "2026年3月16日", "issuing_authority": "广东省知识产权保护中心", "handled_by": "示例预审员",
    "doc_number": "粤知保预字〔2026〕1号", "issued_on_text": "2026年3月2日（周一）", "text_sha256": ["a" * 64],
    "measure": "suspend", "months": 6, "statement": "请求从轻", "application_no": "202610123456.7",
    "advice_text": "建议申请", "grade": "A",
}

each_template = pytest.mark.parametrize("path", files("documents/*.docx"), ids=name_of)


def _text(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


@each_template
def test_fills_with_case_data(path: Path) -> None:
    text = _text(render(path.read_bytes(), VALUES, path.name))
    for value in ("甲公司", "YS-2026-FM-000001", "粤知保预字〔2026〕1号", "广东省知识产权保护中心", "示例预审员",
                  "2026年3月2日（周一）"):
        assert value in text
    assert "{{" not in text and "{%" not in text and "＿＿" not in text


@each_template
def test_prints_blanks_for_what_is_not_known(path: Path) -> None:
    assert "＿＿＿＿" in _text(render(path.read_bytes(), {}, path.name))
