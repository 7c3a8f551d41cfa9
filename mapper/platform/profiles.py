"""Profiles: which platform, who calls, and at which level.

A profile never holds a secret: it names the environment variables or the file that do.
"""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, did_you_mean, show_name, show_value
from mapper.platform.levels import Level, Owner, Place
from mapper.platform.secrets import Mask, Secret

__all__ = ["BUILT_IN", "Credentials", "Profile", "find_profile", "for_owner", "read_credentials"]

API = "/elements/api-v2"
"""What the path of every platform's base URL ends with."""

BUILT_IN = {
    "us": "https://api.cloud-elements.com",
    "uk": "https://api.cloud-elements.co.uk",
    "staging": "https://staging.cloud-elements.com",
}
"""The hosts that need no file; ``sap-REGION`` is one, too."""

LOCAL = "local"
"""The profile that ``mapper sandbox`` writes into the project; it never leads elsewhere."""

_SAP = re.compile(r"sap-((?:trial\.)?[a-z]{2}[0-9]{1,2})")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1")
_OWNER = re.compile(r"[1-9][0-9]{0,17}")


class Profile(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """How to reach a platform, and what is published where. Times are in seconds.

    Attributes:
        url: The base URL, with or without ``/elements/api-v2``.
        element: The key or id of the element there, if it is not that of the mappings.
        level: Where documents are published.
        account: The id of the account, at that level; without it, the caller's own.
        instance: The id of the instance, at that level; without it, that of the Element token.
        user_secret: The environment variable that holds the user's secret.
        organization_secret: The one that holds the organization's.
        element_token: The one that holds an instance's token, if that is needed.
        secrets_file: A TOML file with ``user``, ``organization`` and ``element``, instead.
        ca_file: Certificates of authorities to trust beside the system's.
        proxy: The proxy to go through, instead of what the environment says.
        connect_timeout: How long to wait for a connection.
        timeout: How long to wait for an answer.
        retries: How often a request that may be repeated is.
        concurrency: How many requests run at once.
    """

    url: str = ""
    element: str | None = None
    level: Level = Level.ORGANIZATION
    account: str | None = None
    instance: str | None = None
    user_secret: str = "CE_USER_SECRET"  # noqa: S105 - the name of a variable
    organization_secret: str = "CE_ORG_SECRET"  # noqa: S105 - likewise
    element_token: str = "CE_ELEMENT_TOKEN"  # noqa: S105 - likewise
    secrets_file: str | None = None
    ca_file: str | None = None
    proxy: str | None = None
    connect_timeout: float = 5.0
    timeout: float = 60.0
    retries: int = 4
    concurrency: int = 4

    @property
    def base(self) -> str:
        """The URL that the paths of endpoints are below."""
        return self.url.rstrip("/").removesuffix(API).rstrip("/") + API

    @property
    def place(self) -> Place:
        """Where documents are published."""
        owners = {Level.ACCOUNT: self.account, Level.INSTANCE: self.instance}
        return Place(self.base, self.level, owners.get(self.level))

    @property
    def is_local(self) -> bool:
        """Whether the platform runs on this machine."""
        return _LOOPBACK.fullmatch(urlsplit(self.url).hostname or "") is not None


class Credentials(Struct, frozen=True):
    """Who calls."""

    user: Secret
    organization: Secret
    element: Secret | None = None
    mask: Mask = field(default_factory=lambda: Mask(()))

    @property
    def header(self) -> str:
        """The Authorization header, which is a secret itself."""
        pairs = [("User", self.user), ("Organization", self.organization)]
        pairs += [("Element", self.element)] if self.element else []
        return ", ".join(f"{word} {secret.reveal()}" for word, secret in pairs)


# Which profile ----------------------------------------------------------------------------------


def find_profile(name: str, own: Path, *projects: Path) -> Profile:
    """Return the profile called *name*: of the user's *own* file, a project's, or a built-in one.

    What a project's files say of a built-in name must not lead it elsewhere, since the user's
    secrets go there.

    Raises:
        FileError: M621 if there is none or it cannot be used.
    """
    known = _read_profiles(own)
    for file in projects:
        for found, members in _read_profiles(file).items():
            if _built_in(found) and _LEADING & set(members):
                _refuse(f"{file} leads the built-in profile {found} elsewhere", _RENAME)
            known.setdefault(found, members)
    host = _built_in(name)
    if name not in known and host is None:
        names = [*known, *BUILT_IN]
        hint = did_you_mean(name, names) or f"known: {', '.join(names)}, sap-REGION"
        _refuse(f"there is no profile {show_name(name)}", hint)
    members = ({"url": host} if host else {}) | known.get(name, {})
    try:
        profile = msgspec.convert(members, Profile)
    except msgspec.ValidationError as error:
        _refuse(f"profile {show_name(name)}: {error}")
    _check(name, profile)
    return profile


def for_owner(profile: Profile, owner: Owner) -> Profile:
    """Return *profile* with documents for *owner*, whomever they were for before.

    Raises:
        FileError: M621 if the id is none.
    """
    if not _OWNER.fullmatch(owner.number):
        _refuse(f"{owner.level} {show_value(owner.number)} is no id", _IDS)
    none = replace(profile, level=owner.level, account=None, instance=None)
    return replace(none, **{owner.level.value: owner.number})


_IDS = "an id is a whole number; mapper instances lists those of instances"
_LEADING = {"url", "proxy", "ca-file"}
_RENAME = "give it another name there"


def _built_in(name: str) -> str | None:
    sap = _SAP.fullmatch(name)
    if sap:
        return f"https://api.openconnectors.{sap[1]}.ext.hana.ondemand.com"
    return BUILT_IN.get(name)


def _read_profiles(path: Path) -> dict[str, dict[str, Any]]:
    """Return the profiles of a file by name, none if it is not there.

    The files that they name are beside it.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        _refuse(f"{path} cannot be read ({error.strerror})")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        _refuse(f"{path} is no TOML ({error})")
    profiles = content.pop("profiles", {})
    if content or not isinstance(profiles, dict):
        _refuse(f"{path} holds {', '.join(map(show_name, content))}", "write [profiles.NAME]")
    for name, members in profiles.items():
        if not isinstance(members, dict):
            _refuse(f"{path}: profile {show_name(name)} is no table", f"write [profiles.{name}]")
        for member in {"secrets-file", "ca-file"} & set(members):
            members[member] = str(path.parent / Path(str(members[member])).expanduser())
    return profiles


def _check(name: str, profile: Profile) -> None:
    """Refuse a profile that would send secrets in the clear, or nowhere."""
    shown = f"profile {show_name(name)}"
    try:
        url = urlsplit(profile.url)
        _ = url.port
    except ValueError:
        _refuse(f"{shown}: url is no URL")
    if not url.hostname or url.scheme not in {"https", "http"}:
        _refuse(f"{shown}: url is no https URL", 'write url = "https://HOST"')
    if url.username or url.password or url.query or url.fragment:
        _refuse(f"{shown}: url has more than a host and a path")
    if url.scheme == "http" and not profile.is_local:
        _refuse(f"{shown}: secrets would travel readable over http", "write https://")
    if name == LOCAL and not profile.is_local:
        _refuse(f"{shown}: it is for a platform on this machine", "give it another name")
    if profile.is_local and profile.proxy is not None:
        _refuse(f"{shown}: no proxy leads to this machine", "remove proxy")
    for member in ("account", "instance"):
        value = getattr(profile, member)
        if value is not None and not _OWNER.fullmatch(value):
            _refuse(f"{shown}: {member} {show_value(value)} is no id")
    if not (0 < profile.connect_timeout <= 600 and 0 < profile.timeout <= 3600):
        _refuse(f"{shown}: the time-outs are not between 0 and 600, and 0 and 3600 seconds")
    if not (0 <= profile.retries <= 20 and 1 <= profile.concurrency <= 32):
        _refuse(f"{shown}: retries is not 0 to 20, or concurrency not 1 to 32")


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    raise FileError([Diagnostic(codes.BAD_PROFILE, message, hint=hint)])


# Its secrets ------------------------------------------------------------------------------------


class _Secrets(Struct, forbid_unknown_fields=True):
    user: str
    organization: str
    element: str | None = None


def read_credentials(profile: Profile, environment: Mapping[str, str]) -> Credentials:
    """Return who calls: by the file that the profile names, or by the environment.

    Raises:
        FileError: M622 if there is no telling, or somebody else could.
    """
    if profile.secrets_file is not None:
        given = _read_secrets(Path(profile.secrets_file))
    else:
        names = (profile.user_secret, profile.organization_secret)
        missing = [name for name in names if not environment.get(name)]
        if missing:
            what = " and ".join(missing)
            _no_secret(f"{what} {'is' if len(missing) == 1 else 'are'} not set", f"set {what}")
        user, organization = (environment[name] for name in names)
        given = _Secrets(user, organization, environment.get(profile.element_token) or None)
    texts = [given.user, given.organization, *([given.element] if given.element else [])]
    if not all(map(_is_plain, texts)):
        _no_secret("a secret has blanks, commas or characters that no header can carry")
    secrets = [Secret(text) for text in texts]
    return Credentials(secrets[0], secrets[1], next(iter(secrets[2:]), None), Mask(secrets))


def _is_plain(text: str) -> bool:
    return re.fullmatch(r"[!-+\--~]+", text) is not None


def _read_secrets(path: Path) -> _Secrets:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_IMODE(status.st_mode) & 0o077 or not _is_mine(status):
                _no_secret(f"others can read or own {path}", f"run: chmod 600 {path}")
            content = tomllib.load(file)
        return msgspec.convert(content, _Secrets)
    except OSError as error:
        _no_secret(f"{path} cannot be read ({error.strerror})")
    except (ValueError, msgspec.ValidationError):  # whose words may quote what is there
        _no_secret(f"{path} is no TOML with user, organization and, if needed, element as texts")


def _is_mine(status: os.stat_result) -> bool:
    return status.st_uid == os.getuid() if hasattr(os, "getuid") else True


def _no_secret(message: str, hint: str | None = None) -> NoReturn:
    raise FileError([Diagnostic(codes.NO_SECRET, message, hint=hint)])
