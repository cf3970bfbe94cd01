"""The queue of letters, for administrators."""

from django.contrib import admin
from django.utils.text import Truncator
from post_office.admin import EmailAdmin
from post_office.models import Email

admin.site.unregister(Email)


@admin.register(Email)
class LetterAdmin(EmailAdmin):  # type: ignore[misc]  # the package has no types
    """The package's own takes a letter with files for one of its templates, and its list then fails."""

    export_display = [
        ("created", "Написано"),
        ("to", "Кому"),
        ("subject", "Тема"),
        ("status", "Состояние"),
        ("last_updated", "Изменено"),
    ]

    @admin.display(description="тема", ordering="subject")
    def shortened_subject(self, instance: Email) -> str:
        return Truncator(instance.subject).chars(100)
