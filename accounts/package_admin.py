"""What the packages bring along to the desk: letters and groups of staff as ours, the rest taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import auditlog.admin  # noqa: F401  registers its table, which is unregistered at the end
import axes.admin  # noqa: F401  registers its tables, likewise
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin
from django.contrib.admin.filters import ChoicesFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime
from post_office.admin import EmailAdmin
from post_office.models import STATUS, Attachment, Email, EmailTemplate, Log

from rsmportal.admin_lookups import AllowListedLookups

# post_office has no Russian words for all of them
_STATES = {
    STATUS.sent: "отправлено",
    STATUS.failed: "не отправлено",
    STATUS.queued: "в\N{NO-BREAK SPACE}очереди",
    STATUS.requeued: "ждёт новой попытки",
}


class LetterStates(ChoicesFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "состояние"

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        names = dict(Email.STATUS_CHOICES)
        words = {str(names[state]): word for state, word in _STATES.items()}
        for choice in super().choices(changelist):
            yield {**choice, "display": words.get(str(choice["display"]), choice["display"])}


class LetterAdmin(EmailAdmin):  # type: ignore[misc]  # post_office has no types
    """
    The queue of letters. Ours are rendered before they are queued; the `context` of a row holds its files, and
    post_office's own list would fail on it for want of a template.
    """

    list_display = ["written", "to_display", "subject", "state", "changed"]
    list_filter: ClassVar[list[Any]] = [("status", LetterStates)]
    actions = ["send_again"]
    inlines: ClassVar[list[Any]] = []
    fields = ["written", "to_display", "subject", "state", "changed", "render_html_body", "failures"]
    readonly_fields = fields
    show_full_result_count = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {}  # post_office's own widget has a style in it
    export_display = [
        ("created", "Написано"),
        ("to", "Кому"),
        ("subject", "Тема"),
        ("status", "Состояние"),
        ("last_updated", "Изменено"),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Email | None = None) -> list[tuple[None, dict[str, Any]]]:
        return [(None, {"fields": self.fields})]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A letter is not edited: there is nothing to save."""
        context = {**(extra_context or {}), "show_save": False, "show_save_and_continue": False}
        page: HttpResponse = super().change_view(request, object_id, form_url, context)
        return page

    @admin.display(description="Ошибки отправки")
    def failures(self, letter: Email) -> SafeString | str:
        logs = letter.logs.exclude(status=STATUS.sent).order_by("pk")
        told = ((date_format(localtime(log.date), "d.m.Y H:i"), log.exception_type, log.message) for log in logs)
        return format_html_join(mark_safe("<br>"), "{}: {} {}", told) or "нет"

    @admin.display(description="Написано", ordering="created")
    def written(self, letter: Email) -> Any:
        return letter.created

    @admin.display(description="Состояние", ordering="status")
    def state(self, letter: Email) -> str:
        return _STATES.get(letter.status, "")

    @admin.display(description="Изменено", ordering="last_updated")
    def changed(self, letter: Email) -> Any:
        return letter.last_updated

    @admin.action(description="Отправить ещё раз", permissions=["change"])
    def send_again(self, request: HttpRequest, letters: QuerySet[Email]) -> None:
        """Into the queue; the worker takes them up."""
        letters.update(status=STATUS.queued)

    @admin.display(description="Письмо")
    def render_html_body(self, letter: Email) -> SafeString:
        """On a page of its own, in a sandbox; post_office's link to it has a style in it."""
        address = reverse("admin:post_office_email_preview", args=[letter.pk])
        return format_html('<a href="{}" target="_blank" rel="noopener">Открыть письмо</a>', address)


admin.site.unregister(Email)
admin.site.register(Email, LetterAdmin)


class PermissionsField(forms.ModelMultipleChoiceField[Permission]):
    """Permissions in Russian: Django stores «Can view счёт», in the language of its own source."""

    _ACTIONS: ClassVar[dict[str, str]] = {
        "add": "добавлять",
        "change": "изменять",
        "delete": "удалять",
        "view": "смотреть",
    }

    def label_from_instance(self, obj: Permission) -> str:
        """«Счёт: смотреть», «Счёт: может выставлять счета»."""
        kind = obj.content_type
        action = self._ACTIONS.get(obj.codename.removesuffix(f"_{kind.model}"))
        return f"{capfirst(kind.name)}: {action or obj.name[:1].lower() + obj.name[1:]}"


class GroupAdmin(AllowListedLookups[Group], DjangoGroupAdmin):
    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], *args: Any, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, *args, form_class=PermissionsField, **kwargs)


admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)


# Of auditlog: `Change` shows its table. Of axes: a lock-out ends by itself in a quarter of an hour. Of post_office: our
# letters are templates of ours, their page tells why they were not sent, and nobody edits what was tried.
admin.site.unregister([AccessAttempt, AccessFailureLog, AccessLog, Attachment, EmailTemplate, Log, LogEntry])
