"""What the packages bring along to the desk: the queue of letters as ours, the rest taken away."""

from __future__ import annotations

from typing import Any, ClassVar

import auditlog.admin  # noqa: F401  registers its table, which is unregistered at the end
import axes.admin  # noqa: F401  registers its tables, likewise
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from post_office.admin import EmailAdmin
from post_office.models import Email, EmailTemplate


class LetterAdmin(EmailAdmin):  # type: ignore[misc]  # post_office has no types
    """
    The queue of letters. Ours are rendered before they are queued; the `context` of a row holds its files, and
    post_office's own list would fail on it for want of a template.
    """

    list_display = ["truncated_message_id", "to_display", "subject", "status", "created", "last_updated"]
    list_filter = ["status"]
    show_full_result_count = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {}  # post_office's own widget has a style in it
    export_display = [
        ("created", "Написано"),
        ("to", "Кому"),
        ("subject", "Тема"),
        ("status", "Состояние"),
        ("last_updated", "Изменено"),
    ]

    @admin.display(description="Письмо")
    def render_html_body(self, letter: Email) -> SafeString:
        """On a page of its own, in a sandbox; post_office's link to it has a style in it."""
        address = reverse("admin:post_office_email_preview", args=[letter.pk])
        return format_html('<a href="{}" target="_blank" rel="noopener">Открыть письмо</a>', address)


admin.site.unregister(Email)
admin.site.register(Email, LetterAdmin)


# Of auditlog: `Change` shows its table. Of axes: a lock-out ends by itself in a quarter of an hour. Of post_office: our
# letters are templates of ours.
admin.site.unregister([AccessAttempt, AccessFailureLog, AccessLog, EmailTemplate, LogEntry])
