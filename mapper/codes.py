"""Every code that a diagnostic can carry: registered once, never reused, never renumbered.

Each has a page in ``mapper/pages``.
"""

from typing import TYPE_CHECKING

from mapper.diagnostics import Rule, Severity

if TYPE_CHECKING:
    from mapper.expr import Kind

RANGES = {
    "0": "Reading a file",
    "1": "The shape of a project's files",
    "2": "Expressions",
    "3": "Against the schemas",
    "4": "The two directions and the examples",
    "5": "Data",
    "6": "The platform",
}
"""What the codes of a range are about, by the digit behind M."""


def by_code() -> dict[str, Rule]:
    """Return every rule by its code."""
    return {rule.code: rule for rule in globals().values() if isinstance(rule, Rule)}


# M0xx: reading a file ---------------------------------------------------------------------------

UNREADABLE = Rule(
    "M001",
    "unreadable file",
    "a file is missing, may not be read, is no regular file, or lies outside the project",
    "check the path and its permissions",
)
NOT_TEXT = Rule(
    "M002",
    "not UTF-8 text",
    "a file has bytes that are not UTF-8, or control characters",
    "save the file as UTF-8",
)
YAML_SYNTAX = Rule(
    "M003",
    "not YAML",
    "a file breaks the syntax of YAML",
    "fix the syntax; quote a value that holds ': ' or ' #', or that begins with one of "
    "@ & * ! [ { > | ' \" % `",
)
DUPLICATE_KEY = Rule(
    "M004",
    "duplicate key",
    "an object names a member twice, so that one of them would be lost",
    "keep one of the two",
)
AMBIGUOUS_SCALAR = Rule(
    "M005",
    "ambiguous plain scalar",
    "YAML 1.1 and 1.2 read an unquoted value differently",
    "quote the value, or write it in full",
)
YAML_FEATURE = Rule(
    "M006",
    "unsupported YAML feature",
    "a file uses a merge key, a tag, a key that is not text, or several documents",
    "write it out in plain YAML",
)
TOO_LARGE = Rule(
    "M007",
    "too large to read",
    "aliases, depth or size exceed the limits that keep reading bounded",
    "write the content out, or make it smaller",
)
EMPTY_FILE = Rule("M008", "empty file", "a file holds nothing", "write its content or remove it")
JSON_SYNTAX = Rule(
    "M009",
    "not JSON",
    "a payload or schema breaks the syntax of JSON",
    "fix the syntax; JSON has no comments, no trailing commas and no NaN",
)

# M1xx: the shape of a project's files -----------------------------------------------------------

NO_PROJECT = Rule(
    "M101",
    "no project here",
    "no folder upwards from here holds mappings/",
    "go to the project's folder, name it with --project, or start one with: mapper init",
)
UNKNOWN_MAPPING = Rule(
    "M102",
    "unknown mapping",
    "a mapping is asked for that the project does not have",
    "use one of the names that the message lists",
)
UNKNOWN_KEY = Rule(
    "M103",
    "unknown key",
    "a file of the language has a key that the language does not know",
    "remove the key or correct its name",
)
MISSING_KEY = Rule("M104", "missing key", "a required key is not there", "add the key")
WRONG_SHAPE = Rule(
    "M105",
    "wrong kind of value",
    "a value is not of the kind that its key takes",
    "give a value of the kind that the message names; mapper explain M105 shows one",
)
BAD_PATH = Rule(
    "M106",
    "malformed path",
    "a path is not made of names joined by dots",
    "write names joined by dots, odd names in double quotes; expressions go under from_vendor "
    "and to_vendor",
)
UNKNOWN_NAME = Rule(
    "M107",
    "unknown name",
    "a file refers to a resource, fragment, table, unset policy, converter "
    "or rule that does not exist",
    "correct the name or define it",
)
DUPLICATE_NAME = Rule(
    "M108",
    "name defined twice",
    "two files define the same resource, mapping, fragment or table",
    "rename one of the two",
)
MIXED_RULE = Rule(
    "M109",
    "contradictory rule",
    "a field rule has keys of different kinds, or a key that has no meaning beside the others",
    "split the rule or remove one of the keys",
)
OVERLAPPING_COMMON = Rule(
    "M110",
    "overlapping common paths",
    "two rules give the same common path, or one inside another",
    "keep one of the two",
)
OVERLAPPING_VENDOR = Rule(
    "M111",
    "overlapping vendor paths",
    "two rules write the same vendor path",
    "correct the path of one of them, or make it `access: read`",
)
FRAGMENT_CYCLE = Rule(
    "M112",
    "fragment uses itself",
    "a fragment leads back to itself",
    "write the inner rules out",
)
BAD_PARAMETERS = Rule(
    "M113",
    "wrong parameters",
    "a fragment or converter gets a parameter that it does not have, "
    "lacks one that it needs, or gets one of the wrong kind",
    "give exactly the parameters that it documents",
)

