"""Sums of a prompt, worked out without eval and within bounds."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LONGEST = 200
_LARGEST = 1e15


def solved(expression: str) -> str | None:
    """The value of a sum such as `2 + 3 * 4`, as one would write it; None where there is none."""
    if len(expression) > _LONGEST:
        return None
    for written, meant in (("×", "*"), ("÷", "/"), ("x", "*"), ("^", "**")):
        expression = expression.replace(written, meant)
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ZeroDivisionError, ValueError):
        return None
    if abs(value) > _LARGEST:
        return None
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(ast.dump(node))
