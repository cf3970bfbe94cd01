"""
Requests of the demo consumers, one story each: every service in every state, some late, one disputed.

Each goes through the real actions, then its dates are moved into the past. The key of a story is made from its name,
so running it again changes nothing.
"""

import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from PIL import Image, ImageDraw

from accounts.models import User
from requests_app import actions, services
from requests_app.deadlines import DayKind, due_date
from requests_app.demo.people import OPERATOR
from requests_app.forms import MessageForm, TransitionForm
from requests_app.models import CalendarDay, ServiceRequest

_NAMESPACE = uuid.UUID("6f9a3a52-6a3c-4f0e-9d5c-2b1d6f3f7a10")


@dataclass(frozen=True)
class Ago:
    """A moment so many days before now, at a full hour, as a form takes it."""

    days: int
    hour: int

    def __str__(self) -> str:
        moment = timezone.localtime() - timedelta(days=self.days)
        return moment.replace(hour=self.hour).strftime("%Y-%m-%dT%H:00")


@dataclass(frozen=True, kw_only=True)
class Story:
    """Who asked for what, how long ago, and which steps followed: (name of the transition, text)."""

    name: str
    service: str
    owner: str
    days_ago: int
    answers: Mapping[str, Any]
    steps: tuple[tuple[str, str], ...] = ()
    with_photo: bool = False
    colleague: str = OPERATOR  # who handles it
    reason: str = "not_ours"  # of a refusal


def make_requests(stories: tuple[Story, ...]) -> int:
    """Tell the stories that were not told before; returns how many. No letters go out for them."""
    oldest_first = sorted(stories, key=lambda story: -story.days_ago)  # so that numbers grow with time
    return sum(_tell(story) for story in oldest_first)


def story_key(story: Story) -> uuid.UUID:
    """Of the sending of its request: the same each time."""
    return uuid.uuid5(_NAMESPACE, story.name)


def _tell(story: Story) -> bool:
    owner = User.objects.get(email=story.owner)
    key = story_key(story)
    if ServiceRequest.objects.filter(owner=owner, submission_key=key).exists():
        return False
    with transaction.atomic():
        service_request = _submit(story, owner, key)
        for number, (step, text) in enumerate(story.steps):
            _step(story, service_request, step, text, key=uuid.uuid5(key, f"{number}"))
            service_request.refresh_from_db()
        move_into_past(service_request, timedelta(days=story.days_ago))
    return True


def _submit(story: Story, owner: User, key: uuid.UUID) -> ServiceRequest:
    service = services.get(story.service)
    data = post({"reply_channel": "cabinet", "submission_key": key, **story.answers})
    form = service.form_class(data, drawn_photo() if story.with_photo else MultiValueDict(), owner=owner)
    if not form.is_valid():
        raise ValueError(f"Demo story {story.name}: {form.errors.as_json()}")
    return actions.submit(service=service, form=form, by=owner)


def _step(story: Story, service_request: ServiceRequest, name: str, text: str, *, key: uuid.UUID) -> None:
    owner = User.objects.get(email=story.owner)
    if name == "message":
        message = MessageForm(post({"body": text, "submission_key": key}), owner=owner)
        message.is_valid()
        actions.post_message(service_request, form=message, by=owner)
        return
    transition = service_request.kind.life.get(name)
    by = owner if transition.actor == "consumer" else User.objects.get(email=story.colleague)
    data = post({"comment": text, "refusal_reason": story.reason, "submission_key": key})
    form = TransitionForm(data, owner=by, transition=transition)
    if not form.is_valid():
        raise ValueError(f"Demo step {name}: {form.errors.as_json()}")
    actions.transition(service_request, name, by=by, form=form)


def move_into_past(service_request: ServiceRequest, age: timedelta) -> None:
    """Shift the whole story back, one step a day after the first, and count its term from there."""
    start = timezone.now() - age
    is_working = CalendarDay.objects.working_day_check()
    due_on = due_date(
        start=timezone.localdate(start),
        days=service_request.term_days,
        kind=DayKind(service_request.term_day_kind),
        is_working=is_working,
    )
    last = start
    for number, change in enumerate(service_request.status_changes.order_by("pk")):
        last = min(start + timedelta(days=number, hours=number), timezone.now())
        service_request.status_changes.filter(pk=change.pk).update(at=last)
    for number, message in enumerate(service_request.messages.order_by("pk"), start=1):
        moment = min(start + timedelta(days=number + 1, hours=number), timezone.now())
        service_request.messages.filter(pk=message.pk).update(created_at=moment)
    ServiceRequest.objects.filter(pk=service_request.pk).update(submitted_at=start, due_on=due_on)
    ServiceRequest.objects.filter(pk=service_request.pk, answered_at__isnull=False).update(answered_at=last)
    ServiceRequest.objects.filter(pk=service_request.pk, closed_at__isnull=False).update(closed_at=last)
    ServiceRequest.objects.filter(pk=service_request.pk, assigned_at__isnull=False).update(
        assigned_at=F("submitted_at") + timedelta(days=1)
    )


def post(answers: Mapping[str, Any]) -> QueryDict:
    """The answers as a browser sends them."""
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(name, [str(each) for each in value] if isinstance(value, tuple) else [str(value)])
    return data


def drawn_photo(name: str = "Фото счётчика.jpg") -> MultiValueDict[str, Any]:
    """A drawn picture of a meter, so that the demo has a file without a photo of anybody's."""
    image = Image.new("RGB", (640, 480), "#d8dee8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 80, 520, 400), fill="#ffffff", outline="#0b2549", width=6)
    draw.rectangle((180, 160, 460, 230), fill="#1b2431")
    for number, digit in enumerate("01423"):
        draw.text((200 + number * 52, 180), digit, fill="#ffffff", font_size=32)
    content = io.BytesIO()
    image.save(content, "JPEG")
    upload = SimpleUploadedFile(name, content.getvalue(), "image/jpeg")
    return MultiValueDict({"files": [upload]})