IN_THE_WAY = Rule(
    "M114",
    "file in the way",
    "a new project, or what is pulled, would overwrite a file that is there",
    "choose another folder, or move the file away",
)
UNWRITABLE = Rule(
    "M115",
    "file cannot be written",
    "a folder or the system does not let a file be written",
    "check the path, its permissions and the space that is left",
)
NO_REVISION = Rule(
    "M116",
    "no git revision to compare with",
    "--since or --rev is given without git, outside a checkout, or with a revision that git does "
    "not know",
    "name a commit, branch or tag that this checkout has; a shallow one can be deepened with: "
    "git fetch --unshallow",
)

UNKNOWN_BASE = Rule(
    "M117",
    "overlay of nothing",
    "an overlay extends a mapping or overlay that the project does not have",
    "correct the name under `extends:`",
)
OVERLAY_CYCLE = Rule(
    "M118",
    "overlay extends itself",
    "what an overlay extends leads back to it",
    "let one of them extend a mapping",
)
WRONG_LEVEL = Rule(
    "M119",
    "overlay that is not below",
    "an overlay is for the same level as the overlay that it extends, or for a higher one",
    "let an overlay for an instance extend one for an account, and both a mapping",
)
NOTHING_TO_REPLACE = Rule(
    "M120",
    "nothing to replace",
    "an overlay replaces a rule that what it extends does not have",
    "correct the common path, or put the rule under `add:`",
)
ALREADY_THERE = Rule(
    "M121",
    "rule that is there already",
    "an overlay adds a rule for a common path that what it extends has a rule for",
    "put the rule under `replace:`, or remove it",
)
OTHER_OBJECT = Rule(
    "M122",
    "overlay for something else",
    "an overlay names another object, element or vendor resource than what it extends",
    "write a mapping of its own for that",
)

# M2xx: expressions ------------------------------------------------------------------------------

EXPRESSION_SYNTAX = Rule(
    "M201",
    "malformed expression",
    "an expression is not JMESPath",
    "correct the expression: JMESPath, with 'texts' in quotes and `JSON values` in backquotes",
)
UNKNOWN_FUNCTION = Rule(
    "M202",
    "unknown function",
    "an expression calls a function that does not exist",
    "correct the name: there are the functions of JMESPath, and those for dates, texts and tables",
)
WRONG_ARITY = Rule(
    "M203",
    "wrong number of arguments",
    "a function gets too few or too many arguments",
    "give it the arguments of its signature",
)
FUNCTION_REFUSES = Rule(
    "M204",
    "function may refuse its argument",
    "a function in an expression may get a value that it does not take",
    "guard the argument, for example with not_null(…) or a comparison with null",
)
OR_LOSES_FALSE = Rule(
    "M205",
    "|| replaces false",
    "the right side of || is there for what is missing, and takes the place of false too",
    "use not_null(…, …), which replaces null alone",
)
OR_LOSES_EMPTY = Rule(
    "M206",
    "|| takes 0 and empty text its own way",
    "the left side of || may be empty text, which || replaces, or 0, which it keeps",
    "use not_null(…, …), which replaces null alone",
    Severity.WARNING,
)
DROPS_NULLS = Rule(
    "M207",
    "projection drops nulls",
    "a projection leaves out the items for which it gives null, so that the others move up",
    "use map(&…, …), which keeps them, or a filter that says which are meant",
    Severity.WARNING,
)
NEVER_HOLDS = Rule(
    "M208",
    "comparison without a choice",
    "a comparison gives the same for every document that fits the schemas",
    "compare with a value that can be there",
)
MAYBE_NO_NUMBER = Rule(
    "M209",
    "text that may be no number",
    "to_number gets a text that may be no number, and makes null of it without a word",
    "say in the schema which texts there are, or use a converter, which refuses the others",
)


