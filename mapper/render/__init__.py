"""Diagnostics as text for people and, in other formats, for programs."""
