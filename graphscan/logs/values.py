"""What single values mean, as DuckDB macros: placeholders, domains, tags.

A placeholder stands for "nothing was recorded". Taken for a value it would be the greatest ring of all, so
it is null: it ties nobody, and is counted.
"""

from __future__ import annotations

PLACEHOLDERS = (
    *("", "-", "--", "?", "n/a", "nil", "nan", "null", "none", "unknown", "undefined"),
    *("(null)", "(none)", "<null>", "<none>", "(not set)", "{}", "[]"),
)
"""Compared in lower case and without blanks around. No `na`: it is a country."""

_LONGEST = max(map(len, PLACEHOLDERS))
_LISTED = ", ".join(f"'{p}'" for p in PLACEHOLDERS)

_MACROS = {
    # Lengths and the first character decide for nearly all rows; comparing each costs ten times as much.
    "known(x)": f"""case
        when strlen(x) <= {_LONGEST} and lower(trim(x)) in ({_LISTED}) then null
        when x < '1' and strlen(x) >= 8 and trim(x, ' 0x-:') = '' then null
        else x
    end""",
    "known_domain(x)": "known(lower(trim(split_part('@' || x, '@', -1))))",
    "known_all(xs)": "list_filter(list_transform(xs, lambda x: known(x)), lambda x: x is not null)",
    "json_at(x, pointer)": "case when json_valid(x) then json_extract_string(x, pointer) end",
    # The longest of a JSON list's tags that begin so, without the beginning.
    "longest_tag(x, beginning)": """substr(list_sort(list_transform(
        list_filter(try(json_transform(x, '["VARCHAR"]')), lambda t: starts_with(t, beginning)),
        lambda t: printf('%06d', length(t)) || t
    ), 'desc')[1], 7 + length(beginning))""",
}

MACROS = tuple(f"create or replace macro {name} as {body}" for name, body in _MACROS.items())