def expression_rule(kind: "Kind") -> Rule:
    """Return the rule for a text that is no expression, by the kind of its ``ExpressionError``."""
    match kind:
        case "unknown-function":
            return UNKNOWN_FUNCTION
        case "invalid-arity":
            return WRONG_ARITY
        case _:
            return EXPRESSION_SYNTAX


# M3xx: against the schemas ----------------------------------------------------------------------

BAD_SCHEMA = Rule(
    "M301",
    "unusable schema",
    "a schema is not valid JSON Schema 2020-12 as this tool uses it",
    "correct the schema",
)
BAD_REFERENCE = Rule(
    "M302",
    "unusable $ref",
    "a $ref is remote, leaves the schema folder, leads nowhere or in a circle",
    "refer to a file below schemas/; nothing is ever fetched",
)
UNKNOWN_COMMON_PATH = Rule(
    "M303",
    "unknown common path",
    "a rule gives a path that the canonical schema does not have",
    "correct the path, or add the member to the schema",
)
UNKNOWN_VENDOR_PATH = Rule(
    "M304",
    "unknown vendor path",
    "a rule or expression names a path that the vendor schema does not have",
    "correct the path, or add the member to the schema",
)
UNMAPPED_VENDOR = Rule(
    "M305",
    "unmapped vendor member",
    "a member of the vendor schema is neither mapped nor ignored",
    "map it, or add it under `ignore:` with the reason",
)
UNMAPPED_COMMON = Rule(
    "M306",
    "unmapped common member",
    "no rule gives a member of the canonical schema",
    "map it, or remove it from the schema",
)
STALE_IGNORE = Rule(
    "M307",
    "needless ignore",
    "an ignored path is mapped, or is not in the vendor schema",
    "remove the entry",
)
WRITES_READ_ONLY = Rule(
    "M308",
    "rule writes a read-only member",
    "a rule that can write leads to a vendor member that the vendor does not let be written",
    "make the rule `access: read` (or `create`)",
)
NO_WAY_BACK = Rule(
    "M309",
    "converter has no way back",
    "a rule that can write uses a converter that only reads",
    "make the rule `access: read`",
)
UNLAWFUL_UNSET = Rule(
    "M310",
    "clear is not unset",
    "what `clear` writes does not read as unset",
    "add the value to `read`, or choose another `clear`",
)

VALUE_REFUSED = Rule(
    "M311",
    "vendor value that may be refused",
    "a value that the vendor's schema allows may be one that the rule cannot read",
    "narrow the vendor's schema, or use a converter that takes the value",
)
NO_PARTNER = Rule(
    "M312",
    "vendor value without a partner",
    "a value that the vendor's schema lists has no common value to be read as",
    "list it under `values`",
)
NO_PARTNER_BACK = Rule(
    "M313",
    "common value without a partner",
    "a value that the canonical schema lists has no vendor value to be written as",
    "list a vendor value for it under `values`, or make the rule `access: read`",
)
READ_MISFIT = Rule(
    "M314",
    "what is read may not fit",
    "a value that the rule reads may not fit the canonical schema",
    "convert the value, or let the canonical schema take it",
)
WRITTEN_MISFIT = Rule(
    "M315",
    "what is written may not fit",
    "a common value that fits the canonical schema may be one that the rule cannot write, or that "
    "the vendor's schema does not take",
    "narrow the canonical schema, or use a converter that takes the value",
)
REQUIRED_UNFILLED = Rule(
    "M316",
    "required member may be missing",
    "the canonical schema requires a member that no rule is sure to give",
    "give the rule a default, or do not require the member",
)
CREATION_LACKS = Rule(
    "M317",
    "creating lacks a member",
    "the vendor needs a member to create an object, and no rule and no constant writes it",
    "map the member so that it is written, or give it under `constants`",
)
WRITTEN_AS_UNSET = Rule(
    "M318",
    "value written as no value",
    "the written form of a common value is one that the vendor reads as no value",
    "let the canonical schema exclude the value, or do not read its written form as unset",
)
WRONG_ZONE = Rule(
    "M319",
    "another time zone",
    "a rule reads clock text in another time zone than the vendor's schema states",
    "use the zone of the schema, or correct it there",
)
KEY_NOT_UNIQUE = Rule(
    "M320",
    "key is not unique",
    "the items of a list are told apart by a member that two of them may share",
    "use a member that the vendor keeps unique, and say so in its schema: `x-unique`",
)

