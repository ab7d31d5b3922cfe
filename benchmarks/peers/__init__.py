"""Other engines on the same work: a loop of one user task, state saved durably after every completion.

Each peer is a program of its own that prints one JSON object:
``{"peer", "version", "cases", "rounds", "tasks_per_s", "p50_ms", "p99_ms", "bytes_per_case", "database"}``.
"""
