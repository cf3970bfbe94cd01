"""Forms that are not of one service: what every form with files shares, messages, steps of the life cycle."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict

from accounts.models import User
from requests_app.attachments import (
    ANY_KIND,
    MAX_FILE_SIZE,
    MAX_FILES,
    MAX_TOTAL_SIZE,
    PHOTOS,
    CheckedFile,
    check,
)
from requests_app.codes import USUAL_REASONS, RefusalReason
from requests_app.lifecycle import Transition
from requests_app.models.attachment import Attachment

MAX_TEXT = 4000  # characters of a message


class LongText(forms.Textarea):
    """A text of several lines. Browsers count a line's end as one character and send two; one is kept."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        return typed.replace("\r\n", "\n") if isinstance(typed, str) else typed


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile[Any]]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else list(files.get(name, []))


class FilesField(forms.FileField):
    """
    Several files at once; `clean` gives a list of `CheckedFile`. Raises `FilesRefused`, which names each file that is
    wrong and holds the good ones, so that the page can keep them.
    """

    widget = FilesInput

    def __init__(self, *, photos_only: bool = False, **kwargs: Any) -> None:
        self.accepted = PHOTOS if photos_only else ANY_KIND
        endings = ",".join(f".{ending}" for ending in self.accepted.endings)
        limit = f"{MAX_FILE_SIZE // 2**20}\N{NO-BREAK SPACE}МБ"
        kwargs.setdefault("widget", FilesInput(attrs={"accept": endings}))
        kwargs.setdefault("help_text", f"До {MAX_FILES} файлов, каждый до {limit}: {self.accepted.words}")
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:
        uploads: list[UploadedFile[Any]] = [upload for upload in data or [] if upload]
        if self.required and not uploads:
            raise ValidationError("Приложите файл.", code="required")
        _check_amount(uploads)
        good: list[CheckedFile] = []
        refusals: list[ValidationError] = []
        for upload in uploads:
            try:
                good.append(check(upload, accepted=self.accepted))
            except ValidationError as refusal:
                refusals.append(refusal)
        if refusals:
            raise FilesRefused(refusals, good=good)
        return good


def _check_amount(uploads: list[UploadedFile[Any]]) -> None:
    """Before any of them is read into memory."""
    if len(uploads) > MAX_FILES:
        raise ValidationError(f"Выбрано файлов: {len(uploads)}, можно не больше {MAX_FILES}.", code="too_many")
    if sum(upload.size or 0 for upload in uploads) > MAX_TOTAL_SIZE:
        limit = f"{MAX_TOTAL_SIZE // 2**20}\N{NO-BREAK SPACE}МБ"
        message = f"Вместе файлы больше {limit}. Приложите часть сейчас, остальные — сообщением к заявке."
        raise ValidationError(message, code="too_large_together")


class FilesRefused(ValidationError):
    """Some files were refused; `good` are those that were not."""

    def __init__(self, refusals: list[ValidationError], *, good: list[CheckedFile]) -> None:
        super().__init__(list(refusals))
        self.good = good


