"""The platform over HTTP: every request that mapper sends, and what its answers may be.

A read is repeated until it is answered. A write that may be repeated, PUT and DELETE, is too; a
POST only if it was certainly not done. What then remains unknown is :class:`LostError`, and only
reading tells what became of it.
"""

import json
import random
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from email.utils import parsedate_to_datetime
from threading import Event
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
from msgspec import Struct

from mapper import __version__, codes
from mapper.diagnostics import Diagnostic, FileError, Rule, Source, cut
from mapper.files import parse_json
from mapper.platform.errors import LostError, PlatformError, RefusedError, UnreachableError
from mapper.platform.profiles import Credentials, Profile

__all__ = ["Client", "Waits"]

MAX_ANSWER = 1 << 25
"""How many bytes an answer may have."""
MAX_WORDS = 300
"""How many characters of the platform's own words are shown."""
PAGE = 200
"""How many entries a page is asked to have; the platform gives no more."""
MAX_PAGES = 1000
FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 0.5, 20.0, 120.0
"""Seconds: before the first repetition, before any, and if the platform says how long."""

Method = Literal["GET", "POST", "PUT", "DELETE"]
Query = Mapping[str, str]
_Result = TypeVar("_Result")


class Waits(Struct, frozen=True):
    """Where the client gets time and chance from.

    Attributes:
        sleep: Waits so many seconds.
        draw: Gives a number from 0 to 1.
        now: Gives the seconds since 1970.
    """

    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random
    now: Callable[[], float] = time.time


class _Request(NamedTuple):
    method: Method
    path: str
    query: Query = MappingProxyType({})
    body: Any = None
    changes: bool = True
    """Whether the method means that something changes, if it does."""

    @property
    def is_write(self) -> bool:
        return self.method != "GET" and self.changes

    def __str__(self) -> str:
        names = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' if names else ''}{names}"


class _Answer(NamedTuple):
    status: int
    headers: httpx2.Headers
    content: bytes


class _Again(NamedTuple):
    """The request may be sent again.

    Attributes:
        why: What happened, for a message.
        done: Whether the platform may have done it all the same.
        wait: How many seconds it asks to wait.
    """

    why: str
    done: bool
    wait: float | None = None


