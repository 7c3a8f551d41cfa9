"""Values from JSON Schemas, at their boundaries more often than not.

One generator, two sources of choices: a seeded random number generator (fast) and Hypothesis
(which simplifies what fails). What is made fits its schema, and more:

- ``x-unique: member`` on a list: no two items have the same value there (1 and "1" are the same).
- ``x-computed: expression``: a member that is there has the value of the expression over the whole
  document; only while that is null or fails, it has any value that its schema lets it have.
- ``x-invariants`` at the root of a file: each expression over that object gives true.
"""

from mapper.generate.choices import Choices, Make, Seeded, drawn
from mapper.generate.generator import (
    compile_generator,
    document_fault,
    documents,
    generate,
    seeded,
)

__all__ = [
    "Choices",
    "Make",
    "Seeded",
    "compile_generator",
    "document_fault",
    "documents",
    "drawn",
    "generate",
    "seeded",
]