UNDESCRIBED = Rule(
    "M321",
    "schema that says nothing",
    "rules read or write members of which a schema does not say what they hold, so that nobody can "
    "check them",
    "describe the members in the schema: at least their `type`",
    Severity.WARNING,
)

WRONG_TARGET = Rule(
    "M322",
    "id of something else",
    "the two sides of a rule are ids of different things, as their schemas say by `x-target`",
    "read the id that is meant, or correct the schema that says what it is of",
)
WRONG_UNIT = Rule(
    "M323",
    "another unit",
    "the two sides of a rule are in different units, as their schemas say by `x-unit`, or in the "
    "same unit although the rule scales the value",
    "convert the value, for example with `scale`, or correct the schema",
)
ONE_WAY = Rule(
    "M324",
    "member that goes one way only",
    "the vendor lets a member be written and shows it, and the rules only read it, only write it, "
    "or write it at creation only, without a word why",
    "let the rule go the other way too, or say `access:` and why in its `description:`",
    Severity.WARNING,
)
NEVER_SHOWN = Rule(
    "M325",
    "rule reads what is never shown",
    "a rule reads a member that the vendor's schema calls `writeOnly`: nothing is ever there",
    "make the rule `access: write`",
)
NEVER_COMES = Rule(
    "M326",
    "listed value that never comes",
    "`values` lists a vendor value that the vendor's schema does not let be",
    "correct the value or take it out, or let the vendor's schema have it",
    Severity.WARNING,
)
NO_KEY = Rule(
    "M327",
    "list without its key",
    "the vendor's schema says in what the items of a list differ, and the rule that writes the "
    "list does not use it",
    "give the rule `key:`",
    Severity.WARNING,
)
ONE_SIDED = Rule(
    "M328",
    "meaning that one side does not tell",
    "one side of a rule says what an id is the id of, in which unit a number is, or in which zone "
    "clock text is, and the other side says nothing, so that nobody can compare them",
    "say the same in the other schema, if it is the same",
    Severity.WARNING,
)
KEY_MISSING = Rule(
    "M329",
    "key that may be missing",
    "the canonical schema lets an object be without the member that is its resource's key, or an "
    "item without the key of its list, which the vendor's items all have; or lets it be null",
    "require the member in the canonical schema, without null, or use another key",
    Severity.WARNING,
)
CROSSED_FILTER = Rule(
    "M330",
    "filter of another member",
    "a filter in the vendor's schema has the name of one mapped member and compares another",
    "let the filter compare the member of its name, or leave it out if the vendor compares neither",
    Severity.WARNING,
)
LEFT_OPEN = Rule(
    "M331",
    "canonical schema open in one place",
    "a canonical schema closes its objects, or says which texts there are, and not in one place",
    "close the object, or say which texts it has",
    Severity.WARNING,
)
CROSSED_VALUES = Rule(
    "M332",
    "crossed values",
    "`values` reads one word of both sides as another one, and that one as the first",
    "exchange the two, if both sides mean the same by them",
    Severity.WARNING,
)
ODD_ELEMENT = Rule(
    "M333",
    "element of its own",
    "a mapping is of another element than all others whose names begin as its own",
    "correct the element, or give the mapping a name that begins otherwise",
    Severity.WARNING,
)
MISTAKEN_PAYLOAD = Rule(
    "M334",
    "payload taken for an error",
    "a shape of error answers has its code where payloads of the vendor have a text or a number",
    "give another path of the errors, or a code that no payload has",
    Severity.WARNING,
)
ODD_ENVELOPE = Rule(
    "M335",
    "envelope of its own",
    "one part of an envelope is otherwise than in most mappings of the element",
    "say it as the others do, or why it is otherwise in a comment that suppresses this",
    Severity.WARNING,
)
TWO_SCHEMAS = Rule(
    "M336",
    "vendor resource of two schemas",
    "two mappings are of the same vendor resource, by different vendor schemas",
    "one of the two names the wrong vendor resource, or the wrong schema: correct it",
    Severity.WARNING,
)
UNASKED_FILTER = Rule(
    "M337",
    "filter that is never asked",
    "a filter in the vendor's schema that no condition becomes: another one says the same of the "
    "member, or it compares the order of texts or IDs",
    "correct the member or the operator, or leave the filter out",
    Severity.WARNING,
)
VENDOR_CLOSED = Rule(
    "M338",
    "vendor schema closed",
    "a vendor schema lets the whole object have no other members, and most of the element's do",
    "leave it open: a vendor adds members without notice",
    Severity.WARNING,
)
ODD_ANNOTATION = Rule(
    "M339",
    "annotation of its own",
    "a vendor schema says of a filter, of a refusal or of an include something else than most "
    "others say in its place, or nothing",
    "correct it, or say in a `$comment` that suppresses this why it is right",
    Severity.WARNING,
)

