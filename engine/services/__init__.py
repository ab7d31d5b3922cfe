"""What the service can be asked to do: one handler module a noun, a runner that is the only one to commit, a recorder
that is the only one to turn events into rows, and the operations that service tasks name.

A command is one transaction: check, execution step, rows, audit entry, commit. What must happen in another case
afterwards is a durable row and a follow-up command.
"""
