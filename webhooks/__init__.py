"""The wire to partners: signed messages in, signed messages out. Usable without the engine.

Owns the wire format and nothing behind it: who a partner is, what is stored and what a message does to a case belong
to the caller, who passes keys, a store and the time in.

    signature   sign and verify (Standard Webhooks ``v1`` HMAC-SHA256 and ``v1a`` ed25519)
    receiver    one inbound request -> one answer with a signed receipt
    receipts    the signed answer, made here and checked there
    sender      one delivery attempt -> one result
    retry       when to try again; the circuit breaker
    addresses   which addresses may be called at all
    attachments files by reference: fetched, limited, hash-checked
    transport   an httpx transport that connects only to the address that was checked
    catalogue   the JSON Schema of every message, versioned, with examples
    sandbox     a partner to test against, as its own process

Invariants: raw bytes are verified before anything is parsed; no exception leaves ``receiver.receive`` or
``sender.deliver``; nothing here reads the clock, the environment or a database.
"""
