"""The prompt kernel: golden texts, a plain reading of the same rules byte by byte, and words that match hashes."""

from __future__ import annotations

import re
import unicodedata
from functools import reduce

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphscan.signals.kernel import ENDS, KEEP_ONE_IN, WORDS, as_read, fragment_words, prompt_fragments

M = 2**64 - 1
PRIME, BASIS = 0x100000001B3, 0xCBF29CE484222325

CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|.", re.DOTALL
)
WITHOUT_SPACES = ["\u0e00-\u0eff", "\u1000-\u109f", "\u1780-\u17ff", "\u3040-\u9fff", "\uf900-\ufaff"]


def codes(text: bytes) -> list[int]:
    """The code point of each character; a byte that is no part of one stands for itself."""
    return [
        reduce(lambda code, byte: code << 6 | byte & 0x3F, c[1:], c[0] & (0x7F >> len(c) if c[1:] else 0xFF))
        for c in CHARACTER.findall(text)
    ]


def read_as(code: int) -> tuple[str, int]:
    """What a character is, and the number that is hashed for it."""
    if code > 0xFFFF:  # and of bytes that are no text more than `chr` takes
        return ("other", 0) if 0x1F000 <= code <= 0x1FAFF else ("letter", code)
    char = chr(code)
    kind = unicodedata.category(char)
    if kind == "Cf":
        return "nothing", 0
    if kind[0] in "ZPS" or kind in ("Cc", "Cs"):
        return "other", 0
    if kind == "Nd":
        return "digit", ord("0")
    if re.match(f"[{''.join(WITHOUT_SPACES)}]", char):
        return "wide", code
    simple = re.sub(r"^(.)[\u0300-\u036f]+$", r"\1", char.casefold()) if kind[0] == "L" else char
    return "letter", ord(simple) if len(simple) == 1 else code


def stir(x: int) -> int:
    for _ in range(2):
        x ^= x >> 32
        x = x * 0xD6E8FEB86659FD93 & M
    return x ^ (x >> 32)


def tokens(text: bytes) -> list[int]:
    """A number for each word, and for each wide character with the two wide ones before it."""
    out: list[int] = []
    word: int | None = None
    in_digits = False
    before = (0, 0)
    for kind, number in [*map(read_as, codes(text)), ("other", 0)]:
        if kind == "letter" or (kind == "digit" and not in_digits):
            word = ((BASIS if word is None else word) ^ number) * PRIME & M
        elif kind in ("wide", "other") and word is not None:
            out.append(stir(word))
            word = None
        if kind == "wide":
            out.append(stir(((before[0] * 1000003 + before[1]) * 1000003 + number) & M))
            before = (before[1], number)
        in_digits = kind == "digit" or (kind == "nothing" and in_digits)
    return out


def runs(text: bytes) -> list[int]:
    """The hash of every run of words, before any is left out."""
    found = tokens(text)
    last = [found[i : i + WORDS] for i in range(len(found) - WORDS + 1)]
    return [stir((((d * 31 + c) * 31 + b) * 31 + a) & M) for a, b, c, d in last]


def fragments_by_the_rules(text: bytes) -> list[int]:
    """What the kernel should give: one run in eight, and the smallest of the first eight and of the last eight where
    none of them is kept; the whole of a text that has no run."""
    every = runs(text)
    kept = {i for i, s in enumerate(every) if s % KEEP_ONE_IN == 0}
    first, last = range(min(ENDS, len(every))), range(max(len(every) - ENDS, 0), len(every))
    if len(every) >= ENDS and not kept & set(first):
        kept.add(min(first, key=lambda i: every[i]))
    if every and not kept & set(last):
        kept.add(min(last, key=lambda i: every[i]))
    found = [every[i] for i in sorted(kept)]
    if not every and tokens(text):
        whole = BASIS
        for token in tokens(text):
            whole = (whole ^ token) * PRIME & M
        found = [stir(whole)]
    return [s >> 1 for s in found]


def fragments(*texts: str | None) -> list[list[int]]:
    return prompt_fragments(pa.array(texts, pa.string())).to_pylist()


def raw(texts: list[bytes]) -> pa.Array:
    """Bytes as they are in an array of texts, valid or not."""
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(texts), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(texts))]
    )


