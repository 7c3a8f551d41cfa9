"""Evidence that a mapping does what it says: its examples, and the laws on documents of any origin.

``examples`` runs what an examples file says. ``laws`` has the laws that tie both directions
together, ``vendor`` a model of the vendor to hold them against, and ``edits`` the edits that they
are tried with; ``counterexample`` says what a case breaks. ``trial`` runs all of that for one
mapping, and ``coverage`` counts what it exercised.

What generates documents is imported with those modules: running examples needs none of it.
"""

from mapper.prove.examples import first_difference, run_example, run_examples

__all__ = ["first_difference", "run_example", "run_examples"]
