"""What stands in court: the audit chain and its anchors, files sealed at rest and the keys that open them, watermarks,
evidence bundles with their verifier, backups, and what is kept, held and destroyed.
"""
