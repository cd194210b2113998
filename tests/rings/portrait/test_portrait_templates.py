"""Templates, tasks and terms from prompts made by hand: what is fixed is found, what varies is a slot."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscan.rings.portrait.takes import counted_terms, own_terms, shares_of_tasks, task_of
from graphscan.rings.portrait.templates import SLOT, Template, find_templates
from graphscan.rings.portrait.words import public_runs, runs_of, words_of

NOUNS = tuple(
    """river table engine garden window letter market forest signal bridge basket candle mirror ladder
    harbour pencil""".split()  # noqa: SIM905
)
OTHER = tuple(
    """quick brown stone under yellow morning across silver quiet seven paper winter hollow tall bitter
    gentle""".split()  # noqa: SIM905
)
ENGINEER = "You are a careful engineer. Repair the {} of module {} and explain each change in one line."
GRADER = "Score the answer below from one to ten. The {} was {}. Give reasons before the number, no praise."


def filled(template: str, n: int) -> list[str]:
    pairs = list(itertools.permutations(NOUNS, 2))
    random.Random(2).shuffle(pairs)
    return [template.format(a, f"{b}{i}") for i, (a, b) in enumerate(pairs[:n])]


def found_in(texts: list[str], senders: int = 5) -> list[Template]:
    return find_templates(
        [words_of(t) for t in texts], [f"a{i % senders}" for i in range(len(texts))], frozenset()
    )


def test_two_templates_among_other_prompts_are_found_with_their_slots() -> None:
    chatter = [f"{a} {b} {c} ?" for a, b, c in itertools.islice(itertools.permutations(OTHER, 3), 40)]
    texts = [*filled(ENGINEER, 60), *filled(GRADER, 30), *chatter]
    engineer, grader = (t for t in found_in(texts) if t.prompts.size >= 30)
    assert engineer.text == ENGINEER.format(SLOT, SLOT)
    assert list(engineer.prompts) == list(range(60))
    assert grader.text == GRADER.format(SLOT, SLOT)
    assert list(grader.prompts) == list(range(60, 90))


@pytest.mark.parametrize(("share", "n_found", "n_words"), [(0.25, 110, 14), (0.45, 80, 10)])
def test_a_template_is_read_although_words_of_each_prompt_are_replaced(
    share: float, n_found: int, n_words: int
) -> None:
    dice = random.Random(1)
    texts = [
        " ".join(dice.choice(OTHER) if dice.random() < share else word for word in text.split(" "))
        for text in filled(ENGINEER, 120)
    ]
    template = found_in(texts)[0]
    own = [w for w in words_of(ENGINEER.format("", "")).folded if w in template.words]
    assert template.prompts.size >= n_found
    assert len(own) >= n_words  # of 15


def test_numbers_that_differ_are_a_slot_and_numbers_that_do_not_are_text() -> None:
    texts = [f"Answer question {i} in exactly 3 sentences for the reader." for i in range(1000, 1040)]
    assert found_in(texts)[0].text == f"Answer question {SLOT} in exactly 3 sentences for the reader."


def test_scripts_without_spaces_have_templates_too() -> None:
    pieces = ["苹果", "河流", "桌子", "森林", "信号", "桥梁", "花园", "窗户"]
    texts = [f"请逐步写出{a}的推理过程，不要省略{b}。" for a, b in itertools.permutations(pieces, 2)]
    assert found_in(texts)[0].text == f"请逐步写出{SLOT}的推理过程，不要省略{SLOT}。"


def test_what_one_account_repeats_is_no_template_of_a_ring() -> None:
    assert found_in(filled(ENGINEER, 50), senders=1) == []


def test_popular_openings_group_nothing() -> None:
    texts = [f"can you help me with {a} {b}" for a, b in itertools.permutations(NOUNS, 2)]
    public = public_runs([words_of(t) for t in texts])
    prompts = [words_of(t) for t in texts]
    assert find_templates(prompts, [str(i) for i in range(len(texts))], public) == []


@given(st.lists(st.text(max_size=80), max_size=30))
def test_any_text_is_taken(texts: list[str]) -> None:
    for template in found_in(texts):
        assert template.prompts.size >= 3


@given(st.text(max_size=300))
def test_words_stand_where_they_say(text: str) -> None:
    words = words_of(text)
    assert len(words.spans()) == len(words.folded)
    for (start, end), folded in zip(words.spans(), words.folded, strict=True):
        assert words_of(text[start:end]).folded == (folded,)


def test_a_short_text_is_one_run() -> None:
    assert runs_of(words_of("Thanks")) == {("thanks",)}
    assert runs_of(words_of("")) == set()


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Refactor this repository and add a unit test for the parser.", "code"),
        ("Write out your chain of thought step by step before the answer.", "reasoning elicitation"),
        ("Grade the candidate answer by this rubric.", "rubric grading"),
        ("Rewrite the passage so that no sensitive topic remains.", "rewriting"),
        ("You may call the tool with JSON arguments; emit the tool call.", "tool use"),
        ("As a data analyst, report the correlation in this dataset.", "data analysis"),
        ("请写出完整的思维链", "reasoning elicitation"),
        ("请按评分标准打分", "rubric grading"),
        ("What should I cook tonight?", None),
        ("", None),
    ],
)
def test_tasks_are_told_by_phrases(text: str, task: str | None) -> None:
    assert task_of(text) == task


def test_phrases_count_at_the_beginning_of_words_only() -> None:
    assert task_of("The suspatchious undiffident man") is None


def test_shares_of_tasks_are_of_all_prompts() -> None:
    assert shares_of_tasks(["code", None, "code", "rewriting"]) == {"code": 0.5, "rewriting": 0.25}


def test_terms_are_those_that_customers_write_seldom() -> None:
    ring = [words_of(f"please check the reactor valve near {a}") for a in NOUNS * 4]
    customers = [words_of(f"please check the {a} near {b}") for a, b in itertools.permutations(NOUNS, 2)]
    terms = own_terms(ring, counted_terms(customers), len(customers))
    assert terms[0] == ("reactor valve", 1.0, 0.0)
    assert not {"please", "check", "near"} & {t for t, _, _ in terms}
