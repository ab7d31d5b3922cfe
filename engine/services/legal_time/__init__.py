"""Legal time: deadlines through their whole life, the ladder that warns before each, notices, calendars and the rule
table.
"""
