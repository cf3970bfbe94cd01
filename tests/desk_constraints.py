"""What the database refuses of answers that are being written, of letters, of what requests are about, of retention."""

from django.utils import timezone

from requests_app.models import (
    AnswerDraft,
    CannedReply,
    Letter,
    PlaceKey,
    Presence,
    RetentionRule,
)
from tests.factories import ServiceRequestFactory, StaffFactory


def _draft(times=1, **values):
    def make():
        row = {"service_request": ServiceRequestFactory(), "author": StaffFactory(), "form": "answer", "answers": "a=b"}
        for _ in range(times):
            AnswerDraft.objects.create(**{**row, **values})

    return make


def _looks_twice():
    row = {"service_request": ServiceRequestFactory(), "user": StaffFactory(), "seen_at": timezone.now()}
    for _ in range(2):
        Presence.objects.create(**row)


def _reply(**values):
    return lambda: CannedReply.objects.create(**{"title": "Наш ответ", "text": "Здравствуйте.", **values})


def _offered_twice():
    reply = CannedReply.objects.create(title="Наш ответ", text="Здравствуйте.")
    for _ in range(2):
        reply.services.create(service="inquiry")


def _place(times=1, **values):
    def make():
        row = {"service_request": ServiceRequestFactory(), "kind": "serial", "key": "77", **values}
        for _ in range(times):
            PlaceKey.objects.create(**row)

    return make


def _rule(**values):
    return lambda: RetentionRule.objects.update(**values)


DESK_BREAKS = {
    "answer_draft_once": [_draft(times=2)],
    "answer_draft_not_empty": [_draft(answers="")],
    "presence_once": [_looks_twice],
    "canned_reply_not_empty": [_reply(title=""), _reply(text="")],
    "canned_reply_service_once": [_offered_twice],
    "letter_addressee_known": [
        lambda: Letter.objects.create(service_request=ServiceRequestFactory(), to="nobody", subject="Ответ")
    ],
    "place_key_once": [_place(times=2)],
    "place_key_not_empty": [_place(key="")],
    "place_key_kind_known": [_place(kind="owner")],
    "retention_rule_days": [_rule(days=29)],
    "retention_rule_has_basis": [_rule(basis="")],
    "retention_rule_known": [lambda: RetentionRule.objects.filter(what="views").update(what="letters")],
}
