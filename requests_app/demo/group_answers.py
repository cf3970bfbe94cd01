"""An outage that three consumers asked about, answered to all of them at once."""

import uuid

from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.admin.group_answer import GroupAnswerForm
from requests_app.codes import Category
from requests_app.demo.people import CONSUMERS, OPERATOR
from requests_app.demo.stories import Story, make_requests, post, story_key
from requests_app.models import GroupAnswer, ServiceRequest

_KEY = uuid.UUID("0b7f1d0e-5f0c-4d5e-9a47-1f1d7f6a2c55")
_QUESTIONS = (
    "Вчера вечером на Менжинского два часа не было света. Что произошло и повторится ли это?",
    "Почему 18 ноября отключали электричество без предупреждения? Испортились продукты в витрине.",
    "Просим сообщить причину отключения корпуса 3 и срок, когда линию приведут в порядок.",
)
_STORIES = tuple(
    Story(
        name=f"outage {owner}",
        service="inquiry",
        owner=owner,
        days_ago=5,
        answers={
            "topic": "transmission",
            "question": question,
            "object_address": "г. Ростов-на-Дону, ул. Менжинского, 4",
        },
        steps=(("take", ""),) if owner != "person@example.org" else (),
    )
    for owner, question in zip(CONSUMERS, _QUESTIONS, strict=True)
)
_ANSWER = (
    "Здравствуйте! Электричества не было из-за повреждения кабеля 6 кВ на улице Менжинского: его задели при земляных "
    "работах. Кабель заменён, напряжение восстановлено в тот же вечер. Приносим извинения за неудобства."
)


def make_group_answer() -> None:
    """Tell the stories and answer them together, unless that was done before."""
    operator = User.objects.get(email=OPERATOR)
    if GroupAnswer.objects.filter(by=operator, submission_key=_KEY).exists():
        return
    make_requests(_STORIES)
    keys = [story_key(story) for story in _STORIES]
    asked = list(ServiceRequest.objects.filter(submission_key__in=keys).order_by("pk"))
    data = post(
        {
            "submission_key": _KEY,
            "requests": tuple(service_request.pk for service_request in asked),
            "comment": _ANSWER,
            "category": Category.APPEAL_TRANSMISSION,
            "measures_done": "Кабель заменён, причина отключения разъяснена",
            "measures_planned": "Обозначить трассу кабеля на местности",
            "seen_at": timezone.now().isoformat(),
        }
    )
    form = GroupAnswerForm(data, owner=operator, chosen=asked)
    if not form.is_valid():
        raise ValueError(f"Demo group answer: {form.errors.as_json()}")
    actions.answer_together(asked, form=form, seen_at=form.cleaned_data["seen_at"], by=operator)
