"""The page on which a user lets the platform into an account of his: it stands for the vendor's.

No password is asked for: whoever reaches this machine is the user.
"""

import html
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from mapper.sandbox.calls import Answer, Call
from mapper.sandbox.errors import PlatformError

__all__ = ["decide", "redeem", "show_consent"]

_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Consent</title>
<h1>Let the local platform use your books?</h1>
<p>This page stands in for the vendor's. You go on to {target}.</p>
<form method="post">
{fields}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
"""


def show_consent(call: Call) -> Answer:
    """Answer the page, which sends the decision."""
    given = {name: call.query.get(name, "") for name in ("client_id", "redirect_uri", "state")}
    _check(given)
    fields = "\n".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in given.items()
    )
    text = _PAGE.format(target=html.escape(given["redirect_uri"]), fields=fields)
    return Answer(body=text.encode(), headers={"Content-Type": "text/html;charset=UTF-8"})


def decide(call: Call) -> Answer:
    """Send the user back with a code, which is good once, or with an error."""
    form = call.request.form
    given = {name: form.get(name, "") for name in ("client_id", "redirect_uri", "state")}
    _check(given)
    if form.get("decision") == "allow":
        code = secrets.token_hex(32)
        granted = {"client_id": given["client_id"], "redirect_uri": given["redirect_uri"]}
        call.db.put("consent", code, granted)
        said = {"code": code, "state": given["state"]}
    else:
        said = {"error": "access_denied", "state": given["state"]}
    target = given["redirect_uri"]
    location = f"{target}{'&' if '?' in target else '?'}{urlencode(said)}"
    return Answer(status=302, headers={"Location": location})


def redeem(call: Call, code: str, configuration: dict[str, Any]) -> None:
    """Use up the code that a consent gave.

    Raises:
        PlatformError: 400 if it is not, or was given to somebody else or for another place.
    """
    asked = {
        "client_id": configuration.get("oauth.api.key"),
        "redirect_uri": configuration.get("oauth.callback.url"),
    }
    if call.db.get("consent", code) != asked:
        raise PlatformError(
            400,
            "Failed to get an access token with providerData.code",
            "invalid_grant: the code is unknown or used, or belongs to another oauth.api.key or"
            " oauth.callback.url",
        )
    call.db.delete("consent", code)


def _check(given: dict[str, str]) -> None:
    target = urlsplit(given["redirect_uri"])
    if target.scheme not in {"http", "https"} or not target.netloc or not given["client_id"]:
        raise PlatformError(400, "A consent needs a client_id and an http(s) redirect_uri")
