"""Checks of `manage.py check --deploy`: what a server must have beyond what Django looks at itself."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """Links in letters lead to us over HTTPS, letters leave the machine, SNILS have a key of their own."""
    found: list[CheckMessage] = []
    if settings.HTTPS and not settings.SITE_URL.startswith("https://"):
        found.append(
            Error("SITE_URL is not an https:// address: links in letters would not work.", id="rsmportal.E001")
        )
    if "smtp" not in settings.POST_OFFICE["BACKENDS"]["default"]:
        found.append(Warning("EMAIL_URL is not smtp: letters do not leave this machine.", id="rsmportal.W001"))
    if settings.SNILS_KEYS == [settings.SECRET_KEY]:
        hint = "Set SNILS_KEYS before the first registration; see .env.example."
        message = "SNILS are encrypted with SECRET_KEY, which then can never be changed."
        found.append(Warning(message, hint=hint, id="rsmportal.W002"))
    if not settings.STAFF_SECOND_FACTOR:
        found.append(Warning("STAFF_SECOND_FACTOR is off: staff log in by a password alone.", id="rsmportal.W003"))
    return found
