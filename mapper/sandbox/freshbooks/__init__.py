"""FreshBooks, as far as the platform's element ``freshbooksv2`` shows it, over any store.

    vendor = FreshBooks(MemoryObjects(), now)
    client = vendor.create("customers", {"email": "ada@example.com"})

Written from the collected facts about its API, whose sections the comments name.
"""

from mapper.sandbox.freshbooks.lists import Page
from mapper.sandbox.freshbooks.members import RESOURCES
from mapper.sandbox.freshbooks.objects import Account, MemoryObjects, Objects
from mapper.sandbox.freshbooks.refusals import VendorError
from mapper.sandbox.freshbooks.seed import FIRST_NEW_ID, plant, read_seed
from mapper.sandbox.freshbooks.vendor import FreshBooks
from mapper.sandbox.freshbooks.views import INCLUDES

__all__ = [
    "FIRST_NEW_ID",
    "INCLUDES",
    "RESOURCES",
    "Account",
    "FreshBooks",
    "MemoryObjects",
    "Objects",
    "Page",
    "VendorError",
    "plant",
    "read_seed",
]
