"""Who may talk to the double: the app, which holds its tokens, and the browser that was given the address.

Whatever page a browser has open can send requests to this machine, and a name that its site rebinds here
makes them look like the page's own. So every request must name this machine, what only an app says must
come from no browser, and what the page says must carry a key that is made anew at every start.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

KEY_NAME: Final = "key"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  -- compared with, not bound to

Headers = Mapping[str, str]


@dataclass(slots=True)
class Gate:
    """The rules for one address that is listened on."""

    host: str
    port: int
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie(self) -> str:
        """Name of the cookie: cookies do not tell ports apart."""
        return f"ftcost-playground-{self.port}"

    def names_us(self, headers: Headers) -> bool:
        """Whether the request asks for this machine: a name that is not ours may have been rebound."""
        try:
            host = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
        except ValueError:
            return False
        return host in _LOOPBACK | {self.host} or (self.host in _EVERYWHERE and _is_number(host))

    def is_app(self, headers: Headers) -> bool:
        """Whether no browser sent it: each says where a request comes from."""
        return "Origin" not in headers and "Sec-Fetch-Site" not in headers

    def is_page(self, headers: Headers) -> bool:
        """Whether the page itself sent it, in the browser that was given the address."""
        origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site", "none")
        ours = origin is None or origin == f"http://{headers.get('Host', '')}"
        return ours and site in ("none", "same-origin") and self.opens(self._shown(headers))

    def opens(self, key: str) -> bool:
        """Whether it is the key."""
        return secrets.compare_digest(key.encode(), self.key.encode())

    def _shown(self, headers: Headers) -> str:
        try:
            found = SimpleCookie(headers.get("Cookie", "")).get(self.cookie)
        except CookieError:
            return ""
        return found.value if found else ""

    def set_cookie(self) -> str:
        """What makes the browser remember the key: out of reach of scripts and of other sites."""
        return f"{self.cookie}={self.key}; Path=/; HttpOnly; SameSite=Strict"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
