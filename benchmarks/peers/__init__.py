"""Other engines on the same work: a loop of one user task, state saved durably after every completion.

Each peer is a program of its own that prints JSON objects, one for each number of clients:
``{"peer", "version", "database", "cases", "rounds", "clients", "client_kind", "tasks_per_s", "p50_ms", "p99_ms",
"first_round_ms", "last_round_ms", "cpu_ms", "server_cpu_ms", "bytes_per_case"}``. ``tasks_per_s`` is of the wall clock;
``cpu_ms`` is the processor time that the engine's processes spend on a completion, ``server_cpu_ms`` what PostgreSQL's
do. ``bytes_per_case`` is what an open case has in the tables, or the file, of what is alive; its history is not in it.
``compiler_cpu_ms`` of a JVM is not in ``cpu_ms``.
Reading the case and saving it durably are timed; finding out which task comes next, and warming up, are not.

What is built or installed for a peer lies in ``CACHE``, never in its folder here.
"""
