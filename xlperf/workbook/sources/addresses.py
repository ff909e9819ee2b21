"""Where facts are: the kind of a source, and a name for it that tells no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from xlperf.core.problems import Problem

KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".txt": "csv", ".tsv": "csv"}
DATABASES = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}


class CannotRead(Exception):  # noqa: N818 - carries a problem in words
    """A source that cannot be read; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True)
class Address:
    """A source: its kind, where it is, the table in it, and the title under which its rows are spoken of."""

    kind: str
    place: str
    table: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of the file, or of the database and its table."""
        name = Path(urlsplit(self.place).path if self.kind == "postgresql" else self.place).name
        return f"{name}#{'.'.join(self.table)}" if self.table else name


def address_of(source: str) -> Address:
    """Read the address of a source.

    A password has no place in it: it would stand in the history of the shell. Databases take it from the environment.

    >>> address_of("sqlite:///data/crm.db#tasks").title, address_of("postgresql://hr@db/crm#sales.tasks").title
    ('crm.db#tasks', 'crm#sales.tasks')
    """
    scheme, mark, rest = source.partition("://")
    if not mark:
        kind = KINDS.get(Path(source).suffix.lower())
        if kind is None:
            raise CannotRead(Problem("facts-kind", details={"cell": Path(source).name}))
        return Address(kind, source)
    kind = DATABASES.get(scheme.lower())
    place, _, table = rest.partition("#")
    if kind is None:
        raise CannotRead(Problem("facts-kind", details={"cell": f"{scheme}://"}))
    if kind == "postgresql":
        parts = urlsplit(f"{scheme}://{place}")
        if parts.password is not None or "password=" in (parts.query or "").lower():
            raise CannotRead(Problem("facts-password", details={"name": parts.path.lstrip("/")}))
    if not table:
        raise CannotRead(Problem("facts-table", details={"name": Path(urlsplit(place).path).name}))
    names = tuple(unquote(name) for name in (table.split(".") if kind == "postgresql" else [table]))
    return Address(kind, f"postgresql://{place}" if kind == "postgresql" else place.removeprefix("/"), names)
