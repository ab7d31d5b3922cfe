"""A partner to test against: receives our messages, verifies and acknowledges them, answers, and sends its own.

Speaks real HTTP with real signatures from its own process: ``python -m webhooks.sandbox --kind cnipa`` (or court,
notary, arbitration, appraiser, station). On request it misbehaves as partners do. It is also the shortest complete
example of a partner: it uses :mod:`webhooks.receiver` and :mod:`webhooks.sender` from the other side.

    kinds     who answers what with what
    desk      what was received and what is to be sent; kept in a journal file if one is given, so that it survives
              ``kill -9``: a receipt is only given for what is in the journal
    postman   the thread that sends what is due, and the ways to send it wrongly
    server    HTTP: ``POST /webhook``, ``GET /``, ``GET /control/log``, ``POST /control/{send,plan,behave,configure}``
    page      what ``GET /`` shows
"""
