"""Writes one workbook for each recipient, and keeps a manifest of what was written.

A file whose contents are already there is not written again: neither after a stop in the middle nor in a later run.
The manifest lists whose file is which, with the digest of its bytes and a keyed one of its contents.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256
from io import TextIOWrapper
from itertools import islice
from math import ceil
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from xlperf.core.problems import Problem
from xlperf.core.version import __version__
from xlperf.reporting.placeholders import MARKS, Audience, meaning_in
from xlperf.xlsx.atomic_save import open_new
from xlperf.xlsx.encryption import OWNER_ONLY, protect, signature
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.executors import each_done
from xlperf.xlsx.template.compile import compile_template
from xlperf.xlsx.template.context import Context, Contexts, from_bytes, to_bytes
from xlperf.xlsx.template.model import CompiledTemplate, Placeholder
from xlperf.xlsx.template.render import TemplateRenderer

SUFFIX, JOURNAL, TEMPORARY = ".xlsx", ".journal", ".xlperf-tmp"
LEAST, MOST = 1, 64  # copies that a worker is given at once
SHARES = 4  # that each worker is given, so that none waits long for the last
LONGEST_NAME = 80
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")  # names that Windows keeps for itself


class ManifestRow(NamedTuple):
    """A line of the manifest: the recipient, the name and digest of the file, and a keyed digest of its contents."""

    recipient: str
    file: str
    sha256: str
    contents: str
    protected: str


@dataclass(frozen=True)
class PublishJob:
    """All that a worker needs to write files: the template, its audience, and the folder.

    ``mode`` are the permissions of what is written: those of the workbook that the figures come from, so that nobody
    reads a file who could not read the workbook. A file that was narrowed since stays as narrow as it is.
    """

    template: bytes
    audience: Audience
    folder: str
    natives: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mode: int = OWNER_ONLY


@dataclass
class Published:
    """What a run wrote, what was there already, and files of people who are no longer among the recipients."""

    lines: list[ManifestRow] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    unchanged: int = 0
    left_over: list[str] = field(default_factory=list)


class _Task(NamedTuple):
    recipient: str
    encoded: bytes
    context: Context | None  # None where the task goes to another process, which decodes it from ``encoded``
    file: str
    password: str
    before: ManifestRow | None


def compile_job(job: PublishJob) -> tuple[CompiledTemplate | None, list[Problem]]:
    """Compile the template of a job; None and the problems where it cannot be used."""
    find = meaning_in(MARKS[job.audience])

    def meaning(block: str, name: str) -> Placeholder | None:
        found = find(block, name)
        return Placeholder(*found) if found else None

    return compile_template(job.template, meaning, dict(job.natives))


@lru_cache(maxsize=2)
def _renderer_of(job: PublishJob) -> tuple[TemplateRenderer, str]:
    """Return the renderer of a job, and the digest of all that its files have in common."""
    compiled, _ = compile_job(job)
    assert compiled is not None
    return TemplateRenderer(compiled), f"{__version__} {sha256(job.template).hexdigest()} {job.natives}"


def warm_up_workers(job: PublishJob, executor: Executor | None, jobs: int) -> None:
    """Let workers compile the template, which takes a second, while the contexts are still made."""
    if executor is not None:
        for _ in range(jobs):
            executor.submit(_begin, job)


def _begin(job: PublishJob) -> None:
    _renderer_of(job)


def publish(
    contexts: Contexts,
    job: PublishJob,
    key: bytes,
    passwords: Mapping[str, str] | None = None,
    executor: Executor | None = None,
    jobs: int = 1,
    step: Callable[[int], None] = lambda _: None,
) -> Published:
    """Write the files of some recipients.

    Parameters
    ----------
    contexts : what the template is rendered with for each recipient
    job : the template, and the folder of the files
    key : of HR, for the digest of the contents
    passwords : by recipient; none where the files are not protected
    executor : who writes; this process where it is None
    jobs : how many workers the executor has
    step : called with the number of files just done

    Returns
    -------
    What was written. The manifest stands beside the folder, with the suffix ``.csv``.

    Raises
    ------
    CannotSave
        Where the folder cannot be written to. What is finished stays, and is not written again.
    """
    folder = Path(job.folder)
    recipients, names, passwords = contexts.recipients, file_names(contexts.recipients), passwords or {}
    try:
        folder.mkdir(mode=_folder_mode(job.mode), parents=True, exist_ok=True)
        before = _recorded(folder)
        published = Published()
        tasks = (
            _Task(who, to_bytes(each), None if executor else each, names[who], passwords.get(who, ""), before.get(who))
            for who, each in zip(recipients, contexts, strict=True)
        )
        now: dict[str, ManifestRow] = {}
        size = min(MOST, max(LEAST, ceil(len(contexts) / (jobs * SHARES))))
        lots = iter(lambda: list(islice(tasks, size)), [])  # each is handed out as soon as it is there
        for lines in each_done(executor, partial(_write, job, key), lots):
            now |= {line.recipient: line for line, _ in lines}
            published.written += [line.file for line, is_new in lines if is_new]
            step(len(lines))
        published.unchanged = len(contexts) - len(published.written)
        published.lines = [now[each] for each in recipients]
        published.left_over = sorted({line.file for line in before.values()} - {*names.values()})
        kept = [line for line in before.values() if line.file in published.left_over]
        _record(folder, [*published.lines, *kept], job.mode)
    except OSError as refusal:
        code = "file-held" if isinstance(refusal, PermissionError) else "file-not-written"
        name = Path(refusal.filename).name if refusal.filename else folder.name
        raise CannotSave(Problem(code, details={"cell": name, "folder": str(folder)})) from refusal
    published.written.sort()
    return published


def _write(job: PublishJob, key: bytes, tasks: Sequence[_Task]) -> list[tuple[ManifestRow, bool]]:
    """Write some files, each noted in a journal as soon as it is complete; return their lines, and which are new."""
    renderer, common = _renderer_of(job)
    folder, lines = Path(job.folder), []
    with _journal(folder / f".{tasks[0].file}{JOURNAL}", job.mode) as journal:
        writer = csv.writer(journal)
        for task in tasks:
            contents = _contents(task, common, key)
            if task.before and _is_there(task.before, task.file, contents, folder):
                lines.append((task.before, False))
                continue
            data = renderer.render(task.context or from_bytes(task.encoded))
            if task.password:
                data = protect(data, task.password)
            spare = os.path.join(job.folder, f".{task.file}{TEMPORARY}")
            try:
                with _spare_file(spare, _narrowed(job.mode, folder / task.file)) as file:
                    file.write(data)
                os.replace(spare, os.path.join(job.folder, task.file))
            except BaseException:
                Path(spare).unlink(missing_ok=True)
                raise
            protected = "yes" if task.password else "no"
            line = ManifestRow(task.recipient, task.file, sha256(data).hexdigest(), contents, protected)
            writer.writerow(line)
            journal.flush()
            lines.append((line, True))
    return lines


def _spare_file(path: str | Path, mode: int) -> BinaryIO:
    """Open a new file to be written under a name that an interrupted run may have left behind, never behind a link."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    return os.fdopen(open_new(path, mode), "wb", buffering=0)


