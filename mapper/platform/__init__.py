"""The platform that mappings are published to: who it is, what it has, and what to change there.

Documents are plain JSON values that nobody changes; comparing and planning are functions over
them. Only :mod:`client`, :mod:`journal` and :mod:`publish` have effects.
"""
