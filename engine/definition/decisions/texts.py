"""What is said of decisions, in Chinese and in English, by code: remarks of an evaluation, and the places they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.definition.decisions.model import Rule
from engine.feel import Diagnosis, add_messages, describe

PLACES: dict[str, tuple[str, str]] = {
    "dmn.at.expression": ("表达式", "the expression"),
    "dmn.at.input": ("第 {number} 个输入", "input {number}"),
    "dmn.at.input-values": ("第 {number} 个输入的取值范围", "the values of input {number}"),
    "dmn.at.output-values": ("输出“{name}”的取值范围", "the values of output '{name}'"),
    "dmn.at.default": ("输出“{name}”的默认值", "the default of output '{name}'"),
    "dmn.at.input-entry": ("规则 {rule} 的第 {column} 个输入格", "input entry {column} of rule {rule}"),
    "dmn.at.output-entry": ("规则 {rule} 的第 {column} 个输出格", "output entry {column} of rule {rule}"),
    "dmn.at.allowed": ("类型“{name}”的允许值", "the allowed values of type '{name}'"),
    "dmn.at.constraint": ("类型“{name}”的约束", "the constraint of type '{name}'"),
}
FAULTS: dict[str, tuple[str, str]] = {
    "dmn.cells": (
        "规则 {rule}（{id}）有 {tests} 个输入格和 {entries} 个输出格，表中却有 {inputs} 个输入和 {outputs} 个输出",
        "rule {rule} ({id}) has {tests} input and {entries} output entries for {inputs} inputs and {outputs} outputs",
    ),
}
SUBJECTS: dict[str, tuple[str, str]] = {
    "dmn.of.input": ("输入数据", "the input data"),
    "dmn.of.result": ("结果", "the result"),
    "dmn.of.expression": ("表达式的值", "the value of the expression"),
    "dmn.of.argument": ("参数", "the argument"),
    "dmn.of.entry": ("条目“{name}”", "entry '{name}'"),
    "dmn.of.parameter": ("参数“{name}”", "parameter '{name}'"),
    "dmn.of.column": ("列“{name}”", "column '{name}'"),
    "dmn.of.output": ("输出“{name}”", "output '{name}'"),
}
REMARKS: dict[str, tuple[str, str]] = {
    "dmn.unique": (
        "应只有一条规则成立，但成立的有第 {rows} 行（{rules}）",
        "Expected one rule to hold, because the hit policy is UNIQUE, but rows {rows} do ({rules})",
    ),
    "dmn.any": (
        "成立的规则应给出相同的结果，但第 {rows} 行（{rules}）的结果不同",
        "Expected the rules that hold to agree, because the hit policy is ANY, but rows {rows} differ ({rules})",
    ),
    "dmn.aggregation": (
        "无法对输出求 {how}：{values}",
        "Expected outputs of which {how} can be taken, but they are {values}",
    ),
    "dmn.input": (
        "输入“{label}”应为 {allowed} 之一，但它是 {found}",
        "Expected input '{label}' to be one of {allowed}, but it is {found}",
    ),
    "dmn.output": (
        "输出“{label}”应为 {allowed} 之一，但它是 {found}",
        "Expected output '{label}' to be one of {allowed}, but it is {found}",
    ),
    "dmn.test": (
        "“{text}”应能与输入比较，但输入是 {found}",
        "Expected an input that '{text}' can be compared with, but it is {found}",
    ),
    "dmn.depth": (
        "“{name}”的调用或依赖超过 {limit} 层",
        "Expected calls and requirements at most {limit} deep, but those of '{name}' go deeper",
    ),
    "dmn.empty": ("“{name}”应有表达式，但没有", "Expected '{name}' to have an expression, but it has none"),
    "dmn.syntax": ("“{text}”应为 FEEL：{problem}", "Expected '{text}' to be FEEL, but: {problem}"),
    "dmn.language": (
        "应使用 FEEL，但表达式语言是 {language}",
        "Expected FEEL, but the expression language is {language}",
    ),
    "dmn.kind": (
        "“{name}”是 {kind} 函数；只执行 FEEL",
        "Expected '{name}' to be defined in FEEL, but it is a {kind} function, which is not run",
    ),
    "dmn.invocation": (
        "被调用的应为函数，但它是 {found}",
        "Expected a function to invoke, but it is {found}",
    ),
    "dmn.condition": (
        "条件应为真或假，但它是 {found}",
        "Expected the condition to be true or false, but it is {found}",
    ),
    "dmn.type": (
        "“{name}”：{what}应为 {type}，但它是 {found}",
        "Expected {what} of '{name}' to be {type}, but it is {found}",
    ),
    "dmn.arguments": (
        "“{name}”应以参数 ({expected}) 调用",
        "Expected '{name}' to be called with ({expected})",
    ),
    "dmn.placed": ("{place}：{problem}", "In {place}: {problem}"),
    "dmn.column": (
        "{problem}（“{text}”第 {line} 行第 {column} 列）",
        "{problem} (line {line}, column {column} of '{text}')",
    ),
}
add_messages({**PLACES, **FAULTS, **SUBJECTS, **REMARKS})


def place(what: str, **params: Any) -> Diagnosis:
    """A place in a decision, said in either language by ``describe``."""
    return Diagnosis(f"dmn.at.{what}", params)


def cells(row: int, rule: Rule, inputs: int, outputs: int) -> Diagnosis:
    """A rule with more or fewer cells than its table has columns."""
    return Diagnosis("dmn.cells", {"rule": row, "id": rule.id, "tests": len(rule.tests), "entries": len(rule.entries),
                                   "inputs": inputs, "outputs": outputs})


def subject(what: str, **params: Any) -> Diagnosis:
    """What a remark is about, said in either language by ``describe``."""
    return Diagnosis(f"dmn.of.{what}", params)


@dataclass(frozen=True, slots=True)
class Remark(Diagnosis):
    """Why something became null: ``element`` is the node it happened in, ``place`` where in it, ``text`` the expression
    that ``line`` and ``column`` count in, "" where the remark is about none."""

    element: str = ""
    text: str = ""
    place: Diagnosis | None = None

    def told(self, language: str = "zh") -> str:
        """One sentence with its place: row and column of a table, line and column of an expression."""
        problem: Any = Diagnosis(self.code, self.params)
        if self.text:
            problem = Diagnosis("dmn.column", {"problem": problem, "text": shortened(self.text), "line": self.line,
                                               "column": self.column})
        if self.place is not None:
            problem = Diagnosis("dmn.placed", {"place": self.place, "problem": problem})
        return describe(problem, language)


def shortened(text: str | None) -> str:
    """A text or value in a sentence, kept short."""
    found = "null" if text is None else " ".join(text.split())
    return found if len(found) <= 80 else found[:77] + "..."
