from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from rsmportal.content.models import News, NewsQuerySet


class StateFilter(admin.SimpleListFilter):
    title = "состояние"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("published", "Опубликованы"), ("planned", "Ждут своего времени"), ("draft", "Черновики")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[News]) -> QuerySet[News]:
        now = timezone.now()
        conditions: dict[str | None, dict[str, Any]] = {
            "published": {"published_at__lte": now},
            "planned": {"published_at__gt": now},
            "draft": {"published_at": None},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


class NewsForm(forms.ModelForm[News]):
    class Meta:
        model = News
        fields = ["title", "slug", "summary", "body", "published_at"]
        widgets = {
            "summary": AdminTextareaWidget(attrs={"rows": 3}),
            "body": AdminTextareaWidget(attrs={"rows": 16}),
        }


@admin.register(News)
class NewsAdmin(admin.ModelAdmin[News]):
    form = NewsForm
    list_display = ["title", "state", "published_at"]
    list_filter = [StateFilter]
    ordering = [F("published_at").desc(nulls_first=True), "-pk"]
    search_fields = ["title", "summary"]
    search_help_text = "Слово из заголовка или краткого содержания"
    prepopulated_fields = {"slug": ["title"]}
    actions = ["publish"]

    def view_on_site(self, obj: News) -> str:
        return obj.get_absolute_url()

    @admin.display(description="состояние")
    def state(self, news: News) -> str:
        if news.published_at is None:
            return "Черновик"
        return "Опубликована" if news.is_published else "Выйдет в назначенное время"

    @admin.action(description="Опубликовать сейчас", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: NewsQuerySet) -> None:
        """Drafts and planned news come out now; what is out already keeps its date."""
        now = timezone.now()
        count = queryset.exclude(published_at__lte=now).update(published_at=now)
        self.message_user(request, f"Опубликовано новостей: {count}.")
