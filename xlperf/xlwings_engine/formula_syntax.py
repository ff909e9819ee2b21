"""Formulas as people write them and as a file stores them, and which of them are dynamic arrays.

A file marks the functions that came after 2007 with ``_xlfn.``, the variables of LET and LAMBDA with ``_xlpm.``, and
writes ``A1#`` and ``@A1:A3`` as functions; Excel shows #NAME? where the marks are missing.

Sources: Microsoft, [MS-XLSX] 2.2.2 (future functions) and "Implicit intersection operator: @".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter

from xlperf.xlwings_engine.addresses import read_place, split_address


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _any_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(each) for each in sorted(names))


_SHEET_FUNCTIONS = frozenset(("FILTER", "SORT"))  # their mark is _xlfn._xlws.
_FUTURE = _SHEET_FUNCTIONS | _words(
    """
    ACOT ACOTH AGGREGATE ANCHORARRAY ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE
    BINOM.INV BITAND BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE CHISQ.DIST
    CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA CONCAT CONFIDENCE.NORM
    CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH DAYS DECIMAL DETECTLANGUAGE DROP ENCODEURL ERF.PRECISE
    ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT F.INV F.INV.RT F.TEST FIELDVALUE FILTERXML FLOOR.MATH
    FLOOR.PRECISE FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR
    FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV GAMMALN.PRECISE GAUSS GROUPBY HSTACK HYPGEOM.DIST IFNA IFS IMAGE IMCOSH
    IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA ISOMITTED ISOWEEKNUM LAMBDA LET LOGNORM.DIST LOGNORM.INV
    MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV
    NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC PERCENTOF PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI
    PIVOTBY POISSON.DIST QUARTILE.EXC QUARTILE.INC QUERYSTRING RANDARRAY RANK.AVG RANK.EQ REDUCE REGEXEXTRACT
    REGEXREPLACE REGEXTEST RRI SCAN SEC SECH SEQUENCE SHEET SHEETS SINGLE SKEW.P SORTBY STDEV.P STDEV.S STOCKHISTORY
    SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW
    TRANSLATE TRIMRANGE UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S VSTACK WEBSERVICE WEIBULL.DIST WRAPCOLS
    WRAPROWS XLOOKUP XMATCH XOR Z.TEST
    """
)
# functions that hand out many values
_SPILLING = _words(
    """
    BYCOL BYROW CHOOSECOLS CHOOSEROWS DROP EXPAND FILTER FREQUENCY GROUPBY HSTACK LINEST LOGEST MAKEARRAY MAP
    MINVERSE MMULT MODE.MULT MUNIT PIVOTBY RANDARRAY REDUCE REGEXEXTRACT SCAN SEQUENCE SORT SORTBY STOCKHISTORY TAKE
    TEXTSPLIT TOCOL TOROW TRANSPOSE TREND GROWTH TRIMRANGE UNIQUE VSTACK WRAPCOLS WRAPROWS
    """
)
_REFERENCES = frozenset(("ANCHORARRAY", "INDIRECT", "OFFSET"))  # functions that stand for cells
_ALL: Callable[[int], bool] = lambda _: True  # noqa: E731 - one of the tests of a position in the table below
_TAKES_MANY: dict[str, Callable[[int], bool]] = {  # functions, and which of their arguments may be many cells
    **dict.fromkeys(
        _words(
            """
            AND AREAS AVEDEV AVERAGE AVERAGEA CELL COLUMNS CONCAT CORREL COUNT COUNTA COUNTBLANK COVAR COVARIANCE.P
            COVARIANCE.S DAVERAGE DCOUNT DCOUNTA DEVSQ DGET DMAX DMIN DPRODUCT DSTDEV DSUM FORECAST GCD GEOMEAN
            HARMEAN INTERCEPT IRR ISREF KURT LCM LOOKUP MAX MAXA MDETERM MEDIAN MIN MINA MIRR MODE MODE.SNGL
            MULTINOMIAL NPV OR PEARSON PRODUCT ROWS RSQ SERIESSUM SHEET SHEETS SKEW SLOPE STDEV STDEV.P STDEV.S
            STDEVA STDEVP STDEVPA STEYX SUM SUMSQ SUMPRODUCT SUMX2MY2 SUMX2PY2 SUMXMY2 TEXTJOIN VAR VAR.P VAR.S VARA
            VARP VARPA XIRR XNPV XOR
            """
        ),
        _ALL,
    ),
    **dict.fromkeys(
        ("AVERAGEIF", "SUMIF"), lambda at: at != 1),
    **dict.fromkeys(
        _words(
            """
            COUNTIF INDEX LARGE PERCENTILE PERCENTILE.EXC PERCENTILE.INC PERCENTRANK QUARTILE QUARTILE.EXC
            QUARTILE.INC SMALL TRIMMEAN PERCENTRANK.INC PERCENTRANK.EXC OFFSET
            """
        ),
        lambda at: at == 0),
    **dict.fromkeys(
        _words("HLOOKUP MATCH RANK RANK.AVG RANK.EQ VLOOKUP XMATCH"),
        lambda at: at == 1),
    **dict.fromkeys(
        _words("AVERAGEIFS MAXIFS MINIFS SUMIFS"),
        lambda at: at == 0 or at % 2 == 1),
    "COUNTIFS": lambda at: at % 2 == 0,
    "SUBTOTAL": lambda at: at > 0,
    "AGGREGATE": lambda at: at > 1,
    "XLOOKUP": lambda at: at in (1, 2),
}  # fmt: skip
_TEXTS = re.compile(r'("(?:[^"]|"")*")')
_MARKS = re.compile(r"_xlfn\._xlws\.|_xlfn\.|_xlws\.|_xlpm\.", re.IGNORECASE)
_OPTIONAL = re.compile(r"_xlop\.([\w.]+)", re.IGNORECASE)
_SPILL = re.compile(r"((?:(?:'(?:[^']|'')+'|[\w.\[\]]+)!)?\$?[^\W\d][\w.$]*)#(?![\w/!?])")
_ANCHOR = re.compile(r"\bANCHORARRAY\(([^()]*)\)", re.IGNORECASE)
_SINGLE = re.compile(r"\bSINGLE\(([^()]*)\)", re.IGNORECASE)
_THIS_ROW = re.compile(r"\[\[#This Row\],\[((?:[^\[\]]|'[\[\]])+)\]\]", re.IGNORECASE)
_AT = re.compile(r"(\w[\w.]*)\[@\[?((?:[^\[\]@]|'[\[\]])+?)\]?\]")
_MAY_CHANGE = re.compile(r"[#@]|(?<![\w.])(?:" + _any_of(_FUTURE) + r")\(", re.IGNORECASE)
_MAY_SPILL = re.compile(r"[:\[{]|\b(?:" + _any_of(_SPILLING | _REFERENCES) + r")\(", re.IGNORECASE)


def to_stored_formula(formula: str) -> str:
    """Return a formula as a file stores it.

    >>> to_stored_formula("=SORT(A1:A3)"), to_stored_formula("=LET(x,A1,x*2)"), to_stored_formula("=SUM(B1#)")
    ('=_xlfn._xlws.SORT(A1:A3)', '=_xlfn.LET(_xlpm.x,A1,_xlpm.x*2)', '=SUM(_xlfn.ANCHORARRAY(B1))')
    >>> to_stored_formula("=SUM(A1:A3)&IF(A1,Sales[@Amount],0)")
    '=SUM(A1:A3)&IF(A1,Sales[[#This Row],[Amount]],0)'
    """
    if not _MAY_CHANGE.search(formula):
        return formula
    formula = _outside_texts(formula, lambda part: _AT.sub(r"\1[[#This Row],[\2]]", part))
    formula = _outside_texts(formula, lambda part: _SPILL.sub(r"_xlfn.ANCHORARRAY(\1)", part))
    try:
        tokens = Tokenizer(formula).items
    except TokenizerError:
        return formula
    variables = _variables(tokens)
    return "=" + "".join(_stored(each, variables) for each in tokens)


def _stored(token: Token, variables: dict[str, str]) -> str:
    text = str(token.value)
    at, bare = ("@", text[1:]) if text.startswith("@") else ("", text)
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        name = bare[:-1].upper()
        if name in _FUTURE:
            return f"{at}_xlfn.{'_xlws.' if name in _SHEET_FUNCTIONS else ''}{name}("
        return f"_xlpm.{bare}" if name.lower() in variables else text
    if token.type == Token.OPERAND and token.subtype == Token.RANGE:
        if bare.startswith("[") and bare[1:-1].lower() in variables:
            return f"_xlop.{bare[1:-1]}"
        return f"{at}_xlpm.{bare}" if bare.lower() in variables else text
    return text


def _variables(tokens: list[Token]) -> dict[str, str]:
    """Return the names that LET and LAMBDA define: every other argument of the one, all but the last of the other."""
    found: dict[str, str] = {}
    open_calls: list[tuple[str, list[list[Token]]]] = []
    for token in tokens:
        for _, arguments in open_calls:
            arguments[-1].append(token)
        if token.subtype == Token.OPEN:
            name = str(token.value)[:-1].upper().lstrip("@").rpartition(".")[2] if token.type == Token.FUNC else ""
            open_calls.append((name, [[]]))
        elif token.type == Token.SEP and token.subtype == Token.ARG and open_calls:
            open_calls[-1][1][-1].pop()
            open_calls[-1][1].append([])
        elif token.subtype == Token.CLOSE and open_calls:
            name, arguments = open_calls.pop()
            arguments[-1].pop()
            defined = {"LET": arguments[:-1:2], "LAMBDA": arguments[:-1]}.get(name, [])
            found |= {text.lower(): text for each in defined if (text := _only_name(each))}
    return found


def _only_name(tokens: list[Token]) -> str:
    words = [str(each.value) for each in tokens if each.type != Token.WSPACE]
    return words[0].strip("[]") if len(words) == 1 and not words[0].startswith("_xl") else ""


def to_shown_formula(formula: str) -> str:
    """Return a stored formula as people write it.

    >>> to_shown_formula("=_xlfn._xlws.SORT(A1:A3)"), to_shown_formula("=_xlfn.ANCHORARRAY(B1)+T[[#This Row],[v]]")
    ('=SORT(A1:A3)', '=B1#+T[@v]')
    """
    if "_xl" not in formula and "#This Row" not in formula:
        return formula
    return _outside_texts(formula, _shown)


def _shown(part: str) -> str:
    part = _OPTIONAL.sub(r"[\1]", _MARKS.sub("", part))
    part = _SINGLE.sub(r"@\1", _ANCHOR.sub(r"\1#", part))
    return _THIS_ROW.sub(lambda found: f"[@{found[1]}]" if found[1].isalnum() else f"[@[{found[1]}]]", part)


def _outside_texts(formula: str, change: Callable[[str], str]) -> str:
    """Change a formula except for what stands between marks of quotation."""
    pieces = _TEXTS.split(formula)
    return "".join(piece if number % 2 else change(piece) for number, piece in enumerate(pieces))


def drop_intersections(formula: str) -> str:
    """Return a stored formula for a cell of its own: where many cells are meant, Excel takes the one in line.

    >>> drop_intersections("=@A1:A3*2")
    '=A1:A3*2'
    """
    return _outside_texts(formula, lambda part: re.sub(r"(?<!\[)@", "", part)) if "@" in formula else formula


def to_dynamic_formula(formula: str) -> str:
    """Return a stored formula for a dynamic array, in which ``@`` is a function.

    >>> to_dynamic_formula("=@A1:A3*B1:B3")
    '=_xlfn.SINGLE(A1:A3)*B1:B3'
    """
    if "@" not in formula:
        return formula
    tokens = Tokenizer(formula).items
    texts = [str(each.value) for each in tokens]
    return "=" + "".join(
        f"_xlfn.SINGLE({text[1:]})" if text.startswith("@") and text[-1] != "(" else text for text in texts
    )


def is_dynamic(formula: str) -> bool:
    """Whether a formula may have many values where Excel does not ask for one, so that it spills.

    It does where a function hands out many values, or many cells stand where one value is meant.

    >>> [is_dynamic(each) for each in ("=A1:A3*2", "=SUM(A1:A3)", "=SUM(A1:A3*2)", "=SORT(A1:A3)", "=A1+B1")]
    [True, False, True, True, False]
    """
    if not _MAY_SPILL.search(formula):
        return False
    try:
        tokens = [each for each in Tokenizer(formula).items if each.type != Token.WSPACE]
    except TokenizerError:
        return False
    calls: list[tuple[str, int, bool]] = []  # the function, which argument, whether it may be many cells
    for number, token in enumerate(tokens):
        text = _MARKS.sub("", str(token.value))
        many = _may_be_many(calls)
        if token.subtype == Token.OPEN:
            name = text[:-1].upper() if token.type == Token.FUNC else ""
            if name in _SPILLING:
                return True
            whole = many and not _calculates(tokens, number) and not _calculates(tokens, _closing(tokens, number))
            if (token.type == Token.ARRAY or name in _REFERENCES) and not (whole or _in_sumproduct(calls)):
                return True
            calls.append((name, 0, whole and token.type != Token.FUNC))
        elif token.subtype == Token.CLOSE and calls:
            calls.pop()
        elif token.type == Token.SEP and calls:
            calls[-1] = (calls[-1][0], calls[-1][1] + 1, calls[-1][2])
        elif token.type == Token.OPERAND and token.subtype == Token.RANGE and _is_many(text):
            if (not many or _calculates(tokens, number)) and not _in_sumproduct(calls):
                return True
            if calls and calls[-1][:2] == ("XLOOKUP", 2) and _is_block(text):
                return True
    return False


def _may_be_many(calls: list[tuple[str, int, bool]]) -> bool:
    if not calls:
        return False
    name, at, inherited = calls[-1]
    return _TAKES_MANY[name](at) if name in _TAKES_MANY else inherited


def _in_sumproduct(calls: list[tuple[str, int, bool]]) -> bool:
    """Whether every value is worked out one by one anyway."""
    return any(name == "SUMPRODUCT" for name, _, _ in calls)


def _calculates(tokens: list[Token], number: int) -> bool:
    """Whether an operator stands beside a token."""
    beside = tokens[max(number - 1, 0) : number] + tokens[number + 1 : number + 2]
    kinds = (Token.OP_PRE, Token.OP_IN, Token.OP_POST)
    return any(each.type in kinds and str(each.value) not in (":", ",", " ") for each in beside)


def _closing(tokens: list[Token], number: int) -> int:
    depth = 0
    for at in range(number, len(tokens)):
        depth += (tokens[at].subtype == Token.OPEN) - (tokens[at].subtype == Token.CLOSE)
        if depth == 0:
            return at
    return number


def _is_many(reference: str) -> bool:
    """Whether a reference means more than one cell; a name is taken for one."""
    if reference.startswith("@"):
        return False
    if reference.endswith("]"):
        return "[#This Row]" not in reference and "[@" not in reference
    place = read_place(split_address(reference)[1])
    return place is not None and (place.height, place.width) != (1, 1)


def _is_block(reference: str) -> bool:
    """Whether a reference means cells of several rows and several columns."""
    place = read_place(split_address(reference)[1])
    return place is not None and place.height > 1 and place.width > 1


def translate_formula(formula: str, origin: tuple[int, int], target: tuple[int, int]) -> str:
    """Return a formula as it reads when it is filled into another cell.

    >>> translate_formula("=A1*$B$1", (1, 3), (2, 3))
    '=A2*$B$1'
    """
    first, second = (f"{get_column_letter(column)}{row}" for row, column in (origin, target))
    return str(Translator(formula, origin=first).translate_formula(second))