# M4xx: the two directions and the examples ------------------------------------------------------

EXAMPLE_DIFFERS = Rule(
    "M401",
    "example differs",
    "an example does not give what it says",
    "correct the mapping or the example",
)
EXAMPLE_NOT_REFUSED = Rule(
    "M402",
    "example did not fail as said",
    "an example expects a failure that does not come, or another comes, or at another place",
    "correct the mapping or the example",
)
EXAMPLE_INVALID = Rule(
    "M403",
    "example is not valid",
    "an example's input or result does not fit its schema, or a payload breaks an invariant of it",
    "correct the example or the schema",
)
NOT_RESTORED = Rule(
    "M404",
    "reading loses something",
    "putting what was read back does not give the vendor document",
    "correct the rule that the pointer leads to",
)
NO_PRINTED_FORM = Rule(
    "M405",
    "no printed form",
    "code is asked for a mapping that has something too rare to be printed",
    "nothing needs to be done: the interpreter runs it, more slowly",
)
UNDECLARED_LOSS = Rule(
    "M411",
    "loss that is not declared",
    "a rule that writes does not give every common value back as it was",
    "give the rule `lossy:` with the reason, or make it `access: read`",
)
NEEDLESS_LOSSY = Rule(
    "M412",
    "no loss to declare",
    "a rule is declared lossy and loses nothing",
    "remove `lossy:`",
    Severity.WARNING,
)
SHADOWS_RESOURCE = Rule(
    "M414",
    "object name of a vendor resource",
    "a common resource has the object name of a vendor resource, so that the platform would answer "
    "for the vendor's with it",
    "choose another `objectName`",
)
UNUSED_DEFINITION = Rule(
    "M415",
    "definition that nothing uses",
    "a fragment or table is defined, and no mapping uses it",
    "use it or remove it",
    Severity.WARNING,
)
LAW_BROKEN = Rule(
    "M421",
    "law broken",
    "what was put back, written or created reads differently, or something fails that should not",
    "correct the rule at the place, or the schema that lets the document be; declare with "
    "`lossy:` a loss that is meant",
)
UNCOVERED = Rule(
    "M422",
    "coverage below the bar",
    "less of a mapping is covered than --fail-under demands",
    "map or ignore the members that are named, and add examples for the rules",
)
BAD_RECORDING = Rule(
    "M423",
    "recorded payload does not fit",
    "a recorded payload breaks the vendor schema of its mapping, or an invariant of it",
    "correct the vendor schema, which recorded payloads know better, or remove the recording",
)
UNEXPECTED_REFUSAL = Rule(
    "M424",
    "edit refused without need",
    "an edit that fits the schemas is refused, with a code that does not belong to such an edit",
    "let the schemas allow only what can be written, or extend the rule at the place",
)
UNTAKEN_RECORDING = Rule(
    "M425",
    "recording of no mapping",
    "no mapping of the project takes a recorded payload",
    "correct the envelope or the vendor schema of the mapping that should take it, add a mapping, "
    "or remove the recording",
    Severity.WARNING,
)
UNTRIED = Rule(
    "M426",
    "nothing tried",
    "no edit of any document, or no new object, was found that fits the common schema and the "
    "invariants, so that nothing is known of how the mapping writes",
    "let the common schema say what the invariants demand, as a pattern, an enum or a bound, and "
    "let the invariants hold of objects that are not created yet",
    Severity.WARNING,
)
UNUSED_SUPPRESSION = Rule(
    "M431",
    "unused suppression",
    "a `# mapper: ignore[…]` comment names a code that is not found on its line, or in its schema",
    "remove the code from the comment",
    Severity.WARNING,
)
BARE_SUPPRESSION = Rule(
    "M432",
    "suppression without a reason",
    "a `# mapper: ignore[…]` comment does not say why",
    "write the reason behind the bracket",
    Severity.WARNING,
)
BAD_SUPPRESSION = Rule(
    "M433",
    "suppression that suppresses nothing",
    "a `# mapper: ignore[…]` comment names no code, an unknown one, or one of a finding that keeps "
    "mappings from running, or stands in the reason of another",
    "write `# mapper: ignore[CODE] reason` with the code of a finding",
)

