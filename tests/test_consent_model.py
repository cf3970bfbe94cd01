"""Published texts never change, events are only added, and the texts we begin with are whole."""

import hashlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import ConsentAction, ConsentDocument, ConsentEvent, Purpose
from tests.factories import ConsumerFactory, publish

pytestmark = pytest.mark.django_db


def draft(**fields):
    return ConsentDocument.objects.create(purpose=Purpose.NEWS, version=2, **{"title": "Новости", "text": "Т"} | fields)


def event(**fields):
    document = ConsentDocument.objects.get(purpose=Purpose.NEWS, version=1)
    answers = {"document": document, "action": ConsentAction.GIVEN, "sha256": document.sha256}
    return ConsentEvent.objects.create(**answers | fields)


def code_of(refused):
    return refused.value.code


# -- Documents ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", Purpose)
def test_portal_begins_with_every_text_published(purpose):
    document = ConsentDocument.objects.current(purpose)

    assert document.version == 1
    assert document.title
    assert "ООО «Ростсельмашэнерго»" in document.text
    assert "{" not in document.title + document.summary + document.text
    shown = f"{document.title}\n{document.summary}\n{document.text}"
    assert document.sha256 == hashlib.sha256(shown.encode()).hexdigest()


def test_draft_is_edited_and_hashed_anew():
    document = draft()
    before = document.sha256

    document.text = "Исправлено"
    document.save()

    assert document.sha256 != before
    assert document.sha256 == hashlib.sha256("Новости\n\nИсправлено".encode()).hexdigest()


@pytest.mark.parametrize("days", [-1, 1])
def test_published_text_is_neither_changed_nor_deleted(days):
    document = draft(published_at=timezone.now() + timedelta(days=days))
    document.text = "Исправлено"

    with pytest.raises(ValidationError) as changed:
        document.save()
    with pytest.raises(ValidationError) as deleted:
        document.delete()

    assert code_of(changed) == code_of(deleted) == "published"
    assert ConsentDocument.objects.get(pk=document.pk).text == "Т"


def test_publishing_cannot_be_taken_back():
    document = draft(published_at=timezone.now())
    document.published_at = None

    with pytest.raises(ValidationError) as refused:
        document.save()

    assert code_of(refused) == "published"


def test_draft_may_be_deleted():
    document = draft()

    document.delete()

    assert not ConsentDocument.objects.filter(version=2)


def test_version_is_given_once():
    draft()

    with pytest.raises(IntegrityError), transaction.atomic():
        draft()


def test_published_text_has_its_hash():
    document = draft()

    with pytest.raises(IntegrityError, match="consent_document_hashed"), transaction.atomic():
        ConsentDocument.objects.filter(pk=document.pk).update(published_at=timezone.now(), sha256="")


def test_current_is_the_newest_that_is_in_force():
    now = timezone.now()
    draft(published_at=now + timedelta(days=1))

    assert ConsentDocument.objects.current(Purpose.NEWS).version == 1
    assert ConsentDocument.objects.current(Purpose.NEWS, at=now + timedelta(days=2)).version == 2
    assert ConsentDocument.objects.current(Purpose.NEWS, at=now - timedelta(days=9999)) is None


def test_text_is_cut_into_paragraphs_and_headings():
    document = ConsentDocument(text="Вступление,\r\nвторая строка\r\n\r\n## Права\n\nАбзац с ## внутри\n \n\nКонец\n")

    assert [(block.text, block.is_heading) for block in document.blocks] == [
        ("Вступление,\nвторая строка", False),
        ("Права", True),
        ("Абзац с ## внутри", False),
        ("Конец", False),
    ]


def test_summary_is_cut_into_points():
    assert ConsentDocument(summary="Первое.\r\n\r\n Второе. \n").summary_points == ["Первое.", "Второе."]
    assert ConsentDocument(summary="").summary_points == []


# -- Events ---------------------------------------------------------------------------------------------------------


def test_event_is_neither_changed_nor_deleted():
    given = event(user=ConsumerFactory().user)
    given.action = ConsentAction.WITHDRAWN

    with pytest.raises(ValidationError) as changed:
        given.save()
    with pytest.raises(ValidationError) as deleted:
        given.delete()

    assert code_of(changed) == code_of(deleted) == "append_only"
    assert ConsentEvent.objects.get().action == ConsentAction.GIVEN


def test_event_keeps_its_user_and_its_text():
    given = event(user=ConsumerFactory().user)

    with pytest.raises(ProtectedError):
        given.user.consent_events.model.document.get_queryset().filter(pk=given.document_id).delete()
    with pytest.raises(ProtectedError):
        type(given.user).objects.filter(pk=given.user_id).delete()


def test_last_words_are_the_latest_of_each_purpose_and_of_nobody_else():
    user, now = ConsumerFactory().user, timezone.now()
    event(user=user, at=now)
    newer = publish(Purpose.NEWS)
    withdrawn = event(user=user, document=newer, action=ConsentAction.WITHDRAWN, at=now + timedelta(seconds=2))
    event(user=user, at=now + timedelta(seconds=1))
    event(user=ConsumerFactory().user, at=now + timedelta(seconds=3))

    assert ConsentEvent.objects.last_words(user) == {Purpose.NEWS: withdrawn}
