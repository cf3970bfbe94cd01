from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from requests_app.models.access import AccessGrant
from requests_app.models.message import Audience, Message
from requests_app.models.request import ServiceRequest


def private_storage() -> Any:
    """The storage that no web server serves; a callable, so tests and deployments may point it elsewhere."""
    return storages["private"]


def random_name(attachment: Attachment, filename: str) -> str:
    """A stored name that tells nothing and cannot be guessed; two letters of folder keep directories small."""
    stored = uuid.uuid4().hex
    return f"attachments/{stored[:2]}/{stored}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> Self:
        """
        Staff: all files of requests and of asked access, each by its permission. A consumer: those of own requests,
        except with a staff note and papers to which the right has ended, those sent to be given access, and own uploads
        of a form that is still being filled in.
        """
        own_drafts = Q(draft_key__isnull=False, uploader=user)
        if user.is_staff:
            return self.filter(own_drafts | _permitted(user))
        own = Q(service_request__owner=user) & (Q(message=None) | Q(message__audience=Audience.CONSUMER))
        granted = Exists(AccessGrant.objects.confirmed_for(user).filter(point=OuterRef("issued__point")))
        own &= Q(issued=None) | Q(issued__right_checked_at__isnull=False) | Q(granted)
        return self.filter(own_drafts | own | Q(access_grant__user=user))

    def drafts(self, *, uploader: Any, key: uuid.UUID) -> Self:
        """Files kept for a form that was not accepted yet, so that they need not be chosen again."""
        return self.filter(uploader=uploader, draft_key=key)

    def abandoned(self, *, before: datetime) -> Self:
        return self.filter(draft_key__isnull=False, created_at__lt=before)


def _permitted(user: Any) -> Q:
    """The files of what this colleague may see."""
    from requests_app import services  # the services import the models

    # by a join: within an OR PostgreSQL would first collect every request that is visible
    permitted = Q(service_request__service__in=services.seen_by(user))
    if user.has_perm("requests_app.view_accessgrant"):
        permitted |= Q(access_grant__isnull=False)
    return permitted


class Attachment(models.Model):
    """
    A file that came with a request, a message or as the basis of access to a supply point. Kept in private storage under a random name; the only way out is
    `views.files`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, null=True, related_name="attachments", verbose_name="заявка"
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="attachments", verbose_name="сообщение"
    )
    access_grant = models.ForeignKey(
        AccessGrant, on_delete=models.CASCADE, null=True, related_name="attachments", verbose_name="доступ к объекту"
    )
    draft_key = models.UUIDField("ключ неотправленной формы", null=True, db_index=True)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто приложил"
    )
    file = models.FileField("файл", storage=private_storage, upload_to=random_name, max_length=100)
    original_name = models.CharField("имя файла", max_length=200)
    content_type = models.CharField("тип", max_length=100)
    size = models.PositiveIntegerField("размер, байт")
    sha256 = models.CharField("SHA-256", max_length=64)
    created_at = models.DateTimeField("когда", default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "файл"
        verbose_name_plural = "файлы"
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(service_request__isnull=False, access_grant=None, draft_key=None)
                | Q(service_request=None, access_grant__isnull=False, draft_key=None)
                | Q(service_request=None, access_grant=None, draft_key__isnull=False),
                name="attachment_sent_or_draft",
            ),
            models.CheckConstraint(
                condition=Q(message=None) | Q(service_request__isnull=False), name="attachment_message_has_request"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("requests:file", args=[self.pk])


class FileAccessQuerySet(models.QuerySet["FileAccess"]):
    def visible_to(self, user: Any) -> Self:
        """The whole log, without the files of requests that this colleague may not know of."""
        from requests_app import services  # the services import the models

        return self.exclude(attachment__service_request__service__in=services.closed_to(user))


class FileAccess(models.Model):
    """Who downloaded which file and when."""

    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="accesses", verbose_name="файл")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)

    objects = FileAccessQuerySet.as_manager()

    class Meta:
        verbose_name = "скачивание файла"
        verbose_name_plural = "скачивания файлов"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%Y %H:%M}"

    @property
    def is_of_hidden_reporter(self) -> bool:
        """Would the name of who downloaded it name the reporter of an anonymous request?"""
        service_request = self.attachment.service_request
        return bool(service_request and service_request.is_anonymous and self.by_id == service_request.owner_id)
