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
    "read_json(x, shape)": """
        coalesce(try(json_transform(x, shape)), try(json_transform(whole_json(x), shape)))""",
    "text_of_parts(parts)": """array_to_string(list_transform(
        list_filter(parts, lambda p: p.type is null or p.type in ('text', 'input_text', 'output_text')),
        lambda p: coalesce(p.text, p.content)
    ), e'\\n')""",
    "text_of_content(c)": f"""nullif(case left(c::VARCHAR, 1)
        when '"' then json_extract_string(c, '$')
        when '[' then text_of_parts(json_transform(c, '{_PARTS}'))
    end, '')""",
    "texts_of_role(turns, roles)": """list_filter(list_transform(
        list_filter(turns, lambda t: list_contains(roles, coalesce(t.role, t.type))),
        lambda t: text_of_content(coalesce(t.content, t.parts))
    ), lambda t: t is not null)""",
    "is_talk(turns)": """
        coalesce(turns[1].role is not null or turns[1].type in ('human', 'ai', 'system'), false)""",
    "turns_of_body(b)": f"""case
        when is_talk(b.messages) then b.messages
        when is_talk(b.body.messages) then b.body.messages
        when is_talk(b.contents) then b.contents
        when left(b.input::VARCHAR, 1) = '[' then json_transform(b.input, '{_TURNS}')
        when b.role is not null
            then [struct_pack(role := b.role, type := b.type, content := b.content, parts := b.parts)]
    end""",
    "prompt_of_turns(turns)": "texts_of_role(turns, ['user', 'human'])[-1]",
    "system_of_turns(turns)": """
        nullif(array_to_string(texts_of_role(turns, ['system', 'developer']), e'\\n'), '')""",
    "response_of_turns(turns)": "texts_of_role(turns, ['assistant', 'ai', 'model'])[-1]",
    # A bare string as input or prompt is read only beside a model's name: a prompt may be such JSON.
    "bare_input(b)": "case when b.model is not null then text_of_content(coalesce(b.input, b.prompt)) end",
    "system_of_body(b)": """nullif(concat_ws(e'\\n',
        text_of_content(coalesce(b.system, b.body.system, b.instructions, b.systemInstruction.parts)),
        system_of_turns(turns_of_body(b)),
        coalesce(b.tools, b.body.tools, b.functions)::VARCHAR
    ), '')""",
    "prompt_of_body(x, b)": """list_transform([turns_of_body(b)], lambda turns:
        case when is_talk(turns) then prompt_of_turns(turns) else coalesce(bare_input(b), x) end)[1]""",
    "response_of_body(x, b)": """coalesce(
        text_of_content(b.choices[1].message.content),
        case when b.role is not null then response_of_turns(turns_of_body(b)) else x end
    )""",
    "prompt_of(x)": f"""case
        when starts_with(x, '[') and x <> '[]' then list_transform([read_json(x, '{_TURNS}')], lambda turns:
            case when is_talk(turns) then prompt_of_turns(turns) else x end)[1]
        when starts_with(x, '{{') and x <> '{{}}' then list_transform([read_json(x, '{_BODY}')], lambda b:
            prompt_of_body(x, b))[1]
        else stored_text(x)
    end""",
    # What the prompt's column knows of system text and tools.
    "system_of_prompt(x)": f"""case
        when starts_with(x, '[') then system_of_turns(read_json(x, '{_TURNS}'))
        when starts_with(x, '{{')
            then list_transform([read_json(x, '{_BODY}')], lambda b: system_of_body(b))[1]
    end""",
    # A column of its own holds text, a list of parts, messages, or tools, which stay as they are.
    "system_of(x)": f"""case
        when starts_with(x, '[') and x <> '[]' then coalesce(
            system_of_turns(read_json(x, '{_TURNS}')), nullif(text_of_parts(read_json(x, '{_PARTS}')), ''), x)
        when starts_with(x, '{{') and x <> '{{}}' then coalesce(system_of_prompt(x), x)
        else stored_text(x)
    end""",
    "response_of(x)": f"""case
        when starts_with(x, '[') and x <> '[]' then list_transform([read_json(x, '{_TURNS}')], lambda turns:
            case when is_talk(turns) then response_of_turns(turns) else x end)[1]
        when starts_with(x, '{{') and x <> '{{}}' then list_transform([read_json(x, '{_BODY}')], lambda b:
            response_of_body(x, b))[1]
        else stored_text(x)
    end""",
}

MACROS = tuple(f"create or replace temp macro {name} as {body}" for name, body in _MACROS.items())
