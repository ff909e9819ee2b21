"""What keeps published workbooks to those they are for: passwords, pseudonyms, and the key that HR keeps.

Passwords come from a file and go nowhere else: not to a command line, a message, a log or a manifest.
"""

from __future__ import annotations

import csv
import hmac
import os
import re
import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from xlperf.core.problems import Problem, some
from xlperf.xlsx.atomic_save import open_new
from xlperf.xlsx.errors import CannotSave

KEY_BYTES = 32
PSEUDONYM_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that could be taken for another
PSEUDONYM_LENGTH = 8
OWNER_ONLY = 0o600
LEAST_PASSWORD = 8  # characters; what is shorter is guessed whatever the rounds of the digest


def can_protect() -> bool:
    """Whether the library is there that puts passwords on workbooks."""
    try:
        import msoffcrypto  # type: ignore[import-untyped] # noqa: F401
    except ImportError:
        return False
    return True


def protect(workbook: bytes, password: str) -> bytes:
    """Encrypt a workbook so that Excel asks for the password (AES-256, 100,000 rounds of SHA-512)."""
    from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]

    target = BytesIO()
    OOXMLFile(BytesIO(workbook)).encrypt(password, target)
    return target.getvalue()


def read_pairs(path: Path) -> tuple[dict[str, str], list[Problem]]:
    """Read a CSV file of two columns, ID and word, below a heading; IDs that stand twice are a problem."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except FileNotFoundError:
        return {}, [Problem("file-missing", details={"file": path.name})]
    except (UnicodeDecodeError, OSError):
        return {}, [Problem("publish-file-unreadable", details={"file": path.name})]
    pairs: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) < 2 or not row[0].strip() or not row[1]:
            return {}, [Problem("publish-row-unreadable", details={"file": path.name, "row": number})]
        if row[0].strip() in pairs:
            return {}, [Problem("publish-id-twice", details={"file": path.name, "cell": row[0].strip(), "row": number})]
        pairs[row[0].strip()] = row[1]
    return pairs, []


def missing_passwords(passwords: Mapping[str, str], recipients: Collection[str], path: Path) -> Iterator[Problem]:
    """Yield the problem that some recipients have no password, before anything is written."""
    lacking = sorted(set(recipients) - set(passwords))
    if lacking:
        yield Problem("passwords-missing", details={"file": path.name, "count": len(lacking), "people": some(lacking)})


def weak_passwords(passwords: Mapping[str, str], recipients: Collection[str], path: Path) -> Iterator[Problem]:
    """Yield the problem that recipients have a password that others know or guess: short, their ID, or shared.

    >>> words = {"E1": "1234", "E2": "long-E2-2026", "E3": "long-E2-2026", "E4": "e4e4e4e4"}
    >>> [problem.details["people"].en for problem in weak_passwords(words, words, Path("words.csv"))]
    ['E1, E2, E3, E4']
    """
    mine = {who: passwords[who] for who in recipients if who in passwords}
    uses = Counter(mine.values())
    weak = {
        who
        for who, word in mine.items()
        if len(word.strip()) < LEAST_PASSWORD
        or uses[word] > 1
        or len(set(word)) < LEAST_PASSWORD // 2
        or not word.casefold().replace(who.casefold(), "")
    }
    if weak:
        details = {"file": path.name, "count": len(weak), "people": some(sorted(weak)), "least": LEAST_PASSWORD}
        yield Problem("passwords-weak", details=details)


def pseudonyms_for(path: Path, people: Collection[str]) -> tuple[dict[str, str], list[Problem]]:
    """Return everybody's pseudonym: those in the file stay, who has none gets one, and the file is kept up to date."""
    known, problems = read_pairs(path) if path.exists() else ({}, [])
    if problems:
        return {}, problems
    if len(set(known.values())) < len(known):
        return {}, [Problem("pseudonyms-shared", details={"file": path.name})]
    if telling := sorted(who for who, name in known.items() if name in people or _tells(name, who)):
        return {}, [Problem("pseudonyms-telling", details={"file": path.name, "people": some(telling)})]
    taken = {*known.values(), *people}
    new = sorted(set(people) - set(known))
    for who in new:
        known[who] = next(each for each in iter(_pseudonym, "") if each not in taken and not _tells(each, who))
        taken.add(known[who])
    if new:
        _write_secret(path, "id,pseudonym\n" + "".join(f"{_cell(who)},{name}\n" for who, name in sorted(known.items())))
    return known, []


def _tells(pseudonym: str, who: str) -> bool:
    """Whether a pseudonym holds the ID; two characters stand together by chance."""
    return len(who) > 2 and who.casefold() in pseudonym.casefold()


def _pseudonym() -> str:
    return "".join(secrets.choice(PSEUDONYM_LETTERS) for _ in range(PSEUDONYM_LENGTH))


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text


def key_beside(book: Path) -> bytes:
    """Return the secret key that belongs to a workbook, from the file beside it; it is made where there is none.

    What is signed with it can be recognised when it comes back; whoever has the file can forge such signatures. A file
    that was emptied, cut or typed by hand is no key: `CannotSave`.
    """
    path = key_path(book)
    if not path.exists():
        _write_secret(path, secrets.token_hex(KEY_BYTES) + "\n", must_be_new=True)
    key = path.read_bytes().strip()
    if not re.fullmatch(rb"[0-9a-f]{%d}" % (2 * KEY_BYTES), key) or len(set(key)) < LEAST_PASSWORD:
        raise CannotSave(Problem("key-unusable", details={"file": path.name}))
    return key


def key_path(book: Path) -> Path:
    """Return where the key of a workbook is kept.

    >>> key_path(Path("october.xlsx")).name
    'october.xlperf-key'
    """
    return book.with_suffix(".xlperf-key")


def signature(key: bytes, text: str) -> str:
    """Return the keyed digest of a text.

    >>> signature(b"key", "a") == signature(b"key", "a") != signature(b"other", "a")
    True
    """
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def is_signed(key: bytes, text: str, given: str) -> bool:
    """Whether a text bears its own signature."""
    return hmac.compare_digest(signature(key, text).encode(), given.encode("utf-8", "surrogatepass"))


def _write_secret(path: Path, text: str, must_be_new: bool = False) -> None:
    """Write a file that only its owner may read, whole or not at all; one that must be new is kept if it is there."""
    spare = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(open_new(spare, OWNER_ONLY), "w", encoding="utf-8") as file:
            file.write(text)
        if must_be_new and not path.is_symlink():
            with suppress(FileExistsError):  # another process was faster: both go on with its key
                _enter(spare, path)
        else:
            os.replace(spare, os.path.realpath(path))
    finally:
        spare.unlink(missing_ok=True)


def _enter(spare: Path, path: Path) -> None:
    """Give a file its name, unless the name is taken."""
    try:
        os.link(spare, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without second names
        os.replace(spare, path)
