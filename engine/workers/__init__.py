"""Background work: one poller a file, each a ``poll()`` that returns how long to rest. APScheduler ticks them; truth is
always a row, and workers report back as commands.
"""
