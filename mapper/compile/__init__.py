"""Lowered rules as Python, for speed: one module for a mapping and a direction.

Printed code answers for what documents are made of. Everything else, and whatever the vendor or the
mapping refuses, raises an exception there; then :mod:`mapper.interpret` runs instead. Printing,
which needs much of the package, is imported when it is first needed.
"""

from mapper.compile.cache import Cache
from mapper.compile.programs import Direction, Program, Programs, print_python

__all__ = ["Cache", "Direction", "Program", "Programs", "print_python"]
