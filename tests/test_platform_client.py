"""The client and the profiles: what is sent where, what is repeated, and what nobody may see."""

import json
import pickle
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2
import pytest
from click.testing import CliRunner

from mapper.cli import main
from mapper.diagnostics import FileError, MapperError
from mapper.platform.client import Client, Waits
from mapper.platform.errors import LostError, PlatformError, RefusedError, UnreachableError
from mapper.platform.profiles import Profile, find_profile, read_credentials
from mapper.platform.secrets import MASK, Mask, Secret, mask_members

USER, ORGANIZATION, TOKEN = "uSer/s3cret+with=", "0f" * 16, "tOken/of+an+instance="
ENVIRONMENT = {
    "CE_USER_SECRET": USER,
    "CE_ORG_SECRET": ORGANIZATION,
    "CE_ELEMENT_TOKEN": TOKEN,
}
HOST = "https://platform.example"
NOW = 1_800_000_000.0


def shows_no_secret(text):
    return not any(secret in text for secret in (USER, ORGANIZATION, TOKEN))


class Platform:
    """Answers requests from a script, and remembers them and the waiting between them."""

    def __init__(self, *answers, **profile):
        self.answers = list(answers)
        self.requests = []
        self.waited = []
        known = Profile(url=HOST, **profile)
        self.client = Client(
            known,
            read_credentials(known, ENVIRONMENT),
            transport=httpx2.MockTransport(self.answer),
            waits=Waits(sleep=self.waited.append, draw=lambda: 1.0, now=lambda: NOW),
        )

    def answer(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body, *headers = answer
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return httpx2.Response(status, content=content, headers=dict(*headers))


def refused(call, kind=MapperError):
    """Return the one diagnostic that a call is refused with, after looking for secrets in it."""
    with pytest.raises(kind) as caught:
        call()
    assert shows_no_secret("".join(traceback.format_exception(caught.value)))
    assert shows_no_secret(repr(caught.value))
    (found,) = caught.value.diagnostics
    return found


FAILED = {"message": "It hurts", "requestId": "5f1", "providerMessage": "vendor says no"}

# Where to, and who ------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [HOST, HOST + "/", HOST + "/elements/api-v2", f"{HOST}//"])
def test_the_base_url_comes_with_or_without_its_path(url):
    platform = Platform((200, {}))
    assert Profile(url=url).base == platform.client.profile.base == HOST + "/elements/api-v2"


def test_the_header_holds_who_calls_in_pairs():
    platform = Platform((200, {"id": 1}))
    assert platform.client.get("/organizations/me") == {"id": 1}
    (request,) = platform.requests
    assert request.url == f"{HOST}/elements/api-v2/organizations/me"
    said = f"User {USER}, Organization {ORGANIZATION}, Element {TOKEN}"
    assert request.headers["authorization"] == said


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("us", "api.cloud-elements.com"),
        ("uk", "api.cloud-elements.co.uk"),
        ("staging", "staging.cloud-elements.com"),
        ("sap-eu10", "api.openconnectors.eu10.ext.hana.ondemand.com"),
        ("sap-trial.us10", "api.openconnectors.trial.us10.ext.hana.ondemand.com"),
    ],
)
def test_built_in_profiles(name, host, tmp_path):
    assert find_profile(name, tmp_path / "none").base == f"https://{host}/elements/api-v2"


