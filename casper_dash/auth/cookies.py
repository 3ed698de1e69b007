"""The two cookies of the panel: the session, and the device that signed in before."""

from http.cookies import CookieError, SimpleCookie

_HOST = "__Host-"  # the browser takes it over TLS alone, for this host alone
COOKIE = "session"
DEVICE_COOKIE = "device"
_DEVICE_S = 180 * 24 * 3600


def cookie_name(name: str, *, over_tls: bool) -> str:
    """`session` → `__Host-session` over TLS."""
    return f"{_HOST}{name}" if over_tls else name


def session_cookie(token: str, *, over_tls: bool) -> str:
    """A `Set-Cookie` value that ends with the browser; the server ends it earlier."""
    return _set(COOKIE, token, over_tls=over_tls)


def ended_cookie(*, over_tls: bool) -> str:
    """A `Set-Cookie` value that takes the session's cookie away."""
    return _set(COOKIE, "", over_tls=over_tls) + "; Max-Age=0"


def device_cookie(value: str, *, over_tls: bool) -> str:
    """A `Set-Cookie` value that lets this device pass the brake on its owner's account."""
    return _set(DEVICE_COOKIE, value, over_tls=over_tls) + f"; Max-Age={_DEVICE_S}"


def read_cookie(header: str, name: str) -> tuple[str, bool] | None:
    """The cookie's value in a `Cookie` header, and whether it is the one of TLS, which wins."""
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return None
    for over_tls in (True, False):
        found = cookies.get(cookie_name(name, over_tls=over_tls))
        if found is not None and found.value:
            return found.value, over_tls
    return None


def _set(name: str, value: str, *, over_tls: bool) -> str:
    secure = "; Secure" if over_tls else ""
    return (
        f"{cookie_name(name, over_tls=over_tls)}={value}; Path=/; HttpOnly; SameSite=Strict{secure}"
    )