def _journal(path: Path, mode: int) -> IO[str]:
    """Open a journal to be added to, never one behind a link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, mode), "a", encoding="utf-8", newline="")


def _narrowed(mode: int, path: Path) -> int:
    """Return the permissions of a file that takes the place of another: never wider than that one's."""
    with suppress(FileNotFoundError):
        return mode & path.stat().st_mode
    return mode


def _folder_mode(mode: int) -> int:
    """Return the permissions of a folder: whoever may read the files may look into it.

    >>> [oct(_folder_mode(mode)) for mode in (0o600, 0o640, 0o644)]
    ['0o700', '0o750', '0o755']
    """
    return 0o700 | mode & 0o066 | (mode & 0o044) >> 2


def file_names(recipients: Sequence[str]) -> dict[str, str]:
    """Return a file name for each recipient that every system takes, and no two of which differ in case alone.

    >>> list(file_names(["E1", "../E2", "con"]).values())
    ['E1.xlsx', '___E2-726b07a3.xlsx', 'con-1143da2b.xlsx']
    """
    plain = {who: re.sub(r"[^\w-]", "_", who)[:LONGEST_NAME] for who in recipients}
    often: dict[str, int] = {}
    for name in plain.values():
        often[name.casefold()] = often.get(name.casefold(), 0) + 1
    own = {
        who
        for who, name in plain.items()
        if name == who and often[name.casefold()] == 1 and not _RESERVED.fullmatch(name)
    }
    return {who: (name if who in own else _with_digest(who, name)) + SUFFIX for who, name in plain.items()}


def _with_digest(who: str, name: str) -> str:
    """Add a digest to a name that is not the recipient's own."""
    return f"{name}-{sha256(who.encode('utf-8')).hexdigest()[:8]}"


# The manifest -----------------------------------------------------------------------------------------------------


def manifest_of(folder: Path) -> Path:
    """Return where the manifest of a folder stands."""
    return folder.with_suffix(".csv")


def _contents(task: _Task, common: str, key: bytes) -> str:
    """Return the keyed digest of all that decides the contents of a file, and who can open it."""
    return signature(key, repr((common, sha256(task.encoded).hexdigest(), task.password)))


def _is_there(line: ManifestRow, file: str, contents: str, folder: Path) -> bool:
    """Whether a file stands there as it was written, with the contents that it is to have."""
    if line.contents != contents or line.file != file:
        return False
    try:
        return sha256((folder / file).read_bytes()).hexdigest() == line.sha256
    except FileNotFoundError:
        return False


def _recorded(folder: Path) -> dict[str, ManifestRow]:
    """Return what was written before, by recipient: from the manifest, and from journals that a stop left behind."""
    found: dict[str, ManifestRow] = {}
    for path in (manifest_of(folder), *sorted(folder.glob(f".*{JOURNAL}"))):
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [ManifestRow(*row) for row in csv.reader(file) if len(row) == len(ManifestRow._fields)]
            found |= {row.recipient: row for row in rows if row.recipient != ManifestRow._fields[0]}
    return found


def _record(folder: Path, lines: Sequence[ManifestRow], mode: int) -> None:
    """Write the manifest, which replaces the journals."""
    spare = _spare_file(folder / f".manifest{TEMPORARY}", _narrowed(mode, manifest_of(folder)))
    with TextIOWrapper(spare, encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ManifestRow._fields)
        writer.writerows(sorted(lines))
    os.replace(folder / f".manifest{TEMPORARY}", manifest_of(folder))
    for path in folder.glob(f".*{JOURNAL}"):
        path.unlink()