BAD_PROFILES = {
    "http": ("p", 'url = "http://platform.example"', "secrets would travel readable over http"),
    "host that begins like loopback": ("p", 'url = "http://127.0.0.1.evil.example"', "over http"),
    "secrets in the URL": ("p", 'url = "https://u:p@platform.example"', "more than a host"),
    "no URL": ("p", "retries = 1", "no https URL"),
    "other scheme": ("p", 'url = "ftp://platform.example"', "no https URL"),
    "bad port": ("p", 'url = "https://platform.example:x"', "url is no URL"),
    "misspelt key": ("p", 'url = "https://x.example"\nverify = false', "unknown field `verify`"),
    "secret itself": ("p", 'url = "https://x.example"\nuser = "s"', "unknown field `user`"),
    "odd id": ("p", 'url = "https://x.example"\naccount = "../1"', "is no id"),
    "odd level": ("p", 'url = "https://x.example"\nlevel = "galaxy"', "Invalid enum value"),
    "no time": ("p", 'url = "https://x.example"\ntimeout = 0', "time-outs"),
    "many at once": ("p", 'url = "https://x.example"\nconcurrency = 0', "concurrency"),
    "local elsewhere": ("local", 'url = "https://evil.example"', "on this machine"),
    "proxy to here": ("p", 'url = "http://127.0.0.1:1"\nproxy = "http://x.example"', "no proxy"),
    "unknown": ("q", 'url = "https://x.example"', "there is no profile q"),
    "no TOML": ("p", "url =", "is no TOML"),
}


@pytest.mark.parametrize(("name", "text", "words"), BAD_PROFILES.values(), ids=BAD_PROFILES)
def test_a_profile_that_could_leak_or_is_wrong_is_refused(name, text, words, tmp_path):
    file = tmp_path / "profiles.toml"
    file.write_text(f"[profiles.{name if name == 'local' else 'p'}]\n{text}\n", encoding="utf-8")
    found = refused(lambda: find_profile(name, file), FileError)
    assert found.rule.code == "M621"
    assert words in found.message


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "[::1]:8080"])
def test_http_is_for_this_machine(host, tmp_path):
    file = tmp_path / "profiles.toml"
    file.write_text(f'[profiles.p]\nurl = "http://{host}"\n', encoding="utf-8")
    assert find_profile("p", file).is_local


@pytest.mark.parametrize("leads", ["url", "proxy", "ca-file"])
def test_a_project_does_not_lead_a_built_in_profile_elsewhere(leads, tmp_path):
    projects = tmp_path / "profiles.toml"
    projects.write_text(f'[profiles.us]\n{leads} = "https://evil.example"\n', encoding="utf-8")
    found = refused(lambda: find_profile("us", tmp_path / "none", projects), FileError)
    assert "elsewhere" in found.message


def test_the_user_decides_over_the_project(tmp_path):
    own, projects = tmp_path / "own.toml", tmp_path / "projects.toml"
    own.write_text('[profiles.p]\nurl = "https://mine.example"\n', encoding="utf-8")
    projects.write_text(
        '[profiles.p]\nurl = "https://theirs.example"\n[profiles.us]\nlevel = "account"\n',
        encoding="utf-8",
    )
    assert find_profile("p", own, projects).url == "https://mine.example"
    assert find_profile("us", own, projects).level == "account"


# Secrets ----------------------------------------------------------------------------------------


def test_a_secret_shows_itself_nowhere():
    secret = Secret(USER)
    credentials = read_credentials(Profile(url=HOST), ENVIRONMENT)
    for value in (secret, credentials, Mask([secret]), {"a": [secret]}):
        assert shows_no_secret(f"{value} {value!r}")
    assert (secret == Secret(USER), secret == Secret(TOKEN), secret == USER) == (True, False, False)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_mask_knows_a_secret_however_it_is_spelled():
    mask = Mask([Secret(USER), Secret('quo"te\\d')])
    spelled = [USER, "uSer/s3cret%2Bwith%3D", "uSer%2Fs3cret%2Bwith%3D", 'quo\\"te\\\\d']
    for text in spelled:
        assert mask(f"<{text}>") == f"<{MASK}>"
    assert mask("User abcdefghijklmnopqrst=, Organization x") == f"User {MASK}, Organization x"
    assert mask.value({USER: [USER, 1, None]}) == {MASK: [MASK, 1, None]}


def test_members_that_are_secrets_by_name_are_masked():
    given = {
        "token": "t",
        "configuration": {"oauth.api.secret": "s", "business.name": "b"},
        "entries": [{"key": "password", "propertyValue": "p"}],
    }
    assert mask_members(given) == {
        "token": MASK,
        "configuration": {"oauth.api.secret": MASK, "business.name": "b"},
        "entries": [{"key": "password", "propertyValue": MASK}],
    }


