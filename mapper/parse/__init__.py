"""From YAML nodes to the model: files of the language, their field rules, and what is wrong."""

from mapper.parse.files import (
    KINDS,
    Library,
    begins_examples,
    parse_examples,
    parse_file,
    parse_files,
)
from mapper.parse.parts import File
from mapper.parse.shape import Unread

__all__ = [
    "KINDS",
    "File",
    "Library",
    "Unread",
    "begins_examples",
    "parse_examples",
    "parse_file",
    "parse_files",
]
