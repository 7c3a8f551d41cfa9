"""Small projects of one mapping, ``v/a``, that cases in ``cases/prove`` describe."""

import json

import yaml


def write_small(small, folder):
    """Write the project of a case in *folder*: its ``vendor``, ``common``, ``fields`` and so on."""
    text = {"type": "string", "format": "text"}
    schemas = {
        "v.json": {"required": ["id"], "properties": {"id": text | {"readOnly": True}}},
        "a.json": {"required": ["id", *small.get("required", ())], "properties": {"id": text}},
    }
    schemas["v.json"]["properties"] |= small["vendor"]
    schemas["v.json"]["x-write-invariants"] = small.get("demands", {})
    schemas["a.json"]["properties"] |= small["common"]
    schemas["a.json"] |= {"additionalProperties": False, "$defs": small.get("defs", {})}
    mapping = {
        "mapping": "v/a",
        "resource": "thing",
        "vendor": {"element": "v", "resource": "as", "schema": "v.json"},
        "fields": {"id": {"vendor": "id", "access": "read"}} | small["fields"],
    }
    if "examples" in small:
        mapping["examples"] = "a.examples.yaml"
        examples = {"examples": "v/a", "cases": small["examples"]}
        (folder / "mappings").mkdir()
        text = yaml.safe_dump(examples, sort_keys=False)
        (folder / "mappings" / "a.examples.yaml").write_text(text, "utf-8")
    resource = {"resource": "thing", "schema": "a.json", "key": "id"}
    resource["invariants"] = small.get("invariants", {})
    for name in ("schemas", "mappings"):
        (folder / name).mkdir(exist_ok=True)
    for name, schema in schemas.items():
        (folder / "schemas" / name).write_text(json.dumps({"type": "object"} | schema), "utf-8")
    (folder / "mappings" / "a.yaml").write_text(yaml.safe_dump(mapping, sort_keys=False), "utf-8")
    (folder / "mappings" / "thing.yaml").write_text(
        yaml.safe_dump(resource, sort_keys=False), "utf-8"
    )
