from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.user import User
from rsmportal.append_only import Permanent


class Purpose(models.TextChoices):
    """Each purpose has its own text: Federal law 152-FZ, art. 9, as changed by 156-FZ of 24.06.2025."""

    POLICY = "policy", "Политика конфиденциальности"
    REGISTRATION = "registration", "Согласие на обработку персональных данных"
    NEWS = "news", "Согласие на новости по электронной почте"


class ConsentDocumentQuerySet(models.QuerySet["ConsentDocument"]):
    def published(self, *, at: datetime) -> Self:
        return self.filter(published_at__lte=at)

    def current(self, purpose: Purpose, *, at: datetime | None = None) -> ConsentDocument | None:
        """The version in force, or None when nothing has been published yet."""
        return self.published(at=at or timezone.now()).filter(purpose=purpose).order_by("-version").first()


@dataclass(frozen=True)
class Block:
    """A paragraph of a text, or a heading of one."""

    text: str
    is_heading: bool


class ConsentDocument(models.Model):
    """One version of one text. Once published it never changes: a correction is the next version."""

    purpose = models.CharField("назначение", max_length=12, choices=Purpose)
    version = models.PositiveIntegerField("редакция")
    title = models.CharField("название", max_length=200)
    summary = models.TextField("коротко", blank=True, help_text="По пункту на строке; показывается над полным текстом.")
    text = models.TextField(
        "текст", help_text="Абзацы разделяет пустая строка; строка с «## » в начале — подзаголовок."
    )
    sha256 = models.CharField("SHA-256 текста", max_length=64, blank=True, editable=False)
    published_at = models.DateTimeField("опубликован", null=True, blank=True, help_text="Пусто — черновик.")

    objects = ConsentDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "документ согласия"
        verbose_name_plural = "документы согласий"
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="consent_document_version_unique"),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(sha256__regex=r"^[0-9a-f]{64}$"), name="consent_document_hashed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, редакция {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValidationError when a published version would be changed."""
        stored = ConsentDocument.objects.filter(pk=self.pk).first() if self.pk else None
        if stored and stored.published_at:
            raise ValidationError("Опубликованную редакцию изменить нельзя. Создайте новую.", code="published")
        self.sha256 = hashlib.sha256(f"{self.title}\n{self.summary}\n{self.text}".encode()).hexdigest()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises ValidationError for a published version: it is the proof of what people agreed to."""
        if self.published_at:
            raise ValidationError("Опубликованную редакцию удалить нельзя.", code="published")
        return super().delete(*args, **kwargs)

    @property
    def summary_points(self) -> list[str]:
        """The lines of the summary."""
        return [line.strip() for line in self.summary.splitlines() if line.strip()]

    @property
    def blocks(self) -> list[Block]:
        """The text cut into what `components/legal_text.html` draws: an empty line divides, «## » marks a heading."""
        pieces = re.split(r"\n\s*\n", self.text.replace("\r\n", "\n").strip())
        return [Block(piece.removeprefix("## ").strip(), piece.startswith("## ")) for piece in map(str.strip, pieces)]


class ConsentAction(models.TextChoices):
    GIVEN = "given", "дано"
    ACKNOWLEDGED = "acknowledged", "ознакомлен"
    WITHDRAWN = "withdrawn", "отозвано"


class ConsentEventQuerySet(models.QuerySet["ConsentEvent"]):
    def last_words(self, user: User) -> dict[str, ConsentEvent]:
        """The last event of `user` by purpose, whatever the version; a purpose on which nothing was said is absent."""
        events = self.filter(user=user).select_related("document").order_by("at", "pk")
        return {event.document.purpose: event for event in events}


class ConsentEvent(Permanent):
    """
    Who agreed to what, when and from where. Append-only: the proof lies on the operator (152-FZ, art. 9, part 3).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consent_events", verbose_name="пользователь"
    )
    document = models.ForeignKey(
        ConsentDocument, on_delete=models.PROTECT, related_name="events", verbose_name="документ"
    )
    action = models.CharField("действие", max_length=12, choices=ConsentAction)
    sha256 = models.CharField("SHA-256 показанного текста", max_length=64)
    at = models.DateTimeField("когда", default=timezone.now)
    ip = models.GenericIPAddressField("IP-адрес", null=True)
    user_agent = models.CharField("браузер", max_length=300, blank=True)

    objects = ConsentEventQuerySet.as_manager()

    class Meta:
        verbose_name = "событие согласия"
        verbose_name_plural = "журнал согласий"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "document", "-at"], name="consent_event_latest")]

    def __str__(self) -> str:
        return f"{self.document}: {self.get_action_display()}"
