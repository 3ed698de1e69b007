"""Whether a request that changes something comes from the panel's own pages.

Twice over: the cookie is SameSite=Strict, and the browser says where the page is from.
"""

from starlette.requests import Request


def is_own_origin(request: Request, origin: str) -> bool:
    """Whether `Origin` is ours and `Sec-Fetch-Site` does not contradict; without both, no."""
    came_from = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    if came_from is None:
        return site == "same-origin"
    return came_from == origin
