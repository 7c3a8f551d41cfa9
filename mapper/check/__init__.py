"""Check rules: what is wrong with mapping files, told without any data."""

from mapper.check.mappings import check_mapping, check_resource
from mapper.check.projects import check_project, examine_project

__all__ = ["check_mapping", "check_project", "check_resource", "examine_project"]
