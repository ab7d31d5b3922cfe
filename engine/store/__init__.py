"""SQLAlchemy Core: tables, the one place that knows SQLite from PostgreSQL, one repository a noun, read models.

Nothing here commits except ``UnitOfWork``, and only ``services.runner`` asks it to. Nothing here knows who called,
except the read models in ``queries``: each takes the actor and returns only what that actor may see.
"""