class Client:
    """Sends requests to one platform, as one caller."""

    def __init__(
        self,
        profile: Profile,
        credentials: Credentials,
        *,
        transport: httpx2.BaseTransport | None = None,
        waits: Waits | None = None,
    ) -> None:
        self.profile = profile
        self.mask = credentials.mask
        self._credentials = credentials
        self._waits = waits or Waits()
        self._stopped = Event()
        self._pool = ThreadPoolExecutor(profile.concurrency)
        self._http = httpx2.Client(
            verify=_tls(profile),
            transport=transport,
            trust_env=not profile.is_local,
            proxy=profile.proxy,
            timeout=httpx2.Timeout(profile.timeout, connect=profile.connect_timeout),
            limits=httpx2.Limits(max_connections=profile.concurrency),
            headers={"Accept": "application/json", "User-Agent": f"mapper/{__version__}"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._http.close()

    @property
    def has_element_token(self) -> bool:
        """Whether requests carry an instance's token, which its objects need."""
        return self._credentials.element is not None

    # Reading

    def find(self, path: str) -> dict[str, Any] | None:
        """Return the object at *path*, None if the platform says that there is none.

        Raises:
            PlatformError: It cannot be read.
        """
        request = _Request("GET", path)
        try:
            return self._object(request, self._send(request))
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def get(self, path: str) -> dict[str, Any]:
        """Return the object at *path*.

        Raises:
            PlatformError: It cannot be read, or is not there.
        """
        request = _Request("GET", path)
        return self._object(request, self._send(request))

    def entries(self, path: str, query: Query | None = None) -> list[dict[str, Any]]:
        """Return the objects of a list, all pages of it; the platform's 404 for none is none.

        Raises:
            PlatformError: It cannot be read.
        """
        found: list[dict[str, Any]] = []
        try:
            found.extend(self._pages(path, query or {}))
        except RefusedError as error:
            if error.status != 404 or not _EMPTY.search(error.diagnostics[0].message):
                raise
        return found

    def objects(self, path: str, query: Query | None = None) -> list[dict[str, Any]]:
        """Return the objects of an element's list, all pages of it; there, 404 is not for none.

        Raises:
            PlatformError: It cannot be read, or there is no such list.
        """
        return list(self._pages(path, query or {}))

    def start(self, call: Callable[[], _Result]) -> Future[_Result]:
        """Let a call run beside others, as soon as the profile's number of them lets it.

        It must not wait for another that was started.
        """
        return self._pool.submit(call)

    def drop(self, started: Iterable[Future[Any]]) -> None:
        """Let calls that have not begun never begin, and wait for the others."""
        wait([each for each in started if not each.cancel()])

    def gather(self, calls: Iterable[Callable[[], _Result]]) -> list[_Result]:
        """Return what *calls* return, in their order; as many run at once as the profile lets.

        Raises:
            PlatformError: What the first of them raised that did.
        """
        started: list[Future[_Result]] = []
        try:
            started.extend(self.start(call) for call in calls)
            return [each.result() for each in started]
        finally:
            self.drop(started)

    def _pages(self, path: str, query: Query) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        page: Query = {}
        while True:
            request = _Request("GET", path, {**query, "pageSize": str(PAGE), **page})
            body, token = self._send_paged(request)
            if not isinstance(body, list):
                self._refuse_answer(request, "is no list")
            for each in body:
                yield self._object(request, each)
            if token is None:
                return
            if token in seen or len(seen) >= MAX_PAGES:
                self._refuse_answer(request, "leads to pages without end")
            seen.add(token)
            page = {"nextPage": token}

    def _object(self, request: _Request, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse_answer(request, "is no object")
        return value

    # Writing

    def send(self, method: Method, path: str, body: Any = None) -> Any:
        """Send a write, or another request that has a body, and return the answer's value.

        Raises:
            RefusedError: The platform did not do it.
            UnreachableError: It was not done.
            LostError: It may be done.
            PlatformError: It may be done, and the answer cannot be used.
        """
        return self._send(_Request(method, path, body=body))

    def ask(self, path: str, body: Any) -> Any:
        """Send a POST that changes nothing, so that it may be repeated; return the answer's value.

        Raises:
            PlatformError: There is no answer that can be used.
        """
        return self._send(_Request("POST", path, body=body, changes=False))

    def stop(self) -> None:
        """Let nothing be sent again any more."""
        self._stopped.set()

    def wait(self, seconds: float) -> None:
        """Wait so long."""
        self._waits.sleep(seconds)

    # One request

    def _send(self, request: _Request) -> Any:
        return self._send_paged(request)[0]

    def _send_paged(self, request: _Request) -> tuple[Any, str | None]:
        """Return the value of the answer and the token of the next page, if there is one."""
        answer = self._answer(request)
        return self._read(request, answer), answer.headers.get("elements-next-page-token") or None

    def _answer(self, request: _Request) -> _Answer:
        """Send a request, again where that is safe and promises anything, until it is done."""
        attempt, done = 0, False
        while isinstance(outcome := self._try(request), _Again):
            done |= outcome.done and request.is_write
            is_last = attempt == self.profile.retries or self._stopped.is_set()
            if is_last or (done and request.method == "POST"):
                raise self._failure(request, outcome, attempt + 1, done=done)
            self._waits.sleep(self._pause(attempt, outcome.wait))
            attempt += 1
        return outcome

    def _failure(
        self, request: _Request, last: _Again, times: int, *, done: bool
    ) -> LostError | UnreachableError:
        message = f"{request}: {last.why}" + (f", {times} times" if times > 1 else "")
        if done:
            return LostError([self._diagnose(codes.LOST_ANSWER, message)])
        return UnreachableError([self._diagnose(codes.UNREACHABLE, message)])

    def _pause(self, attempt: int, asked: float | None) -> float:
        if asked is not None:
            return min(max(asked, 0.0), LONGEST_ASKED)
        longest: float = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
        return longest * (0.5 + self._waits.draw() / 2)

    def _try(self, request: _Request) -> _Answer | _Again:
        """Send a request once; return its answer, or why to send it again.

        Raises:
            RefusedError: The platform does not do it.
        """
        try:
            answer = self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            return _Again(f"no connection to {self._host} ({_name(error)})", done=False)
        except httpx2.ProxyError:
            return _Again("the proxy gives no connection", done=False)
        except (httpx2.TransportError, httpx2.DecodingError, ConnectionError) as error:
            return _Again(f"the connection broke before the answer ({_name(error)})", done=True)
        if answer.status == 429:
            return _Again(self._words(answer), done=False, wait=self._asked(answer))
        if answer.status >= 500:
            return _Again(self._words(answer), done=True, wait=self._asked(answer))
        if answer.status >= 300:
            words = self._words(answer)
            if answer.status == 400 and request.method == "POST" and _NOT_YET in words:
                return _Again(words, done=False)
            message, hint = f"{request}: {words}", _HINTS.get(answer.status)
            if answer.status < 400 or not _is_told(answer):
                hint = codes.BAD_ANSWER.hint
            raise _refused(answer, self._diagnose(codes.REFUSED, message, hint))
        ignored = answer.headers.get("elements-error")
        if ignored:
            message = f"{request}: {self._plain(ignored)}"
            raise PlatformError([self._diagnose(codes.PARTLY_IGNORED, message)])
        return answer

    def _exchange(self, request: _Request) -> _Answer:
        """Send a request once and return its answer as it is, up to the largest that is read."""
        body = None
        headers = {"Authorization": self._credentials.header}
        if request.body is not None:
            body = json.dumps(request.body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        url = self.profile.base + request.path
        content = bytearray()
        with self._http.stream(
            request.method, url, params=dict(request.query), content=body, headers=headers
        ) as response:
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER:
                    self._refuse_answer(request, f"has more than {MAX_ANSWER >> 20} MiB")
            return _Answer(response.status_code, response.headers, bytes(content))

    def _read(self, request: _Request, answer: _Answer) -> Any:
        if not answer.content.strip():
            return None
        try:
            return parse_json(Source("the answer", answer.content.decode()))
        except UnicodeDecodeError:
            self._refuse_answer(request, "is no UTF-8")
        except FileError as error:
            self._refuse_answer(request, f"is no good JSON: {error.diagnostics[0].message}")

    # Words

    @property
    def _host(self) -> str:
        return urlsplit(self.profile.url).netloc

    def _asked(self, answer: _Answer) -> float | None:
        """Return how many seconds the platform asks to wait."""
        text = answer.headers.get("retry-after", "")
        if re.fullmatch(r"[0-9]{1,9}", text):
            return float(text)
        try:
            return parsedate_to_datetime(text).timestamp() - self._waits.now()
        except (ValueError, OverflowError):
            return None

    def _words(self, answer: _Answer) -> str:
        """Return the platform's words about what it did not do."""
        body = _error_body(answer)
        names = ("message", "providerMessage")
        texts = [self._plain(body[name]) for name in names if body.get(name)]
        said = " - ".join(dict.fromkeys(texts)) or "no words"
        number = body.get("requestId") or answer.headers.get("elements-request-id")
        known = f" [requestId {self._plain(number)}]" if number else ""
        return f"{answer.status} {said}{known}"

    def _plain(self, text: Any) -> str:
        """Return the platform's words as one line that does nothing to a terminal.

        They are masked before they are cut: a part of a secret is one, too.
        """
        words = self.mask(text if isinstance(text, str) else json.dumps(text))
        return cut("".join(each if each.isprintable() else " " for each in words), MAX_WORDS)

    def _refuse_answer(self, request: _Request, what: str) -> NoReturn:
        message = f"{request}: the answer {what}"
        raise PlatformError([self._diagnose(codes.BAD_ANSWER, message)])

    def _diagnose(self, rule: Rule, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(rule, self.mask(message), hint=hint)


_EMPTY = re.compile(r": 404 No .* found")
_NOT_YET = "No object definition found"
"""What the platform says for some time after a definition was made."""

_HINTS = {
    400: "the request is wrong for this platform; if its documents say otherwise, tell us",
    401: "check the secrets that the profile names, and that they belong to this platform",
    403: "the user lacks the privilege or the role for this, or the instance is disabled",
    404: "check the profile's url, element, account and instance",
    409: "somebody else made it meanwhile: plan again",
}


def _refused(answer: _Answer, found: Diagnostic) -> PlatformError:
    """Return the error of a refusal; a 404 of something that is not the platform is no "absent"."""
    if answer.status >= 400 and _is_told(answer):
        return RefusedError([found], answer.status)
    return PlatformError([found])


def _is_told(answer: _Answer) -> bool:
    """Whether an answer that refuses has the form that the platform's answers have."""
    return "message" in _error_body(answer)


def _error_body(answer: _Answer) -> dict[str, Any]:
    try:
        body = parse_json(Source("the answer", answer.content.decode()))
    except (UnicodeDecodeError, FileError):
        return {}
    return body if isinstance(body, dict) else {}


def _name(error: Exception) -> str:
    """Return what kind of failure it is; its own words may quote the request."""
    return type(error).__name__


def _tls(profile: Profile) -> ssl.SSLContext:
    """Return the checks of certificates: the system's authorities, and the profile's.

    Raises:
        FileError: M621 if its file cannot be used.
    """
    if not profile.url.startswith("https:"):  # to this machine: nothing to check, quickly
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    if profile.ca_file is not None:
        try:
            context.load_verify_locations(profile.ca_file)
        except (OSError, ssl.SSLError) as error:
            why = error.strerror or _name(error)
            message = f"ca-file {profile.ca_file} cannot be used ({why})"
            raise FileError([Diagnostic(codes.BAD_PROFILE, message)]) from None
    return context
