"""Texts that are not out yet, for those who publish them."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse

from requests_app.start_page.base import Block, BlockKind, Figure, Viewer
from rsmportal.content.models import News


def news(viewer: Viewer) -> Block:
    counts = News.objects.aggregate(
        draft=Count("pk", Q(published_at=None)),
        planned=Count("pk", Q(published_at__gt=viewer.now)),
        published=Count("pk", Q(published_at__lte=viewer.now)),
    )
    labels = {"draft": "Черновики", "planned": "Ждут своего времени", "published": "Опубликованы"}
    figures = [
        Figure(label=label, count=counts[state], address=f"{reverse('admin:content_news_changelist')}?state={state}")
        for state, label in labels.items()
    ]
    return Block(name="news", title="Новости", figures=figures)


BLOCKS = [BlockKind(name="news", permissions=["content.change_news"], make=news)]