class FilesForm(forms.BaseForm):
    """
    A form with files that loses nothing. `key` makes its sending idempotent, and the files of a form that was refused
    are kept as drafts under it, so they need not be chosen again.

    `good_files` are the new files that passed, also when others beside them did not.
    """

    data: Any  # of a POST; a plain dict from code

    def __init__(
        self, *args: Any, owner: User | None, by: User | None = None, photos_only: bool = False, **kwargs: Any
    ) -> None:
        """
        `owner`: whose form it is, a consumer's or of one of the staff; `by`: who fills it in, where that is a colleague
        for somebody else, who then need not have a cabinet; `photos_only`: no documents are taken.
        """
        super().__init__(*args, **kwargs)
        self.owner: Any = owner
        self.by: Any = by or owner
        self.good_files: list[CheckedFile] = []
        self.key = uuid.uuid4()
        self.fields["submission_key"] = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=self.key)
        self.fields["files"] = FilesField(
            label="Фотографии" if photos_only else "Файлы", required=False, photos_only=photos_only
        )
        if self.is_bound:
            self._read_key()

    def _read_key(self) -> None:
        try:
            self.key = uuid.UUID(str(self.data.get(self.add_prefix("submission_key"))))
        except ValueError:  # missing or broken: then this is a sending of its own
            self._write_key()

    def _write_key(self) -> None:
        self.data = self.data.copy()
        self.data[self.add_prefix("submission_key")] = str(self.key)

    def renew_key(self) -> None:
        """Make the page that is drawn next a new sending, with the files kept for this one."""
        _ = self.kept_files  # looked up while the key is still the old one
        self.key = uuid.uuid4()
        self._write_key()

    @cached_property
    def kept_files(self) -> list[Attachment]:
        """Files of an earlier try, less those that were ticked for removal."""
        if not self.is_bound:
            return []
        removed = self.data.getlist("remove_file") if hasattr(self.data, "getlist") else []
        drafts = Attachment.objects.drafts(uploader=self.by, key=self.key)
        return [draft for draft in drafts if str(draft.pk) not in removed]

    def show_as_typed(self) -> None:
        """
        Draw what was typed without judging it: the form was sent for something else than to be done. Only what became
        of the files is said, since they have to be chosen again.
        """
        judged = self.errors
        self._errors = ErrorDict({name: judged[name] for name in ("files",) if name in judged})

    def add_error(self, field: str | None, error: Any) -> None:
        if isinstance(error, FilesRefused):
            self.good_files = error.good
        super().add_error(field, error)

    def clean_files(self) -> list[CheckedFile]:
        self.good_files = self.cleaned_data["files"]
        return self.good_files

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._drop_doubles()
        if len(self.good_files) + len(self.kept_files) > MAX_FILES:
            self._refuse_new_files("too_many", f"файлов больше {MAX_FILES}")
        elif sum(file.size for file in self.good_files) + sum(file.size for file in self.kept_files) > MAX_TOTAL_SIZE:
            self._refuse_new_files("too_large_together", f"файлы больше {MAX_TOTAL_SIZE // 2**20}\N{NO-BREAK SPACE}МБ")
        return cleaned

    def _drop_doubles(self) -> None:
        """A refreshed page sends the files again that were kept from it."""
        known = {file.sha256 for file in self.kept_files}
        different = {file.sha256: file for file in self.good_files if file.sha256 not in known}
        self.good_files = list(different.values())

    def _refuse_new_files(self, code: str, problem: str) -> None:
        """Keeping them all the same would let a form grow without end."""
        self.good_files = []
        message = (
            f"Вместе {problem}. Новые не приложены: уберите лишние и выберите снова или пришлите остальные "
            "сообщением к заявке."
        )
        self.add_error("files", ValidationError(message, code=code))


class MessageForm(FilesForm, forms.Form):
    """What one side writes to the other."""

    body = forms.CharField(label="Сообщение", max_length=MAX_TEXT, widget=LongText(attrs={"rows": 5}))


class TransitionForm(FilesForm, forms.Form):
    """The text and files that go with a step of the life cycle."""

    comment = forms.CharField(max_length=MAX_TEXT, widget=LongText(attrs={"rows": 6}))

    def __init__(self, *args: Any, transition: Transition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = transition.comment_label or "Комментарий"
        self.fields["comment"].required = transition.needs_comment
        if transition.needs_reason:
            # radio buttons: a list would come with its first reason chosen
            reasons = [RefusalReason(reason) for reason in transition.reasons or USUAL_REASONS]
            self.fields["refusal_reason"] = forms.ChoiceField(
                label="Основание отказа",
                choices=[(reason.value, reason.label) for reason in reasons],
                widget=forms.RadioSelect,
            )
            self.order_fields(["refusal_reason", "comment"])
