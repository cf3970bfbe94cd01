from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone


class NewsQuerySet(models.QuerySet["News"]):
    def published(self, *, at: datetime | None = None) -> Self:
        """What readers may see `at` that moment (now, unless told)."""
        return self.filter(published_at__lte=at or timezone.now())

    def of_year(self, year: int) -> Self:
        return self.filter(published_at__year=year)

    def years(self) -> list[int]:
        """The years in which something came out, newest first."""
        return [moment.year for moment in self.datetimes("published_at", "year", order="DESC")]


class News(models.Model):
    """One piece of news. Plain text: an editor cannot break a page, and a stolen editor's account cannot script one."""

    title = models.CharField("заголовок", max_length=200)
    slug = models.SlugField("адрес", max_length=80, unique=True, help_text="Конец адреса страницы: /news/…/")
    summary = models.CharField("коротко", max_length=400, help_text="Одно-два предложения для списка новостей.")
    body = models.TextField(
        "текст", help_text="Абзацы разделяйте пустой строкой. Адреса сайтов и почты станут ссылками."
    )
    published_at = models.DateTimeField(
        "опубликовать",
        null=True,
        blank=True,
        help_text="Пусто — черновик. Время в будущем — новость выйдет сама.",
    )

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = "новость"
        verbose_name_plural = "новости"
        ordering = ["-published_at", "-pk"]
        indexes = [models.Index(fields=["-published_at"], name="news_published")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title="") & ~models.Q(slug="") & ~models.Q(summary="") & ~models.Q(body=""),
                name="news_complete",
                violation_error_message="Заполните заголовок, адрес, краткое содержание и текст.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("news_detail", args=[self.slug])

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()
