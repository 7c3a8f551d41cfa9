"""The web application: routing, authentication, transactions, errors, faults and headers."""

import json
import re
import secrets
import socket
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request, Response

from mapper.sandbox.access import Caller, Needs, authenticate
from mapper.sandbox.calls import Answer, Call, Platform, Route
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.faults import DroppedError, Fault, damaged, parse_faults

__all__ = ["API", "Application"]

API = "/elements/api-v2"
"""What all paths of the platform begin with."""

MAX_BODY = 64 * 1024 * 1024
"""How many bytes a request may have."""

EXPOSED = (
    "Elements-Returned-Count, Elements-Total-Count, Elements-Request-Id,"
    " Elements-Next-Page-Token, Elements-Trace-Id, Elements-Error, Content-Disposition"
)
"""The response headers that scripts in browsers may read."""

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Elements-Version",
}
"""What browsers are told before a script of another site's calls."""


class Application:
    """The platform as a WSGI application."""

    def __init__(
        self,
        platform: Platform,
        routes: Iterable[Route],
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.platform = platform
        self._log = log
        routes = list(routes)
        # Common resources are called without a prefix, too: what has a place of its own goes first.
        self._maps = [
            _url_map(tuple(each for each in routes if not each.pattern.startswith("/<"))),
            _url_map(tuple(each for each in routes if each.pattern.startswith("/<"))),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = MAX_BODY
        request_id = secrets.token_hex(12)
        began = time.perf_counter()
        # Never the query: a client's secrets may stand there.
        asked = f"{request.method} {request.path.encode('unicode_escape').decode()}"
        try:
            response = self._respond(request, request_id)
        except DroppedError:
            self._log(f"{asked} dropped {request_id}")
            if "werkzeug.socket" in environ:  # it is not there if the client is in this process
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise
        finally:
            request.close()  # the files of a multipart body
        took = (time.perf_counter() - began) * 1000
        self._log(f"{asked} {response.status_code} {took:.0f} ms {request_id}")
        return response(environ, start_response)

    def _respond(self, request: Request, request_id: str) -> Response:
        path = "/" + request.path.replace(API, "", 1).lstrip("/")
        try:
            faults = self._faults(request, re.sub("/+", "/", path))
            refusal = _before(faults)
            answer = self._answer(request, faults) if refusal is None else _refused(refusal)
        except DroppedError:
            raise
        except PlatformError as error:
            faults, answer = [], _refused(error)
        except HTTPException as error:  # a body that is too large, or that ends too early
            message = error.description or "Bad request"
            faults, answer = [], _refused(PlatformError(error.code or 400, message))
        except sqlite3.OperationalError as error:
            faults, answer = [], _refused(PlatformError(503, f"The store cannot be used: {error}"))
        except Exception as error:  # noqa: BLE001 - a defect of the sandbox, told without its data
            trace = "".join(traceback.format_tb(error.__traceback__))
            self._log(f"{trace}{type(error).__name__} {request_id}")
            faults, answer = [], _refused(PlatformError(500, "Internal server error"))
        late = _after(faults)
        response = _response(_refused(late) if late is not None else answer, request_id, faults)
        response.headers["Elements-Request-Id"] = request_id
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _faults(self, request: Request, path: str) -> list[Fault]:
        if not request.path.startswith(API):
            return []
        try:
            asked = parse_faults(request.headers.get("Sandbox-Fault", ""))
        except ValueError as error:
            raise PlatformError(400, f"Sandbox-Fault: {error}") from None
        return asked + self.platform.schedule.due(request.method, path)

    def _answer(self, request: Request, faults: list[Fault]) -> Answer:
        if request.method == "OPTIONS" and request.path.startswith(API):
            return Answer(headers=PREFLIGHT)
        route, params = self._route(request)
        if request.accept_mimetypes and not request.accept_mimetypes.best_match(route.produces):
            raise PlatformError(406, f"Not acceptable: only {', '.join(route.produces)}")
        lag = max((each.value or 0 for each in faults if each.kind == "lag"), default=0) / 1000
        store = self.platform.store
        with store.writing() if route.writes else store.reading() as db:
            caller = None
            if route.needs is not Needs.NOTHING:
                caller = authenticate(request.headers.get("Authorization", ""), route.needs, db)
                if route.privilege and not caller.may(route.privilege):
                    raise PlatformError(403, f"Missing privilege {route.privilege}")
                _check_enabled(route, caller)
            call = Call(
                request=request,
                params=params,
                signed_in=caller,
                db=db,
                stale=db.lagging(lag, "resource/", "transformation/"),
                platform=self.platform,
            )
            given = route.endpoint(call)
        answer = given if isinstance(given, Answer) else Answer(body=given)
        headers = dict(call.answered)
        if caller is not None and caller.instance is not None:
            headers["Elements-Element-Instance-Id"] = str(caller.instance["id"])
        return Answer(body=answer.body, status=answer.status, headers=headers | answer.headers)

    def _route(self, request: Request) -> tuple[Route, dict[str, Any]]:
        path = re.sub("/+", "/", request.path)
        for url_map in self._maps:
            adapter: MapAdapter = url_map.bind("", "/")
            try:
                route, params = adapter.match(path, method=request.method)
            except MethodNotAllowed as error:
                allowed = {"Allow": ", ".join(error.valid_methods or ())}
                message = f"Method {request.method} not allowed"
                raise PlatformError(405, message, headers=allowed) from None
            except NotFound:
                continue
            except HTTPException as error:
                raise PlatformError(error.code or 400, str(error.description)) from None
            return route, dict(params)
        raise PlatformError(404, "Not found")


def _check_enabled(route: Route, caller: Caller) -> None:
    instance = caller.instance
    if route.needs is Needs.ELEMENT and instance and instance["disabled"] and not route.disabled:
        raise PlatformError(403, f"Element instance {instance['id']} is disabled")


@cache  # making one takes longer than anything else at the start
def _url_map(routes: tuple[Route, ...]) -> Map:
    rules = []
    for route in routes:
        prefix = "" if route.pattern.startswith("/sandbox") else API
        rules.append(Rule(prefix + route.pattern, endpoint=route, methods=[route.method]))
    return Map(rules, strict_slashes=False, merge_slashes=False)


def _before(faults: list[Fault]) -> PlatformError | None:
    """Let happen what faults do before the work, and return what they refuse the request with."""
    for fault in faults:
        match fault.kind:
            case "latency":
                time.sleep((fault.value or 0) / 1000)
            case "throttle":
                headers = {"Retry-After": str(fault.value)}
                return PlatformError(429, "Too many requests", headers=headers)
            case "error-before":
                return PlatformError(fault.value or 500, "The platform failed")
            case "drop-before":
                raise DroppedError
            case _:
                pass
    return None


def _after(faults: list[Fault]) -> PlatformError | None:
    """Let happen what faults do after the work, and return the failure that is told instead."""
    for fault in faults:
        match fault.kind:
            case "error-after":
                return PlatformError(fault.value or 500, "The platform failed")
            case "drop-after":
                raise DroppedError
            case _:
                pass
    return None


def _refused(error: PlatformError) -> Answer:
    return Answer(body=error, status=error.status, headers=error.headers)


def _response(answer: Answer, request_id: str, faults: list[Fault]) -> Response:
    kinds = [each.kind for each in faults]
    match answer.body:
        case None:
            body = b""
        case bytes():
            body = answer.body
        case PlatformError():
            body = _json(answer.body.body(request_id))
        case value:
            body = damaged(_json(value), kinds)
    kind = "application/json;charset=UTF-8" if body else None
    response = Response(body, status=answer.status, content_type=kind)
    response.headers.update(answer.headers)
    if "truncate" in kinds and body:
        response.headers["Content-Length"] = str(len(body))
        response.response = [body[: len(body) // 2]]
        response.automatically_set_content_length = False
    return response


def _json(value: Any) -> bytes:
    """Return the JSON of a value; what is no character, which scripts can make, is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()
