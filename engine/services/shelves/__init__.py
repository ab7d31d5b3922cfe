"""Where the bytes of files lie: a folder of this machine, or a bucket of an object store that speaks S3.

What is put there is whole or not there at all, streamed both ways, and nothing here knows what it means:
``services/files`` names it by its hash, seals it, and checks it when it comes back.
"""
