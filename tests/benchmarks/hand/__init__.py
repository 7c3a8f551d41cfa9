"""The mapping freshbooks/invoice as a good engineer writes it by hand, with care and for speed.

Same results as the mapper's, same checks: the benchmarks compare before they measure.
"""

from tests.benchmarks.hand.creating import create
from tests.benchmarks.hand.reading import from_vendor
from tests.benchmarks.hand.updating import update
from tests.benchmarks.hand.values import Refused

__all__ = ["Refused", "create", "from_vendor", "update"]
