"""What may come in as a file, and what is refused with the reason: one module a family of kinds.

A file is looked at before it is kept. Nothing in it is run, nothing it points to is fetched, and what it unpacks to is
measured while it is unpacked. Every refusal is an ``InvalidInput`` that says what was expected and what was found.
"""
