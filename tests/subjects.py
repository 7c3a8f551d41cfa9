"""The shipped mappings under the laws, each with the vendor's model and its generators."""

from functools import cache
from pathlib import Path

from freshbooks_model import DEFAULT_SERVER, apply

from mapper.generate import compile_generator
from mapper.project import load_project
from mapper.prove.edits import Editor
from mapper.prove.laws import Subject

ROOT = Path(__file__).parents[1]
WRAPPERS = {
    "freshbooks/customer": "client",
    "freshbooks/invoice": "invoice",
    "freshbooks/item": "item",
    "freshbooks/payment": "payment",
    "freshbooks/tax": "tax",
    "freshbooks/vendor": "bill_vendor",
}


@cache
def subject(name):
    return subject_of(name, load_project(ROOT).mapper(name))


@cache
def interpreted(name):
    """Return the subject whose mapper only interprets."""
    return subject_of(name, subject(name).mapper.interpreted)


def subject_of(name, mapper):
    """Return the shipped mapping *name* under the laws, run by *mapper*."""
    clock = DEFAULT_SERVER.clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def answer(document, body):
        return apply(WRAPPERS[name], document, body)

    return Subject.of(mapper, answer, {("updatedAt",): clock})


@cache
def vendor_documents(name):
    return compile_generator(subject(name).mapper.vendor_schema)


@cache
def editor(name):
    """Return what makes edits; it interprets, so that it prints nothing that a test then runs."""
    return Editor(interpreted(name).mapper)
