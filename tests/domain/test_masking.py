"""What a list shows of personal data."""

import pytest

from engine.domain import masking


@pytest.mark.parametrize(("text", "shown"), [
    ("张三", "张*"), ("张三丰", "张**"), ("欧阳锋", "欧阳*"), ("张", "张*"), ("Ada Lovelace", "A** L*******"),
    ("甲公司", "甲公司"), ("示例知识产权保护中心", "示例知识产权保护中心"), ("Example Ltd.", "Example Ltd."), ("", "")])
def test_names(text: str, shown: str) -> None:
    assert masking.name(text) == shown


@pytest.mark.parametrize(("mask", "text", "shown"), [
    (masking.id_number, "11010119900307123X", "**************123X"), (masking.id_number, "123", "***"),
    (masking.phone, "13812345678", "138****5678"), (masking.phone, "020-12345678", "020-****5678"),
    (masking.phone, "12345", "*****"), (masking.email, "zhang@example.com", "z***@example.com"),
    (masking.email, "none", "***"), (masking.parties, "张三 / 甲公司", "张* / 甲公司")])
def test_numbers_and_lines(mask, text, shown):
    assert mask(text) == shown