@pytest.mark.parametrize("missing", ["CE_USER_SECRET", "CE_ORG_SECRET"])
def test_a_missing_variable_is_named(missing):
    environment = {name: text for name, text in ENVIRONMENT.items() if name != missing}
    found = refused(lambda: read_credentials(Profile(url=HOST), environment))
    assert (found.rule.code, found.message) == ("M622", f"{missing} is not set")


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "a,b", "ümlaut", ""])
def test_a_secret_that_no_header_carries_is_refused_and_not_shown(text):
    found = refused(
        lambda: read_credentials(Profile(url=HOST), ENVIRONMENT | {"CE_USER_SECRET": text})
    )
    assert text not in found.message or not text


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o604, 0o620])
def test_a_file_of_secrets_is_for_its_owner_only(mode, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text(f'user = "{USER}"\norganization = "{ORGANIZATION}"\n', encoding="utf-8")
    file.chmod(mode)
    profile = Profile(url=HOST, secrets_file=str(file))
    if mode & 0o077:
        found = refused(lambda: read_credentials(profile, {}))
        assert found.rule.code == "M622"
    else:
        assert read_credentials(profile, {}).header == f"User {USER}, Organization {ORGANIZATION}"


@pytest.mark.parametrize("content", [b"user = \xff", b"user = 1", b"usr = 'x'", b"u" * 99])
def test_a_file_of_secrets_with_another_form_is_not_quoted(content, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_bytes(content + USER.encode())
    file.chmod(0o600)
    profile = Profile(url=HOST, secrets_file=str(file))
    assert refused(lambda: read_credentials(profile, {})).rule.code == "M622"


# Again, or not ----------------------------------------------------------------------------------

NEVER_SENT = httpx2.ConnectError("refused")
BROKEN = httpx2.ReadError(f"Authorization: User {USER}")
LATE = httpx2.ReadTimeout("late")
THROTTLED = (429, FAILED, {"Retry-After": "3"})
DOWN = (503, FAILED)
FINE = (200, {"done": True})


@pytest.mark.parametrize("fault", [NEVER_SENT, BROKEN, LATE, THROTTLED, DOWN])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_may_be_repeated_is(method, fault):
    platform = Platform(fault, fault, FINE)
    assert platform.client.send(method, "/x") == {"done": True}
    assert len(platform.requests) == 3
    assert platform.waited == ([3.0, 3.0] if fault is THROTTLED else [0.5, 1.0])


@pytest.mark.parametrize("fault", [BROKEN, LATE, DOWN])
def test_a_lost_answer_to_a_post_is_not_sent_again(fault):
    platform = Platform(fault, FINE)
    found = refused(lambda: platform.client.send("POST", "/x", {}), LostError)
    assert found.rule.code == "M626"
    assert len(platform.requests) == 1


@pytest.mark.parametrize("fault", [NEVER_SENT, THROTTLED])
def test_a_post_that_was_not_done_is_sent_again(fault):
    platform = Platform(fault, FINE)
    assert platform.client.send("POST", "/x", {}) == {"done": True}


@pytest.mark.parametrize(
    ("method", "faults", "kind"),
    [
        ("GET", [BROKEN], UnreachableError),
        ("PUT", [NEVER_SENT], UnreachableError),
        ("PUT", [THROTTLED], UnreachableError),
        ("PUT", [BROKEN, NEVER_SENT], LostError),
        ("DELETE", [DOWN, THROTTLED], LostError),
        ("POST", [NEVER_SENT], UnreachableError),
    ],
)
def test_the_end_of_patience_says_whether_it_may_be_done(method, faults, kind):
    platform = Platform(*faults, retries=2)
    found = refused(lambda: platform.client.send(method, "/x"), kind)
    assert len(platform.requests) == 3
    assert ", 3 times" in found.message


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("100000", 120.0),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("soon", 0.5),
        ("-1", 0.5),
    ],
)
def test_the_platform_says_how_long_to_wait_within_reason(asked, waits):
    platform = Platform((429, FAILED, {"Retry-After": asked}), FINE)
    platform.client.get("/x")
    assert platform.waited == [waits]


