"""Lowered rules as JavaScript: the script that the platform runs for a mapping.

It does what :mod:`mapper.interpret` does for responses and requests, with the functions of
``mapper/data/*.js``.
"""

from mapper.javascript.program import ERROR_MEMBER, mark, print_script

__all__ = ["ERROR_MEMBER", "mark", "print_script"]
