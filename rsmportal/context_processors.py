from typing import Any

from django.http import HttpRequest

from rsmportal.display import COOKIE, Display
from rsmportal.site import site_at


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page draws around its content: `site` (operator and menus) and `display`. No database."""
    return {
        "site": site_at(request.path),
        "display": Display.from_cookie(request.COOKIES.get(COOKIE, "")),
    }
