"""A local platform: what mappings are published to and called through, on loopback.

It is written from the platform's documentation alone and imports nothing else of ``mapper``, so
that publishing to it proves something. The table in ``docs/reference/sandbox.md`` says which of its
behaviours are documented, which are inferred, and which are unknown and therefore switches.
"""
