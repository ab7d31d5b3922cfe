"""A diagram as frozen data: loading, schema check by SpiffWorkflow, reading, checking, decisions. No SQL.

Owns: what a file may contain and what it means (docs/dialect.md). Invariants: reading never raises for content, it
reports; what ``load`` returns has no error left; a model is immutable and knows nothing of XML.

    bytes ─ markup.parse ─▶ lxml tree ─ schema.validate (SpiffWorkflow, XSD) ─ read.read ─▶ Model
                                          └──────── checks ────────▶ Finding …
    load(files) ─▶ Bundle ─ definition(process_id) ─▶ Definition ─▶ engine.execution
"""

from engine.definition.bundle import Bundle, Deployed, SourceFile, lint, load

__all__ = ["Bundle", "Deployed", "SourceFile", "lint", "load"]
