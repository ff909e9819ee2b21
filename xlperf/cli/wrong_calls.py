"""What is wrong with a call that cannot be read, as a problem in both languages.

Typer tells it in English only, and in words that change with its version. What is expected is taken from the command
itself: the types of its options.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, get_args, get_type_hints

from typer.models import OptionInfo

from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar

_EXTRA = re.compile(r"unexpected extra argument\(?s?\)? \((.*)\)")
_NUMBERS = {int: Text("整数", "a whole number"), float: Text("数字", "a number")}


def wrong_call_problem(wrong: Any, typed: Sequence[str]) -> Problem:
    """Return what is wrong with a call.

    Parameters
    ----------
    wrong : the exception of typer; the kind of click that typer has decides its class, so it is known by name
    typed : the words of the call
    """
    context = getattr(wrong, "ctx", None)
    doing = {"doing": getattr(context, "command_path", " ".join(["xlperf", *typed[:1]]))}
    match type(wrong).__name__:
        case "NoSuchOption":
            known = [name for each in context.command.params for name in each.opts] if context else []
            near = similar(wrong.option_name, known)
            return Problem("option-unknown", details={**doing, "cell": wrong.option_name, "near": near})
        case "BadOptionUsage":
            return Problem("option-without-value", details={**doing, "cell": wrong.option_name})
        case "MissingParameter":
            return Problem("argument-missing", details={**doing, "cell": wrong.param.opts[-1]})
        case "BadParameter" if wrong.param is not None:
            asked, word = kind_asked(wrong.ctx.command.callback, wrong.param.name), _typed(wrong.param, typed)
            if asked is not None and word is not None:
                details = {**doing, "option": wrong.param.opts[-1], "cell": word, "asked": asked}
                return Problem("option-value", details=details)
    if extra := _EXTRA.search(wrong.format_message()):
        return Problem("argument-extra", details={**doing, "cell": extra[1]})
    commands = getattr(getattr(context, "command", None), "commands", {})
    word = next((each for each in typed if not each.startswith("-") and each not in commands), None)
    if commands and word is not None:
        return Problem("command-unknown", details={**doing, "cell": word, "near": similar(word, [*commands])})
    return Problem("wrong-call", details={**doing, "message": wrong.format_message()})


def kind_asked(command: Any, name: str) -> Text | None:
    """Return what a parameter of a command takes, by its type; None where any text would do.

    Parameters
    ----------
    command : the function of the command
    name : of its parameter
    """
    hint = get_type_hints(command, include_extras=True)[name]
    info = next((each for each in getattr(hint, "__metadata__", ()) if isinstance(each, OptionInfo)), None)
    plain = get_type_hints(command)[name]
    for kind in get_args(plain) or (plain,):
        if isinstance(kind, type) and issubclass(kind, Enum):
            choices = [str(each.value) for each in kind]
            return Text(f"{'、'.join(choices)} 之一", f"one of {', '.join(choices)}")
        if kind in _NUMBERS:
            least = getattr(info, "min", None)
            number = _NUMBERS[kind]
            return number if least is None else Text(f"{number.zh}，至少 {least}", f"{number.en}, at least {least}")
    return None


def _typed(parameter: Any, typed: Sequence[str]) -> str | None:
    """Return the value that was given to an option: the last one of the call, else that of the environment."""
    found = None
    for at, word in enumerate(typed):
        name, equals, value = word.partition("=")
        if name in parameter.opts:
            found = value if equals else next(iter(typed[at + 1 :]), None)
    return os.environ.get(str(parameter.envvar)) if found is None else found
