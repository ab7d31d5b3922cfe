"""Plain Python: commands and events, states and transitions, calendars, periods, permissions, case numbers, audit chain.

No I/O, no clock, no framework. Everything here is a frozen dataclass or a pure function.
"""
