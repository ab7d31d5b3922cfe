"""Plain Python: commands and events, calendars, periods, deadlines, permissions, case numbers, audit chain.

No I/O, no clock, no framework. Everything here is a frozen dataclass or a pure function.
"""
