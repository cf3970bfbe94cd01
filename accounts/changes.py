"""
Who django-auditlog says has changed something. Its own middleware connects a signal for each request and reads the
user of each; here the user is read when something is written, which is seldom.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from auditlog.models import LogEntry
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from rsmportal.tracked import PERSONAL

_REQUEST: ContextVar[HttpRequest | None] = ContextVar("request_of_changes", default=None)


@contextmanager
def made_by(request: HttpRequest) -> Iterator[None]:
    """What is changed inside is changed by the user of the request."""
    token = _REQUEST.set(request)
    try:
        yield
    finally:
        _REQUEST.reset(token)


@receiver(pre_save, sender=LogEntry)
def complete(*, instance: LogEntry, **signal: Any) -> None:
    """Name who did it, and do not name whose it is."""
    request = _REQUEST.get()
    user = getattr(request, "user", None)
    if instance.actor is None and isinstance(user, User):
        instance.actor = user
    model = instance.content_type.model_class()
    if model is not None and model._meta.label_lower in PERSONAL:
        instance.object_repr = f"{model._meta.verbose_name} {instance.object_pk}"