# M5xx: data -------------------------------------------------------------------------------------

SCHEMA_VIOLATION = Rule(
    "M501",
    "does not fit the schema",
    "a document breaks the schema that it should satisfy",
    "correct the document",
)
BROKEN_INVARIANT = Rule(
    "M502",
    "invariant does not hold",
    "a document breaks an invariant of its resource or schema",
    "correct the document",
)
UNKNOWN_MEMBERS = Rule(
    "M503",
    "members that no schema knows",
    "a payload has members that the vendor schema does not list; they are not carried over",
    "add them to the vendor schema, and map or ignore them",
    Severity.WARNING,
)
OTHER_RESOURCE = Rule(
    "M504",
    "payload of another resource",
    "a payload is wrapped as, or looks like, another resource",
    "use the mapping that fits the payload",
)
VENDOR_ERROR = Rule(
    "M505",
    "the vendor answered with an error",
    "a payload is an error answer of the vendor",
    "resolve the error at the vendor; there is nothing to map",
)
UNEXPECTED_VALUE = Rule(
    "M506",
    "value cannot be converted",
    "a converter does not take the value that is there",
    "correct the value, or extend the rule's converter",
)
EXPRESSION_FAILED = Rule(
    "M507",
    "expression failed on this document",
    "a function in an expression gets a value that it does not take",
    "guard the expression, for example with `not_null(…)` or a comparison",
)
WRONG_CONTAINER = Rule(
    "M508",
    "not the expected container",
    "an object or a list is expected and something else is there",
    "correct the document, or the rule",
)
UNKNOWN_COMMON_MEMBER = Rule(
    "M509",
    "unknown common member",
    "a common object has a member that no rule takes",
    "remove the member or correct its name",
)
TOO_DEEP = Rule(
    "M510",
    "nested too deeply",
    "a document nests deeper than the limit of 200 levels",
    "flatten the document",
)
READ_ONLY_GIVEN = Rule(
    "M511",
    "read-only member given",
    "a new object or list item has a member that can only be read",
    "remove the member",
)
READ_ONLY_CHANGED = Rule(
    "M512",
    "read-only member changed",
    "an update changes a member that can only be read, or only be set when creating",
    "leave the member as it was read",
)
CANNOT_CLEAR = Rule(
    "M513",
    "member cannot be cleared",
    "an edit removes a value, and the mapping does not say how the vendor is told so",
    "keep the value; a rule with `vendor:` can say how: `unset: {read: […], clear: …}`",
)
NOT_WRITABLE_VALUE = Rule(
    "M514",
    "value cannot be written",
    "the vendor reads this value but does not let it be written",
    "choose a value that can be written; the message lists them",
)
NOT_SHOWN = Rule(
    "M515",
    "member is not shown in the base",
    "an edit changes a member that the base document does "
    "not show, so that writing could overwrite what is there",
    "fetch the document again with the member included",
)
NEEDS_STEPS = Rule(
    "M516",
    "edit needs several requests",
    "the vendor takes these changes only in separate requests",
    "use update_steps (on the command line: --steps)",
)
UNKNOWN_ITEM = Rule(
    "M517",
    "unknown list item",
    "an edited list has an item whose key the base does not have",
    "remove the key to add a new item",
)
DUPLICATE_ITEM = Rule(
    "M518",
    "duplicate list item",
    "an edited list, or its base, names the same item twice",
    "keep one of the two",
)
TOO_MANY_ITEMS = Rule(
    "M519",
    "more items than the vendor holds",
    "a list has more items than the vendor has places for",
    "remove items",
)
SLOT_WITHOUT_NAME = Rule(
    "M520",
    "slot item without its mark",
    "an item of a slot list lacks the member that marks its slot as filled, or that of an `only` "
    "list has no member by which it is one",
    "give the member a value, or leave the item out",
)
SLOT_MEMBER_REFUSED = Rule(
    "M521",
    "member does not fit its place",
    "an item of a slot list has a member that its place does "
    "not hold, or that needs every slot to be filled",
    "remove the member, or change the order",
)
INCOMPLETE_REQUEST = Rule(
    "M522",
    "request lacks related members",
    "a request has some but not all of the members that are written together",
    "send all of them, or none",
)
MISSING_ON_CREATE = Rule(
    "M523",
    "vendor needs a member to create",
    "a new object lacks a member that the vendor requires",
    "give the member",
)
CONSTANT_CHANGED = Rule(
    "M524",
    "constant changed",
    "a common object has another value where the mapping has a constant",
    "give the constant, or leave the member out",
)
UNSET_COLLISION = Rule(
    "M525",
    "value would read as unset",
    "the written form of a value is one that the vendor reads as no value",
    "leave the member out, or give another value",
)
AMBIGUOUS_INPUT = Rule(
    "M526",
    "input is no object and no array",
    "the input is neither an object, an array nor lines of JSON objects",
    "give a JSON object, an array, an envelope, or one object a line",
)
NULL_MEMBER = Rule(
    "M527",
    "null in a common object",
    "a common object has a null; no value is an absent member",
    "remove the member",
)
LEFT_OUT = Rule(
    "M528",
    "member left out of the request",
    "a request has a member that it cannot carry, since it knows neither the base nor the method",
    "set it with an update or when creating",
    Severity.WARNING,
)

