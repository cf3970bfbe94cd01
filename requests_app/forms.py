"""Forms that are not of one service: what every form with files shares, messages, steps of the life cycle."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from requests_app.attachments import MAX_FILES, MAX_TOTAL_SIZE, CheckedFile, FilesField, FilesRefused
from requests_app.codes import RefusalReason
from requests_app.lifecycle import Transition
from requests_app.models.attachment import Attachment


class FilesForm(forms.BaseForm):
    """
    A form with files that loses nothing. `submission_key` makes sending idempotent, and files of a form that was
    refused are kept as drafts under that key, so they need not be chosen again.
    """

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        self._refused_beside: list[CheckedFile] = []
        self.fields["submission_key"] = forms.UUIDField(
            widget=forms.HiddenInput, required=False, initial=uuid.uuid4
        )
        self.fields["files"] = FilesField(label="Файлы", required=False)

    @property
    def key(self) -> uuid.UUID:
        """The submission key that was sent; a new one when it is missing or broken."""
        if not hasattr(self, "_key"):
            try:
                self._key = uuid.UUID(self.data.get(self.add_prefix("submission_key"), ""))
            except ValueError:
                self.renew_key()
        return self._key

    def renew_key(self) -> None:
        """Make the page that is drawn next a new sending."""
        self._key = uuid.uuid4()
        self.data = self.data.copy()
        self.data[self.add_prefix("submission_key")] = str(self._key)

    @property
    def good_files(self) -> list[CheckedFile]:
        """Files of this sending that passed, also when others beside them did not."""
        return self.cleaned_data.get("files") or self._refused_beside

    @property
    def kept_files(self) -> list[Attachment]:
        """Files of an earlier try, less those that the consumer ticked for removal."""
        if not self.is_bound:
            return []
        drafts = Attachment.objects.drafts(uploader=self.owner, key=self.key)
        removed = self.data.getlist("remove_file") if hasattr(self.data, "getlist") else []
        return [draft for draft in drafts if str(draft.pk) not in removed]

    def add_error(self, field: str | None, error: Any) -> None:
        if isinstance(error, FilesRefused):
            self._refused_beside = error.good
        super().add_error(field, error)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        together = [*self.good_files, *self.kept_files]
        if len(together) > MAX_FILES:
            message = f"Приложено файлов: {len(together)}, можно не больше {MAX_FILES}. Уберите лишние."
            self.add_error("files", ValidationError(message, code="too_many"))
        elif sum(file.size for file in together) > MAX_TOTAL_SIZE:
            limit = MAX_TOTAL_SIZE // 2**20
            message = f"Вместе файлы больше {limit} МБ. Приложите часть сейчас, остальные — сообщением к заявке."
            self.add_error("files", ValidationError(message, code="too_large_together"))
        return cleaned


class MessageForm(FilesForm, forms.Form):
    """What one side writes to the other."""

    body = forms.CharField(label="Сообщение", max_length=4000, min_length=2, widget=forms.Textarea(attrs={"rows": 5}))


class TransitionForm(FilesForm, forms.Form):
    """The text and files that go with a step of the life cycle."""

    comment = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, transition: Transition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = transition.comment_label or "Комментарий"
        self.fields["comment"].required = transition.needs_comment
        if transition.name == "refuse":
            self.fields["refusal_reason"] = forms.ChoiceField(label="Основание отказа", choices=RefusalReason.choices)