def test_a_definition_that_is_not_visible_yet_is_waited_for():
    not_yet = {"message": "No object definition found for 'x' so no transformation can be created"}
    platform = Platform((400, not_yet), (400, not_yet), FINE)
    assert platform.client.send("POST", "/x", {}) == {"done": True}
    found = refused(lambda: Platform((400, not_yet)).client.send("POST", "/x", {}))
    assert "No object definition found" in found.message


# Refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 415])
def test_a_refusal_has_the_platforms_words_and_what_to_do(status):
    platform = Platform((status, FAILED))
    found = refused(lambda: platform.client.send("PUT", "/x", {"a": 1}), RefusedError)
    assert found.message == f"PUT /x: {status} It hurts - vendor says no [requestId 5f1]"
    assert found.advice
    assert len(platform.requests) == 1


def test_words_of_the_platform_are_masked_cut_and_harmless():
    words = f"{USER} \x1b[2J\n{'x' * 9000}"
    found = refused(lambda: Platform((400, {"message": words})).client.get("/x"))
    assert found.message.isprintable()
    assert MASK in found.message
    assert len(found.message) < 500


def test_words_are_not_cut_within_a_secret():
    for before in range(280, 300):
        words = f"{'x' * before}{USER} and more"
        found = refused(lambda words=words: Platform((400, {"message": words})).client.get("/x"))
        assert USER[:6] not in found.message


def test_half_a_success_is_a_failure():
    platform = Platform((200, {}, {"Elements-Error": "2 fields were ignored"}))
    found = refused(lambda: platform.client.send("PUT", "/x", {}), PlatformError)
    assert (found.rule.code, found.message) == ("M627", "PUT /x: 2 fields were ignored")


BAD_ANSWERS = {
    "a page of a network": b"<html>Log in</html>",
    "half of an answer": b'{"a": [1, 2',
    "no UTF-8": b'{"a": "\xff"}',
    "no number": b'{"a": NaN}',
    "a member twice": b'{"a": 1, "a": 2}',
    "depth": b"[" * 100_000 + b"]" * 100_000,
    "an array": b"[1]",
    "a text": b'"x"',
    "nothing": b"",
}


