"""Writes the VBA of the worksheet functions: one line each, which hands the arguments to the bridge."""

from __future__ import annotations

from collections.abc import Iterable

from xlperf.binding.functions.registry import Argument, Function

MODULE = "PerfFunctions"
LAST_ERROR = "PERF_LASTERROR"
HEAD = f"""Attribute VB_Name = "{MODULE}"
Option Explicit
' The worksheet functions: made from the registry in Python, and made again by "xlperf excel rebind".
"""
_KEPT_WORDS = """
addressof and any array as base boolean byref byte byval call case cdbl cint circle close const currency date debug
declare dim do double each else elseif empty end enum eqv erase error event exit false for friend function get global
gosub goto if imp implements in input integer is let like line lock long loop lset me mod name new next not nothing
null object on open option optional or paramarray preserve print private property public put raiseevent redim rem
resume return rset seek select set single spc static step stop string sub tab then to true type until variant wend
while with withevents write xor
"""
RESERVED = frozenset(_KEPT_WORDS.split())


def functions_module(functions: Iterable[Function]) -> str:
    """Write the module of all worksheet functions."""
    return "\n".join([HEAD, *(wrapper(each) for each in functions)])


def wrapper(function: Function) -> str:
    """Write one worksheet function in VBA.

    >>> from xlperf.binding.functions import functions
    >>> print(wrapper(functions()["PERF_RANK"]))
    Public Function PERF_RANK(scores, Optional groups, Optional ties, Optional tie_keys) As Variant
        PERF_RANK = PerfCall("PERF_RANK", Array(scores, groups, ties, tie_keys))
    End Function
    <BLANKLINE>
    """
    declared = ", ".join(_declared(each) for each in function.arguments)
    given = ", ".join(vba_name(each.name) for each in function.arguments)
    ask = "PerfTold" if function.name == LAST_ERROR else "PerfCall"
    return (
        f"Public Function {function.name}({declared}) As Variant\n"
        f'    {function.name} = {ask}("{function.name}", Array({given}))\n'
        "End Function\n"
    )


def vba_name(argument: str) -> str:
    """Return the name of an argument in VBA, which keeps some words for itself.

    >>> vba_name("scores"), vba_name("step")
    ('scores', 'step_')
    """
    return f"{argument}_" if argument.casefold() in RESERVED else argument


def _declared(argument: Argument) -> str:
    return f"Optional {vba_name(argument.name)}" if argument.optional else vba_name(argument.name)
