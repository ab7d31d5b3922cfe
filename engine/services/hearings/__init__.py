"""Hearing rooms and hearings: no room and nobody of the house in two places at once, nobody who is recused, nobody
told too late."""
