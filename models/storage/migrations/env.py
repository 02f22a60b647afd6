"""Alembic's entry: runs the revisions on the connection that `models.storage.migration` hands over.

A new revision is a file in `versions/` named date-time-slug, e.g. `20261122_1400_first_schema.py`.
"""

from alembic import context

from models.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
