"""
How much one client may do: who the client is, rate limits on the cache that all workers share, and what django-axes
asks of us when logins fail.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from accounts import snils
from accounts.identifiers import looks_like_identifier, mask_identifier, normalise

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """
    At most `rate` hits of one key in a period. Periods follow the clock: of an hour, from 14:00 to 15:00.

    Guaranteed: of any number of hits in one period, in however many processes, exactly `rate` get True. Every hit
    takes a numbered place with `cache.add`, which the primary key of the cache table lets only one caller take. Not
    guaranteed: around the full hour up to twice `rate` can pass in a short time. Keys are stored hashed.
    """

    name: str
    rate: int
    period: timedelta

    def hit(self, key: object) -> bool:
        """Counts one more of `key`. True: it may go on. False: the limit was reached before."""
        places = self._places(key)
        taken = cache.get_many(places)
        seconds = int(self.period.total_seconds())
        return any(cache.add(place, True, seconds) for place in places if place not in taken)

    def is_reached(self, key: object) -> bool:
        """Would the next hit get False? Counts nothing."""
        return len(cache.get_many(self._places(key))) >= self.rate

    def time_left(self) -> timedelta:
        """Until the next period begins, in which everybody starts anew."""
        return timedelta(seconds=self.period.total_seconds() - time.time() % self.period.total_seconds())

    def _places(self, key: object) -> list[str]:
        period = int(time.time() // self.period.total_seconds())
        digest = salted_hmac("accounts.limits", f"{self.name} {key}").hexdigest()
        return [f"limit:{digest}:{period}:{number}" for number in range(self.rate)]


# Our rules, generous: behind one address there may be the whole office of a company.
REGISTRATIONS = Limit(name="registration", rate=300, period=_HOUR)
PASSWORD_RESETS = Limit(name="password reset", rate=100, period=_HOUR)
PASSWORD_RESETS_OF_ADDRESS = Limit(name="password reset of an address", rate=5, period=_HOUR)
CONFIRMATIONS_OF_ADDRESS = Limit(name="confirmation of an address", rate=5, period=_HOUR)
FAILED_LOGINS = Limit(name="failed login", rate=200, period=_HOUR)
CAPTCHA_CHALLENGES = Limit(name="captcha challenge", rate=600, period=_HOUR)
CAPTCHA_ANSWERS = Limit(name="captcha answer", rate=30, period=_HOUR)


# -- Who the client is ----------------------------------------------------------------------------------------------


def client_ip(request: HttpRequest) -> str | None:
    """
    The address of the client; None when nobody told it (a unix socket, no trusted proxy).

    TRUSTED_PROXIES = n says that n proxies of ours stand in front. Each adds the address it was called from at the end
    of X-Forwarded-For, so the n-th entry from the right is the client, and what is left of it the client has written
    himself. With TRUSTED_PROXIES = 0 the header is not looked at.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    told_by_proxy = _address(forwarded[-proxies]) if 0 < proxies <= len(forwarded) else None
    return told_by_proxy or _address(request.META.get("REMOTE_ADDR", ""))


def client_network(request: HttpRequest) -> str | None:
    """
    What limits and lock-outs count by: the address, of IPv6 only its first half. One line of a provider is given 2⁶⁴
    addresses of IPv6, so counting single ones would stop nobody.
    """
    ip = client_ip(request)
    if ip and isinstance(address := ip_address(ip), IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return ip


def _address(text: str) -> str | None:
    """The address in its usual form, an IPv4 one out of its IPv6 wrapping; None when the text is not an address."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


# -- Logins that fail: settings AXES_… and AUTHENTICATION_BACKENDS name these ---------------------------------------


def login_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """
    Under what name failed logins are counted: an e-mail in lower case, an identifier without its separators.

    The name that was typed goes first, then that of `credentials`: after a good login axes knows the user's e-mail
    only, and must forget the failures under the name they happened under. A СНИЛС is kept masked, with a piece of its
    keyed hash to tell one from another: the tables of axes are not encrypted.
    """
    typed: str | None = request.POST.get("username") or (credentials or {}).get("username")
    if not typed:
        return None
    kind = looks_like_identifier(typed)
    if kind is None:
        return typed.replace("\0", "").strip().lower()[:255]
    digits = normalise(typed)
    return f"{mask_identifier(digits)} {snils.lookup_hash(digits)[:12]}" if kind == "snils" else digits


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The page instead of the answer to a login, ours or the admin's, that comes after too many failures."""
    if FAILED_LOGINS.is_reached(client_network(request)):
        wait = FAILED_LOGINS.time_left()
    else:
        wait = settings.AXES_COOLOFF_TIME
    seconds = math.ceil(wait.total_seconds())
    page = render(request, "accounts/locked_out.html", {"minutes": math.ceil(seconds / 60)}, status=429)
    page["Retry-After"] = str(seconds)
    return page


class FailedLoginsBackend:
    """
    Lets nobody in; keeps out a client that has failed too often, under whatever names. Stands first in
    AUTHENTICATION_BACKENDS: axes counts per name and client, so one password tried on a thousand names would pass it.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Raises PermissionDenied, which ends the login, when FAILED_LOGINS is reached."""
        if request is not None and FAILED_LOGINS.is_reached(client_network(request)):
            setattr(request, "axes_locked_out", True)  # noqa: B010 axes answers such a request with `locked_out`
            raise PermissionDenied


@receiver(user_login_failed)
def count_failed_login(*, request: HttpRequest | None = None, **signal: Any) -> None:
    """A refusal without a look at the password teaches an attacker nothing and is not counted."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        FAILED_LOGINS.hit(client_network(request))