SAME = {
    "case": ("Write a Short STORY about it", "write a short story about it"),
    "case of Cyrillic": ("НАПИШИ Короткий РАССКАЗ О Ёлке", "напиши короткий рассказ о ёлке"),
    "case of Greek, and its last sigma": ("ΓΡΆΨΕ ΈΝΑΣ ΛΌΓΟΣ ΕΔΏ", "γράψε ένας λόγος εδώ"),
    "case of accented letters": ("ÉCRIS UNE TRÈS ŒUVRE", "écris une très œuvre"),
    "case of Vietnamese": ("HÃY VIẾT MỘT CÂU CHUYỆN NGẮN", "hãy viết một câu chuyện ngắn"),
    "case of Armenian": ("ԳՐԻՐ ՄԻ ԿԱՐՃ ՊԱՏՄՈՒԹՅՈՒՆ", "գրիր մի կարճ պատմություն"),
    "a capital with a dot": ("İKİ BİN SATIR VER", "iki bin satir ver"),
    "blanks that do not break": ("please\u00a0write\u202fa\u3000short story", "please write a short story"),
    "quotes and marks of other tongues": ("« ¿dime? » ¡ya! que، tal؟ eso", "dime ya que tal eso"),
    "what cannot be seen": ("wri\u00adte a\u200b sho\u200drt\ufeff story", "write a short story"),
    "digits of other scripts": ("count to ١٢ or ४५ or １２ now", "count to 7 or 8 or 9 now"),
    "emoji": ("write a 🎉 short story🎉 now", "write a short story now"),
    "digits are masked": ("step 1 of 12 is done 2026", "step 7 of 3 is done 199"),
    "punctuation parts words": ("please, write: a (short) story!", "please write a short story"),
    "blanks of any kind": ("please\twrite\n\n a   short story ", "please write a short story"),
    "dashes and quotes of typesetters": ("say — “well done” … now", "say well done now"),
    "digits inside words": ("item42b of list7 is model3", "item1b of list99 is model5"),
    "marks between wide characters": ("你好，世界！我们来了。", "你好世界我们来了"),
    "blanks between wide characters": ("写 一 首 关 于 春 天 的 诗", "写一首关于春天的诗"),
    "a Thai sentence with and without a blank": ("เขียน บทกวีเกี่ยวกับ", "เขียนบทกวีเกี่ยวกับ"),
}
APART = {
    "a word more": ("write a short story about it", "write a very short story about it now"),
    "another order": ("write a short story", "a short story write"),
    "a digit where there was none": ("write a short story", "write a short story2"),
    "other wide characters": ("写一首关于春天的诗", "写一首关于秋天的歌"),
    "other accents": ("el niño come pan", "el nino come pan"),
    "one long word and its halves": ("aa bb cc dd", "aabb cc dd ee"),
}


@pytest.mark.parametrize("name", SAME)
def test_texts_that_say_the_same_have_the_same_fragments(name: str):
    left, right = fragments(*SAME[name])
    assert left and left == right


@pytest.mark.parametrize("name", APART)
def test_texts_that_differ_have_other_fragments(name: str):
    left, right = fragments(*APART[name])
    assert left and right and left != right


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "!?…", "—", "。，", None])
def test_a_text_without_words_has_none(text: str | None):
    assert fragments(text) == [[]]


@pytest.mark.parametrize("text", ["hi", "hi there", "hi there you", "你", "7"])
def test_a_text_shorter_than_a_fragment_is_one(text: str):
    assert [len(f) for f in fragments(text, text.upper() + " ")] == [1, 1]
    assert fragments(text) == fragments(text.upper() + " ")


def test_golden_hashes():
    """Fixed numbers: entities of a stored run are these, so a change of the kernel is a change of format."""
    texts = ("Explain step by step how photosynthesis works", "写一首关于春天的诗", "hi")
    assert fragments(*texts) == [
        [345313005380986853],
        [629654814530681896],
        [5010680582149755356],
    ]


WORDS_OF_MANY_SCRIPTS = st.one_of(
    st.text(st.characters(codec="utf-8", max_codepoint=0x24F), max_size=8),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.text(st.sampled_from("写一首关于春天的诗 かなカナ ไทยภาษา ລາວ မြန်မာ ខ្មែរ"), max_size=8),
    st.text(st.sampled_from("aBc 019 .,-\n—“”，。！ＡＢ１２　"), max_size=8),
    st.sampled_from(["write", "a", "story", "of", "3", "dragons"]),
)


