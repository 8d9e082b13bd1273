"""One PostgreSQL cluster for all tests; each test has a database of its own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.servers.processes import Cluster, cluster, postgres_binaries

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.fail("no PostgreSQL on this machine; install the package postgresql", pytrace=False)
    with cluster(binaries) as made, made.running():
        yield made


@pytest.fixture
def database_url(server: Cluster) -> str:
    """The address of an empty database."""
    name = f"kb{next(_numbers)}"
    address = server.url("postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.url(name)