@pytest.mark.parametrize("content", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_an_answer_of_another_shape_is_refused(content):
    found = refused(lambda: Platform((200, content)).client.find("/x"), PlatformError)
    assert found.rule.code == "M625"


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr("mapper.platform.client.MAX_ANSWER", 1000)
    found = refused(lambda: Platform((200, b" " * 1001)).client.find("/x"), PlatformError)
    assert found.rule.code == "M625"


@pytest.mark.parametrize("content", [b"<html>404</html>", b"", b"[]", b'{"error": "x"}'])
def test_only_the_platform_can_say_that_something_is_absent(content):
    assert refused(lambda: Platform((404, content)).client.find("/x"), PlatformError)
    assert Platform((404, {"message": "x"})).client.find("/x") is None


def test_a_redirect_is_not_followed_with_the_secrets():
    platform = Platform((302, b"", {"Location": "https://evil.example/"}))
    refused(lambda: platform.client.find("/x"), PlatformError)
    assert len(platform.requests) == 1


# Pages ------------------------------------------------------------------------------------------


def page(*numbers, following=None):
    headers = {"elements-next-page-token": following} if following else {}
    return 200, [{"id": number} for number in numbers], headers


def test_all_pages_are_read():
    platform = Platform(page(1, 2, following="a=+&b"), page(3, following="b"), page())
    assert [each["id"] for each in platform.client.entries("/instances")] == [1, 2, 3]
    asked = [dict(each.url.params) for each in platform.requests]
    assert asked == [
        {"pageSize": "200"},
        {"pageSize": "200", "nextPage": "a=+&b"},
        {"pageSize": "200", "nextPage": "b"},
    ]


def test_a_list_with_nothing_in_it_is_a_404():
    empty = {"message": "No element instances found"}
    assert Platform((404, empty)).client.entries("/instances") == []
    refused(lambda: Platform((404, {"message": "Not found"})).client.entries("/x"), RefusedError)


@pytest.mark.parametrize(
    "answers", [[page(1, following="a")], [(200, {})], [(200, [1])], [(200, [{}, "x"])]]
)
def test_pages_without_end_and_lists_of_something_else_are_refused(answers):
    found = refused(lambda: Platform(*answers).client.entries("/x"), PlatformError)
    assert found.rule.code == "M625"


def test_reading_together_keeps_the_order_and_raises_the_first_failure():
    client = Platform(FINE).client
    assert client.gather([lambda n=n: n for n in range(20)]) == list(range(20))
    refused(lambda: client.gather([lambda: 1, lambda: Platform((400, FAILED)).client.get("/x")]))


# The commands -----------------------------------------------------------------------------------

ANSWERS = {
    "/organizations/me": {"id": 7, "name": "Acme", "secret": ORGANIZATION, "vdrVersion": "v2"},
    "/instances": [
        {"id": 1, "name": "Books\x1b[2J", "token": TOKEN, "element": {"key": "freshbooksv2"}},
        {"id": 22, "name": USER, "disabled": True, "tags": ["x", "y"], "element": None},
    ],
    "/instances/22": {"id": 22, "token": TOKEN, "configuration": {"oauth.api.key": "k3y-of-it"}},
}


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A platform on this machine, and a profile for it in the user's own folder."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0].removeprefix("/elements/api-v2")
            allowed = USER in self.headers["Authorization"] and path in ANSWERS
            body = ANSWERS[path] if allowed else {"message": self.headers["Authorization"]}
            content = json.dumps(body).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        file = tmp_path / "profiles.toml"
        address = f"http://127.0.0.1:{http.server_port}"
        file.write_text(f'[profiles.here]\nurl = "{address}"\n', encoding="utf-8")
        for name, text in ENVIRONMENT.items():
            monkeypatch.setenv(name, text)
        monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:1")  # not for this machine
        monkeypatch.chdir(tmp_path)
        yield address
        http.shutdown()


def run(*arguments, code=0):
    named = ["--profiles", "profiles.toml", "--profile", "here"]
    result = CliRunner().invoke(main, [*arguments, *named], catch_exceptions=False)
    assert result.exit_code == code, result.output
    assert shows_no_secret(result.output)
    assert "k3y-of-it" not in result.output
    return result


def test_whoami(server):
    shown = json.loads(run("whoami", "--format", "json").stdout)
    assert shown == {
        "profile": "here",
        "url": f"{server}/elements/api-v2",
        "organization": "Acme",
        "organizationId": 7,
        "engine": "v2",
        "level": "organization",
    }
    assert "organization    Acme\n" in run("whoami").stdout


def test_instances(server):
    first, second = json.loads(run("instances", "--format", "json").stdout)
    assert (first["id"], first["element"], first["state"]) == (1, "freshbooksv2", "enabled")
    assert (second["name"], second["state"], second["tags"]) == (MASK, "disabled", ["x", "y"])
    heading, line, _ = run("instances").stdout.splitlines()
    assert heading.split() == ["ID", "NAME", "ELEMENT", "STATE", "TAGS"]
    assert line.isprintable()
    assert MASK in run("instances", "22").stdout


def test_a_wrong_secret_is_told_in_both_forms(server, monkeypatch):
    monkeypatch.setenv("CE_USER_SECRET", "another-one")
    told = run("whoami", code=1).stderr
    assert "error[M624]" in told
    assert "another-one" not in told
    (found,) = json.loads(run("whoami", "--format", "json", code=1).stderr)
    assert found["code"] == "M624"
