"""Prompts, system texts and responses out of stored conversations, as DuckDB macros: text in, text out.

A column may hold plain text, a JSON list of messages (content as text or as parts), a whole request body
around such a list, or `{}` where nothing was stored. The last user turn is the prompt; system and developer
texts and the tools offered are the system text; earlier turns are dropped, since they repeat at every turn.
JSON that is no conversation is somebody's prompt and stays as it is.

Only text that begins with `[` or `{` is parsed, by DuckDB. JSON is text to DuckDB, so that every function on
it parses anew: each macro makes one transform into a struct, ten times as fast as ten extractions.

Shapes read: OpenAI chat and responses, Anthropic messages, Gemini contents, OpenTelemetry parts, LangChain.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.logs.sql import quote_ident

_TURN = '{"role":"VARCHAR","type":"VARCHAR","content":"JSON","parts":"JSON"}'
_TURNS = f"[{_TURN}]"
_PARTS = '[{"type":"VARCHAR","text":"VARCHAR","content":"VARCHAR"}]'
_INNER_BODY = f'{{"messages":{_TURNS},"system":"JSON","tools":"JSON"}}'
_BODY = (
    '{"role":"VARCHAR","type":"VARCHAR","content":"JSON","parts":"JSON",'
    f'"messages":{_TURNS},"contents":{_TURNS},'
    f'"input":"JSON","prompt":"JSON","model":"VARCHAR","body":{_INNER_BODY},'
    '"system":"JSON","instructions":"JSON","systemInstruction":{"parts":"JSON"},"tools":"JSON","functions":"JSON",'
    f'"choices":[{{"message":{_TURN}}}]}}'
)

_MACROS = {
    "stored_text(x)": "case when x in ('', '{}', '[]', 'null') then null else x end",
    # Half of a surrogate pair, as Python writes what was no text, makes the whole value unreadable.
    "whole_json(x)": r"regexp_replace(x, '\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\\ufffd', 'g')",
    # Asked before, since an error that TRY catches costs thirty times as much as the answer.
    "read_json(x, shape)": """case
        when json_valid(x) then json_transform(x, shape)
        when contains(x, '\\u') and json_valid(whole_json(x)) then json_transform(whole_json(x), shape)
    end""",
    "text_of_parts(parts)": """array_to_string(list_transform(
        list_filter(parts, lambda p: p.type is null or p.type in ('text', 'input_text', 'output_text')),
        lambda p: coalesce(p.text, p.content)
    ), e'\\n')""",
    "text_of_content(c)": f"""nullif(case left(c::VARCHAR, 1)
        when '"' then json_extract_string(c, '$')
        when '[' then text_of_parts(json_transform(c, '{_PARTS}'))
    end, '')""",
    "is_talk(turns)": """
        coalesce(turns[1].role is not null or turns[1].type in ('human', 'ai', 'system'), false)""",
    # The two ways in which a text can hold a conversation; null where it does not begin like one.
    "list_in(x)": f"case when starts_with(x, '[') then read_json(x, '{_TURNS}') end",
    "body_in(x)": f"case when starts_with(x, '{{') then read_json(x, '{_BODY}') end",
    "turns_in(listed, b)": f"""case
        when listed is not null then listed
        when b is null then null
        when is_talk(b.messages) then b.messages
        when is_talk(b.body.messages) then b.body.messages
        when is_talk(b.contents) then b.contents
        when left(b.input::VARCHAR, 1) = '[' then json_transform(b.input, '{_TURNS}')
        when b.role is not null
            then [struct_pack(role := b.role, type := b.type, content := b.content, parts := b.parts)]
    end""",
    "turns_of_role(turns, roles)": """
        list_filter(turns, lambda t: list_contains(roles, coalesce(t.role, t.type)))""",
    "content_of_turn(t)": "text_of_content(coalesce(t.content, t.parts))",
    # The last turn nearly always has text; a lambda in a lambda is slow, so all turns are read only where it
    # has none.
    "last_text(turns, roles)": """coalesce(
        content_of_turn(turns_of_role(turns, roles)[-1]),
        list_filter(
            list_transform(turns_of_role(turns, roles), lambda t: content_of_turn(t)), lambda t: t is not null
        )[-1]
    )""",
    "system_of_turns(turns)": """nullif(array_to_string(
        list_transform(turns_of_role(turns, ['system', 'developer']), lambda t: content_of_turn(t)), e'\\n'
    ), '')""",
    # A bare string as input or prompt is read only beside a model's name: a prompt may be such JSON.
    "bare_input(b)": "case when b.model is not null then text_of_content(coalesce(b.input, b.prompt)) end",
    "is_stored_json(x)": "(starts_with(x, '[') or starts_with(x, '{')) and x not in ('{}', '[]')",
    "prompt_of(x, turns, b)": """case
        when not is_stored_json(x) then stored_text(x)
        when is_talk(turns) then last_text(turns, ['user', 'human'])
        else coalesce(bare_input(b), x)
    end""",
    # What the prompt's column knows of system text and tools.
    "system_of_prompt(x, turns, b)": """case when is_stored_json(x) then nullif(concat_ws(e'\\n',
        text_of_content(coalesce(b.system, b.body.system, b.instructions, b.systemInstruction.parts)),
        system_of_turns(turns),
        coalesce(b.tools, b.body.tools, b.functions)::VARCHAR
    ), '') end""",
    # A column of its own holds text, a list of parts, messages, or tools, which stay as they are.
    "system_of(x, turns, b)": f"""case
        when not is_stored_json(x) then stored_text(x)
        else coalesce(
            system_of_prompt(x, turns, b),
            case when starts_with(x, '[') then nullif(text_of_parts(read_json(x, '{_PARTS}')), '') end,
            x
        )
    end""",
    "response_of(x, turns, b)": """case
        when not is_stored_json(x) then stored_text(x)
        when is_talk(turns) then last_text(turns, ['assistant', 'ai', 'model'])
        else coalesce(text_of_content(b.choices[1].message.content), x)
    end""",
    # For columns that seldom hold a conversation: the two steps of `with_turns` at once, where there is JSON. Nulls
    # are asked for first, or they would take the dear way: a column of system texts is mostly null.
    **{
        f"lone_{what}(x)": f"""case
            when x is null or not is_stored_json(x) then stored_text(x)
            else list_transform([body_in(x)], lambda b: list_transform(
                [turns_in(list_in(x), b)], lambda turns: {what}_of(x, turns, b)
            )[1])[1]
        end"""
        for what in ("prompt", "system", "response")
    },
}

MACROS = tuple(f"create or replace macro {name} as {body}" for name, body in _MACROS.items())


def with_turns(relation: str, columns: Sequence[str]) -> str:
    """The relation (what stands after FROM), and beside each column of it what conversation it holds.

    Two steps, each a SELECT around the one before: a value that a lambda binds inside a lambda is ten times
    as slow.
    """
    if not columns:
        return relation
    read = [f"list_in({quote_ident(c)}) as {_part(c, 'list')}" for c in columns]
    read += [f"body_in({quote_ident(c)}) as {_part(c, 'body')}" for c in columns]
    turns = [f"turns_in({_part(c, 'list')}, {_part(c, 'body')}) as {_part(c, 'turns')}" for c in columns]
    return f"(select *, {', '.join(turns)} from (select *, {', '.join(read)} from {relation}))"


def read_with(macro: str, column: str) -> str:
    """The call of one of this module's macros on a column of a relation that `with_turns` gave."""
    return f"{macro}({quote_ident(column)}, {_part(column, 'turns')}, {_part(column, 'body')})"


def _part(column: str, part: str) -> str:
    return quote_ident(f"{column} {part}")
