"""Kapok: a BPMN case engine with legal deadlines and a tamper-evident file."""
