"""A calculator for the arithmetic that sentences write: 50 + 50 × (90% − 80%) ÷ 20%."""

import re
from decimal import Decimal


def number(text):
    """Read a figure as a sentence shows it; a percentage is a fraction."""
    plain = Decimal(text.rstrip("%").replace(",", ""))
    return plain / 100 if text.endswith("%") else plain


def calculated(text):
    """Work out a sum as a sentence writes it.

    >>> float(calculated("(50% + 50% × (90% − 80%) ÷ 20%) × 1,000"))
    750.0
    """
    assert re.fullmatch(r"[-\d.,%()+−×÷ ]+", text), text
    plain = re.sub(r"[\d.,]+%?", lambda figure: f"Decimal('{number(figure[0])}')", text)
    signs = str.maketrans({"×": "*", "÷": "/", "−": "-"})
    return eval(plain.translate(signs), {"Decimal": Decimal})
