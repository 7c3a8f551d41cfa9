"""Small scripts read statement by statement, and whatever else, which is told apart."""

import contextlib

import pytest
from hypothesis import given, strategies as st

from mapper.platform.statements import (
    Assignment,
    Binary,
    Branch,
    Declared,
    Finish,
    Given,
    Join,
    Literal,
    Lookup,
    Not,
    UnknownError,
    read_script,
)

DONE = Finish(Given("transformedObject", ()), ends=False)
RETURN = Finish(Given("transformedObject", ()), ends=True)


def member(path, root="transformedObject"):
    return Given(root, tuple(path.split(".")))


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("", ()),
        ("'use strict'; done(transformedObject); // the end", (DONE,)),
        ("return transformedObject", (RETURN,)),
        ("/* a */ return done(transformedObject)", (RETURN,)),
        (
            'const t = {"a b": \'x\', c: "y", 3: true,};',
            (Declared("t", {"a b": "x", "c": "y", "3": True}),),
        ),
        (
            "transformedObject.a.b = t[originalObject['x y']] || 'z';",
            (
                Assignment(
                    member("a.b"),
                    Binary("||", Lookup("t", Given("originalObject", ("x y",))), Literal("z")),
                ),
            ),
        ),
        (
            "if (!fromVendor && a !== null) { x.y = `${a.b} - ${c}`; } else x.y = a + '-' + b;",
            (
                Branch(
                    Binary(
                        "&&",
                        Not(Given("fromVendor", ())),
                        Binary("!==", Given("a", ()), Literal(None)),
                    ),
                    (
                        Assignment(
                            member("y", "x"),
                            Join((Given("a", ("b",)), Literal(" - "), Given("c", ()))),
                        ),
                    ),
                    (
                        Assignment(
                            member("y", "x"),
                            Join((Given("a", ()), Literal("-"), Given("b", ()))),
                        ),
                    ),
                ),
            ),
        ),
    ],
)
def test_statements(text, statements):
    assert read_script(text) == statements


@pytest.mark.parametrize(
    "text",
    [
        "for (;;) {}", "x = function () {};", "a.b()", "a = [1]", "eval('x')", "x += 1",
        "delete a.b", "const t = {a: b};", "const t = {a: {}};", "const t = {", "'a\\n'",
        "x = 1 - 2", "x = /a/", "a[b][c] = 1", "`${a + b}`", "if (a", "}", "x = ", "é",
        "x" * 20_001, "!" * 5000, "(" * 5000, "if(a)" * 3000 + "x=1", "if(a){" * 3000,
        "if(a)x=1;" + "else if(a)x=1;" * 1300, "a=" + "a?" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_known(text):
    with pytest.raises(UnknownError):
        read_script(text)


WORDS = "if const let done return else fromVendor transformedObject originalObject true null"
MARKS = "( ) { } [ ] ; , . : ? = === && + ! 'a' `c` `${a.b}` 1 2.5 // /* */"
PIECES = st.sampled_from([*WORDS.split(), *MARKS.split(), "\n"])


@given(st.lists(PIECES).map(" ".join) | st.text())
def test_anything_is_read_or_told_apart(text):
    with contextlib.suppress(UnknownError):
        read_script(text)