@given(st.lists(st.lists(WORDS_OF_MANY_SCRIPTS, max_size=12).map(" ".join), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_kernel_agrees_with_a_plain_reading_of_the_rules(texts: list[str]):
    assert fragments(*texts) == [fragments_by_the_rules(t.encode()) for t in texts]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_bytes_that_are_no_text_are_read_by_the_same_rules(texts: list[bytes]):
    assert prompt_fragments(raw(texts)).to_pylist() == [fragments_by_the_rules(t) for t in texts]


@given(
    st.text(max_size=30), st.lists(st.sampled_from("abcdefgh"), min_size=4, max_size=30), st.text(max_size=30)
)
@settings(max_examples=200, deadline=None)
def test_the_sample_is_consistent(before: str, words: list[str], after: str):
    """A run that is kept in one text is kept in every text that holds its words."""
    inner = " ".join(words)
    kept = {s >> 1 for s in runs(inner.encode()) if s % KEEP_ONE_IN == 0}
    (found,) = fragments(f"{before} {inner} {after}")
    assert kept <= set(found)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_eleven_words_before_or_after_a_text_of_ones_own_are_always_seen(data: st.DataObject):
    """However a template is worded, no wording hides it."""
    word = st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=6)
    template = data.draw(st.lists(word, min_size=ENDS + WORDS - 1, max_size=20))
    own = data.draw(st.lists(word, max_size=60))
    alone = {s >> 1 for s in runs(" ".join(template).encode())}
    before, after = fragments(" ".join([*template, *own]), " ".join([*own, *template]))
    assert set(before) & alone and set(after) & alone


def test_one_run_in_eight_is_kept():
    rng = np.random.default_rng(0)
    text = " ".join("".join(rng.choice(list("abcdefghij"), 6)) for _ in range(20_000))
    (found,) = fragments(text)
    assert len(found) / 20_000 == pytest.approx(1 / KEEP_ONE_IN, rel=0.06)


def test_slices_chunks_and_nulls_change_nothing():
    texts = [f"write a story about dragon {c} and the {c}{c} hill" for c in "abcdefgh"]
    whole = fragments(*texts)
    array = pa.array(texts, pa.string())
    assert prompt_fragments(array[3:7]).to_pylist() == whole[3:7]
    assert prompt_fragments(array.cast(pa.large_string())[2:]).to_pylist() == whole[2:]
    assert prompt_fragments(pa.chunked_array([array[:5], array[5:5], array[5:]])).to_pylist() == whole
    assert fragments(texts[0], None, texts[1]) == [whole[0], [], whole[1]]
    assert prompt_fragments(pa.array([], pa.string())).to_pylist() == []


@given(
    st.lists(
        st.sampled_from(["Write", "a", "poem", "of", "12", "lines", "über", "Zürich!", "(now)"]), min_size=4
    )
)
@settings(max_examples=100, deadline=None)
def test_the_words_of_a_fragment_hash_to_it(words: list[str]):
    text = " ".join(words)
    (found,) = fragments(text)
    told = fragment_words([text], set(found))
    assert told.keys() == set(found)
    for fragment, shown in told.items():
        assert fragments(shown) == [[fragment]]
        assert shown in text


@pytest.mark.parametrize(
    "text",
    [
        "写一首关于春天的诗然后解释它的意思给孩子们听",
        "写一首 poem 关于 spring 的诗, then please explain 它的意思给 the 孩子们听",
        "写 a short poem 关 about 2 dragons 于 and other 春 things 天 of 的 that 诗 kind",
    ],
)
def test_the_characters_of_a_wide_fragment_hash_to_it(text: str):
    """A wide character's hash holds the two before it, also across words: they are shown too."""
    (found,) = fragments(text)
    told = fragment_words([text], set(found))
    assert told.keys() == set(found)
    for fragment, shown in told.items():
        assert fragment in fragments(shown)[0]
        assert shown in text


@given(st.text(max_size=60), st.text(max_size=60))
@example("Call 0171-555 ⟦†⟧ NOW", "call 99 555, now")
def test_texts_read_alike_have_the_same_fragments(one: str, other: str):
    """What `as_read` leaves out is what no fragment hangs on, and it leaves out no more."""
    assert prompt_fragments(pa.array([as_read(one).replace("#", "1")])) == prompt_fragments(pa.array([one]))
    assert as_read(as_read(one).replace("#", "7")) == as_read(one)
    if as_read(one) == as_read(other):
        assert prompt_fragments(pa.array([one])) == prompt_fragments(pa.array([other]))


def test_words_are_those_of_the_first_text_that_holds_the_fragment():
    texts = ["nothing of that kind is here", "Write A  poem, please", "write a poem please"]
    (fragment,) = fragments("write a poem please")[0]
    assert fragment_words(texts, {fragment}) == {fragment: "Write A poem, please"}
    assert fragment_words([], {fragment}) == {}
    assert fragment_words(texts, set()) == {}
