"""What the docstrings of public functions answer: what comes out, from what, what is refused, and an example."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("core", "schema", "policy", "scoring", "analysis", "workflows")
PLAIN = {
    "str",
    "int",
    "float",
    "bool",
    "object",
    "None",
    "Any",
    "date",
    "datetime",
    "Text",
    "Lang",
    "Fraction",
    "bytes",
}
ARRAYS = {"ndarray", "Series", "DataFrame", "Index", "ArrayLike", "Matrix", "Mask", "NDArray"}
NESTS = {
    "Iterable",
    "Sequence",
    "Mapping",
    "Collection",
    "Iterator",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "np",
    "pd",
}
SHORT = 2  # parameters of a function that has an example beside its first line


def public_functions():
    """Yield the name, the path and the tree of every public function at the top of a public module."""
    for layer in LAYERS:
        for path in sorted((ROOT / "xlperf" / layer).rglob("*.py")):
            if path.stem.startswith("_") and path.stem != "__init__":
                continue
            module = ".".join(path.relative_to(ROOT / "xlperf").with_suffix("").parts).removesuffix(".__init__")
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield f"{module}.{node.name}", node


FUNCTIONS = dict(public_functions())


def lacking(function):
    """Yield what a docstring leaves open."""
    text = ast.get_docstring(function) or ""
    first, _, rest = text.partition("\n")
    if not re.fullmatch(r"[A-Z>].{8,}[.:?]", first) or (rest and not rest.startswith("\n")):
        yield "first line"
    own = [each.arg for each in arguments(function) if needs_words(each.annotation)]
    unnamed = [each for each in own if not re.search(rf"\b{each}\b", text)]
    if unnamed and len(arguments(function)) > 1:
        yield "parameters " + " ".join(unnamed)
    refused = sorted({raised(each) for each in ast.walk(function) if isinstance(each, ast.Raise)} - {""})
    if is_workflow(function):  # it returns what it refuses
        refused = sorted({"Refusal" if each == "Refused" else each for each in refused})
    if any(each not in text for each in refused):
        yield "errors " + " ".join(refused)
    if is_short(function) and ">>>" not in text:
        yield "example"


def is_workflow(function):
    return any(isinstance(each, ast.Name) and each.id == "workflow" for each in function.decorator_list)


def arguments(function):
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def words_of(annotation):
    if annotation is None:
        return {"Any"}
    return {each.id if isinstance(each, ast.Name) else each.attr for each in ast.walk(annotation)
            if isinstance(each, (ast.Name, ast.Attribute))} - NESTS  # fmt: skip


def needs_words(annotation):
    """Whether a type does not say what is meant: a number, a text, an array; a Scheme, a When or a Lang does."""
    return words_of(annotation) <= (PLAIN - {"Lang"}) | ARRAYS


def is_short(function):
    """Whether a call and its result fit into two lines: few plain values in, a plain value out."""
    kinds = [words_of(each.annotation) for each in arguments(function)]
    return (
        0 < len(kinds) <= SHORT
        and all(each <= PLAIN for each in kinds)
        and words_of(function.returns) <= PLAIN - {"None"}
    )


def raised(statement):
    """Return the name of what a statement raises; nothing where it raises what it has caught or a value."""
    what = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return what.id if isinstance(what, ast.Name) and what.id[0].isupper() else ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_answers(name):
    assert not list(lacking(FUNCTIONS[name]))
