"""All families of endpoints show one truth: random edits at all levels, beside a model of them.

The model is a dictionary: what each owner has under each name.
"""

from hypothesis import given, settings, strategies as st
from sandbox_client import World

NAMES = ("a", "b", "c")
PATHS = ("id", "title", "lines[*].name")
PLACES = ("organization", "first", "second", "instance")
ELEMENT = "freshbooksv2"

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["POST", "POST", "PUT", "DELETE", "PATCH", "map", "unmap", "put all"]),
        st.sampled_from(PLACES),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(PATHS), unique=True),
    ),
    max_size=14,
)


class Beside:
    """A platform and the model of what it holds."""

    def __init__(self, call, owners):
        self.call, self.owners = call, owners
        self.fields = {}
        """By place and name: the paths of the definition."""
        self.mapped = set()
        """The places and names that have a transformation."""

    def url(self, place):
        level, number = self.owners[place]
        return {
            "organization": "/organizations",
            "account": f"/accounts/{number}",
            "instance": f"/instances/{number}",
        }[level]

    def mapping(self, place, name):
        by_element = "" if place == "instance" else f"/elements/{ELEMENT}"
        return f"{self.url(place)}{by_element}/transformations/{name}"

    def used(self, place, name):
        """Whether a definition is in use: its owner has a transformation, or it is the last."""
        last = [each for each in self.fields if each[1] == name] == [(place, name)]
        return (place, name) in self.mapped or (
            last and any(each == name for _, each in self.mapped)
        )

    def above(self, place):
        """The places whose definitions one sees."""
        return {
            "organization": ["organization"],
            "first": ["organization", "first"],
            "second": ["organization", "second"],
            "instance": ["organization", "first", "instance"],
        }[place]

    def step(self, action, place, name, other, paths):
        key, target = (place, name), (place, other)
        url = f"{self.url(place)}/objects/{name}"
        body = {"fields": [{"path": path} for path in paths]}
        there = key in self.fields
        match action:
            case "POST":
                self.call("POST", f"{url}/definitions", body, status=409 if there else 200)
                self.fields.setdefault(key, paths)
            case "PUT":
                self.call("PUT", f"{url}/definitions", body, status=200 if there else 404)
                if there:
                    self.fields[key] = paths
            case "DELETE":
                status = 404 if not there else 409 if self.used(*key) else 200
                self.call("DELETE", f"{url}/definitions", status=status)
                if status == 200:
                    del self.fields[key]
            case "PATCH":
                status = 404 if not there else 409 if target in self.fields else 200
                self.call("PATCH", url, {"objectName": other}, status=status)
                if status == 200:
                    self.fields[target] = self.fields.pop(key)
                    if key in self.mapped:
                        self.mapped.remove(key)
                        self.mapped.add(target)
            case "map":
                defined = any((each, name) in self.fields for each in self.above(place))
                status = 400 if not defined else 409 if key in self.mapped else 200
                self.call("POST", self.mapping(place, name), {"vendorName": place}, status=status)
                if status == 200:
                    self.mapped.add(key)
            case "unmap":
                status = 200 if key in self.mapped else 404
                self.call("DELETE", self.mapping(place, name), status=status)
                self.mapped.discard(key)
            case "put all":
                self.put_all(place, name, paths)

    def put_all(self, place, name, paths):
        """Store one level's fields through the endpoint of all levels, which keeps those unseen."""
        level, number = self.owners[place]
        seen = [each for each in PLACES if each != "second"]  # not the caller's account
        if place == "second":
            return
        fields = [
            {"path": path, "associatedLevel": level, "associatedId": number} for path in paths
        ]
        self.call("PUT", "/common-resources", {"name": name, "fields": fields})
        for each in seen:
            self.fields.pop((each, name), None)
        if paths:
            self.fields[place, name] = paths
        elif not any((each, name) in self.fields for each in PLACES):
            self.fields["organization", name] = []  # a resource without fields is one, too

    def check(self):
        for place in PLACES:
            for name in NAMES:
                url = f"{self.url(place)}/objects/{name}/definitions"
                paths = self.fields.get((place, name))
                found = self.call("GET", url, status=404 if paths is None else 200)
                assert paths is None or [each["path"] for each in found["fields"]] == paths
        joined = {}
        for (place, name), paths in self.fields.items():
            if place != "second":
                level, number = self.owners[place]
                joined.setdefault(name, set()).update((path, level, number) for path in paths)
        shown = {
            each["name"]: {
                (field["path"], field["associatedLevel"], field["associatedId"])
                for field in each["fields"]
            }
            for each in self.call("GET", "/common-resources")
        }
        assert shown == joined
        vdrs = self.call("GET", "/vdrs")
        assert {each["objectName"]: len(each["fields"]) for each in vdrs} == {
            name: len(fields) for name, fields in joined.items()
        }
        ids = [field["id"] for each in vdrs for field in each["fields"]]
        assert len(ids) == len(set(ids))
        for place, name in self.mapped:
            found = self.call("GET", self.mapping(place, name))
            assert found["vendorName"] == place


@settings(max_examples=40)
@given(STEPS)
def test_every_family_shows_what_was_done_through_the_others(tmp_path_factory, steps):
    seed = {"accounts": [{"name": "First"}, {"name": "Second"}]}
    with World(tmp_path_factory.mktemp("views") / "state", seed) as world:
        first, second = (each["id"] for each in world.all("account"))
        owners = {
            "organization": ("organization", world.all("organization")[0]["id"]),
            "first": ("account", first),
            "second": ("account", second),
            "instance": ("instance", world.all("instance")[0]["id"]),
        }
        beside = Beside(world.session(), owners)
        for step in steps:
            beside.step(*step)
        beside.check()
