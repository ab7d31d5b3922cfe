"""Alembic's door: it is always handed an open connection by ``engine.store.migrate``."""

from alembic import context

from engine.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True,
                  transactional_ddl=False)
context.run_migrations()
