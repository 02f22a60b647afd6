"""What the drives of screening share."""

from pathlib import Path

import pytest

from tests.streams.screening.deploying import ON_KAFKA, on_kafka
from tests.streams.screening.workbench import Workbench, prepare


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=(*ON_KAFKA, pytest.mark.postgres))])
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    """The embedded log with SQLite, and Kafka with PostgreSQL."""
    if request.param == "embedded":
        return prepare(tmp_path)
    return on_kafka(tmp_path, store_url=request.getfixturevalue("postgres_url"))