# M6xx: the platform ------------------------------------------------------------------------------

REQUEST_LIMIT = Rule(
    "M601",
    "limit of the platform's requests",
    "a mapping writes something that a request of the platform cannot carry, or cannot be held to, "
    "since it knows neither the base nor the method",
    "where it matters, write it in another way than through the platform",
    Severity.WARNING,
)
NO_CONDITIONS = Rule(
    "M602",
    "lists that take no conditions",
    "the vendor's schema names no filter by which to refuse a condition, so that lists take none",
    "name the filters that the vendor honours with `x-filters` and `x-refuse-filter`",
    Severity.WARNING,
)
NOT_IN_DEFINITION = Rule(
    "M603",
    "member left out of the object definition",
    "the platform has no path or type for a member; the script gives it all the same",
    "give the member a plain name and one of the types string, boolean, integer and array",
    Severity.WARNING,
)
UNPUBLISHABLE_NAME = Rule(
    "M604",
    "name that the platform does not take",
    "the object name of a resource has characters other than letters, digits, - and _, or the name "
    "of a mapping has others than these, @, . and /",
    "give the resource file another `objectName`",
)
RESERVED_MEMBER = Rule(
    "M605",
    "member that the platform's script needs",
    "a canonical schema has the member by which scripts tell why there is no result",
    "rename the member",
)
TAKEN_REFUSAL = Rule(
    "M606",
    "refusal that the vendor takes",
    "the value by which a request is to be refused is one that the vendor's schema lets be written",
    "name with `x-refuse-body` a value of a member for which the vendor refuses the whole",
)
PARITY_BROKEN = Rule(
    "M611",
    "the platform does something else",
    "what the platform makes of a document with the published script is not what the mapping does",
    "it is most likely a fault of this program: report the case",
)
BAD_PROFILE = Rule(
    "M621",
    "unusable profile",
    "a profile is unknown, or says something that it may not",
    "correct what the message names; `mapper instances` tries a profile out",
)
NO_SECRET = Rule(
    "M622",
    "no usable secret",
    "a secret is in none of the places that the profile names, or others can read it there",
    "set the environment variables that the profile names, or the file that it names, readable "
    "by nobody else",
)
UNREACHABLE = Rule(
    "M623",
    "platform not reached",
    "no connection to the platform comes about, or it answers only that it cannot now",
    "check the profile's url, ca-file and proxy; otherwise try again later: nothing was changed",
)
REFUSED = Rule(
    "M624",
    "refused by the platform",
    "the platform answers a request with an error",
    "the platform's words say why",
)
BAD_ANSWER = Rule(
    "M625",
    "unusable answer of the platform",
    "an answer is no JSON, too large, too deep, or of another shape than the platform's "
    "documents say",
    "check that the profile's url leads to the platform and not to another server",
)
LOST_ANSWER = Rule(
    "M626",
    "write without an answer",
    "a write was sent and no answer came, so that it may be done or not",
    "run the same command again: it reads what became of the write, and goes on from there",
)
PARTLY_IGNORED = Rule(
    "M627",
    "write that the platform ignored in part",
    "the platform answers that it did a request, and that it ignored a part of it",
    "use a user who may write at this level, or another level",
)
STALE_PLAN = Rule(
    "M628",
    "stale plan",
    "the project or the platform is not any more what the plan was made of",
    "plan again, and review what is different",
)
NOT_OURS = Rule(
    "M629",
    "document that is not ours",
    "the platform has a document of that name which does not carry the mark of the mapping",
    "give the object another name, or take the document over with --adopt NAME",
)
BAD_STATE = Rule(
    "M630",
    "unusable state folder",
    "what earlier runs kept cannot be read, or this run's journal cannot be written",
    "check the folder that --state-dir names, by default .mapper in the project",
)
CHANGED_MEANWHILE = Rule(
    "M631",
    "changed by somebody else",
    "a document on the platform is neither what it was when the plan was made nor what it should "
    "become",
    "plan again, and review what is different",
)
NOT_AS_SENT = Rule(
    "M632",
    "not stored as sent",
    "the platform answered a write with success, and shows another document than was sent",
    "plan again, which shows the difference; somebody may have written at the same time",
)
NOT_VERIFIED = Rule(
    "M633",
    "platform that maps otherwise",
    "the platform's dry run of an example gives another result than the mapping",
    "mapper rollback restores what was there before; please report the difference",
)
SAME_DOCUMENT = Rule(
    "M634",
    "two mappings, one transformation",
    "two mappings would be published as the same transformation of an element",
    "give one of the resources another `objectName`, or publish only one of the mappings",
)
INTERRUPTED = Rule(
    "M635",
    "interrupted publish",
    "publishing was stopped by Ctrl-C",
    "run the same command again: it reads what became of the last writes, and goes on from there",
)
OTHER_LEVEL = Rule(
    "M636",
    "overlay for another level",
    "an overlay is to be published at another level than it is for",
    "use a profile of the overlay's level, or publish what the overlay extends",
)
OPAQUE_SCRIPT = Rule(
    "M641",
    "script of which nothing is known",
    "a mapping publishes a script that somebody else wrote, in the place of one that is printed",
    "say in rules what the script does, and remove it",
    Severity.WARNING,
)
BESIDE_SCRIPT = Rule(
    "M642",
    "rule that a field list cannot say",
    "a mapping with a script of its own has a rule that is more than a rename",
    "let the script do it, or say in rules what the script does, and remove it",
)
NOT_PULLED = Rule(
    "M643",
    "object that cannot be pulled",
    "an object of the platform is not there, or is not such that a mapping can be made of it",
    "rename it on the platform, or leave it out by naming the others",
)
BAD_EXPORT = Rule(
    "M644",
    "unusable export",
    "a file or folder is not what the vendor's tool exports, or mapper pull keeps",
    "give what the vendor's tool exported, as it wrote it; what pull keeps is written by it alone",
)
AS_PULLED = Rule(
    "M645",
    "published as it was pulled",
    "the rules of a mapping are as `mapper pull` wrote them, so that what was pulled is published, "
    "and not what the rules print",
    "edit the rules, or remove `pulled:` to publish what they print",
    Severity.WARNING,
)
