"""Faults of the settings in graphscan's own words: takes pydantic's errors, gives one SettingsError.

It stands between `settings` and `errors`: settings raise `reject(…)` where pydantic has no rule of its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from graphscan.errors import GraphscanError, LogsError, SettingsError

_SHAPES = {"model_type": "a table, [{}]", "tuple_type": "tables, [[{}]]", "dict_type": "tables, [{}.…]"}
"""What TOML calls the shapes that pydantic asks for."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like this one, or None where none is near."""
    by_fold = {k.casefold(): k for k in sorted(known, reverse=True)}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def together(faults: Sequence[GraphscanError]) -> LogsError:
    """One error with the messages of several, a line each, and their hints."""
    hints = dict.fromkeys(f.hint for f in faults if f.hint)
    return LogsError("\n".join(f.message for f in faults), "; ".join(hints))


def reject(
    what: str, expected: str, *, near: Iterable[str] = (), key: str = "", seen: str | None = None
) -> PydanticCustomError:
    """An error for a validator to raise: `what` the value should be, and what is `expected`.

    `key` is the place below the model that raises it, `seen` what to show in place of the whole value.
    """
    context = {"expected": expected, "near": tuple(near), "key": key, "seen": seen}
    return PydanticCustomError("graphscan", "is not {what}", {"what": what, **context})


def faults_of(error: ValidationError, model: type[BaseModel], place: str) -> SettingsError:
    """One SettingsError, one line a fault in the order of the file's model, hints for what was misspelt."""
    lines, hints = [], []
    for detail in error.errors(include_url=False):
        line, hint = _fault(detail, model, place)
        if line not in lines:  # a union reports one fault once for each of its types
            lines.append(line)
            hints += [hint] if hint and hint not in hints else []
    hint = "; ".join(hints) or "the README shows every key with what it does"
    return SettingsError("\n".join(lines), hint)


def _fault(detail: ErrorDetails, model: type[BaseModel], place: str) -> tuple[str, str]:
    context: Mapping[str, Any] = detail.get("ctx", {})
    keys = list(detail["loc"])
    if context.get("key"):
        keys += str(context["key"]).split(".") if not keys else [str(context["key"])]
    path = _dotted(keys)
    seen = context.get("seen") or _shown(detail["input"])
    if detail["type"] == "extra_forbidden":
        known = _keys_of(model, keys[:-1])
        return (
            f"{place}: {path}: unknown key: got {keys[-1]}; expected {', '.join(known)}",
            _did_you_mean(str(keys[-1]), known),
        )
    if detail["type"] == "missing":
        return f"{place}: {path}: is missing: got nothing; expected a value", ""
    if detail["type"] == "graphscan":
        return (
            f"{place}: {path}: is not {context['what']}: got {seen}; expected {context['expected']}",
            "; ".join(
                filter(None, (_did_you_mean(n.strip("'"), context["near"]) for n in str(seen).split(", ")))
            ),
        )
    if detail["type"] in _SHAPES:
        shape = _SHAPES[detail["type"]].format(path)
        return f"{place}: {path}: is not allowed: got {seen}; expected {shape}", ""
    allowed = (
        detail["msg"].removeprefix("Input should be ").replace("a valid i", "an i").replace("a valid ", "a ")
    )
    near = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    return f"{place}: {path}: is not allowed: got {seen}; expected {allowed}", _did_you_mean(
        seen.strip("'"), near
    )


def _dotted(keys: list[Any]) -> str:
    text = ""
    for key in keys:
        text += f"[{key + 1}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".") or "settings"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"did you mean {close} for {name}?" if close and close != name else ""


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _keys_of(model: type[BaseModel], path: list[Any]) -> list[str]:
    """The keys that are allowed at a path, as they are written in the file."""
    at: Any = model
    for key in path:
        if isinstance(key, int):
            continue
        fields = at.model_fields
        field = fields.get(key) or next((f for f in fields.values() if f.alias == key), None)
        at = _model_in(field.annotation) if field is not None else None
        if at is None:
            return []
    return [f.alias or name for name, f in at.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
