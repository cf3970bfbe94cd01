"""
Surveys in every state: one closed with the answers of sixty made-up consumers, two open, one not published yet.

Nobody can log in as the sixty: they have no password.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.identifiers import company_inn_check_digit, ogrn_check_digit, ogrnip_check_digit, snils_check_digits
from accounts.models import Consumer, LegalForm, User
from requests_app import actions
from requests_app.demo.stories import post
from requests_app.models import ServiceRequest
from requests_app.services import survey as service
from requests_app.services.survey.form import SurveyForm
from requests_app.services.survey.kinds import Kind
from requests_app.services.survey.models import Option, Question, Survey, edition

_SUPERVISOR = "supervisor@example.org"
_PERSON = "person@example.org"
_SEED = 20260101
_NAMESPACE = uuid.UUID("2b6d5f0a-94a4-4c53-9f0e-7a1d6f3f7a10")

_SATISFIED = {"low_label": "совсем нет", "high_label": "полностью"}
_QUALITY = (
    {"kind": Kind.SCALE, "text": "Довольны ли вы сроком ответа?", **_SATISFIED},
    {
        "kind": Kind.ONE,
        "text": "Понятен ли был ответ?",
        "options": ["Да, всё понятно", "Пришлось переспросить", "Нет"],
    },
    {"kind": Kind.YES_NO, "text": "Были ли с\N{NO-BREAK SPACE}вами вежливы?"},
    {
        "kind": Kind.SEVERAL,
        "text": "Что было неудобно?",
        "options": ["Найти нужную услугу", "Заполнить форму", "Приложить файлы", "Дозвониться", "Ничего"],
        "is_required": False,
    },
    {
        "kind": Kind.POINTS,
        "text": "Посоветуете ли вы кабинет соседу?",
        "low_label": "нет",
        "high_label": "обязательно",
    },
    {"kind": Kind.TEXT, "text": "Чего не хватает?", "is_required": False},
)
_WISHES = (
    "Графика плановых отключений по моему адресу.",
    "Напоминания, когда передать показания.",
    "Чтобы счёт можно было скачать сразу за год.",
    "Ответов покороче и без ссылок на постановления.",
    "Приложения для телефона.",
    "Всё хорошо, спасибо.",
    "Записи на приём в субботу.",
    "Чтобы было видно, кто занимается заявкой.",
)
_CABINET = (
    {"kind": Kind.SCALE, "text": "Удобно ли вам в\N{NO-BREAK SPACE}кабинете?", **_SATISFIED},
    {
        "kind": Kind.SEVERAL,
        "text": "Чем вы пользуетесь?",
        "options": ["Заявки", "Показания", "Счета", "Запись на приём"],
    },
    {"kind": Kind.ONE, "text": "Откуда вы чаще заходите?", "options": ["С телефона", "С компьютера", "Поровну"]},
    {
        "kind": Kind.NUMBER,
        "text": "Сколько раз в\N{NO-BREAK SPACE}месяц?",
        "minimum": 0,
        "maximum": 100,
        "is_required": False,
    },
    {"kind": Kind.TEXT, "text": "Что исправить в\N{NO-BREAK SPACE}первую очередь?", "is_required": False},
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A survey, the days from today on which it begins and ends, and how many of the sixty have answered it."""

    title: str
    purpose: str
    days: tuple[int, int]
    questions: tuple[Mapping[str, Any], ...]
    about: Mapping[str, Any]
    is_published: bool = True
    answers: int = 0


SURVEYS = (
    Wanted(
        title="Качество обслуживания",
        purpose="Хотим знать, что исправить в\N{NO-BREAK SPACE}первую очередь. Итоги опубликуем на\N{NO-BREAK SPACE}сайте.",
        days=(-40, -10),
        questions=_QUALITY,
        about={"is_anonymous": True},
        answers=60,
    ),
    Wanted(
        title="Удобство личного кабинета",
        purpose="Выбираем, что сделать удобнее. По\N{NO-BREAK SPACE}ответам можем вам позвонить.",
        days=(-5, 25),
        questions=_CABINET,
        about={"is_anonymous": False},
        answers=9,
    ),
    Wanted(
        title="Качество электроэнергии на\N{NO-BREAK SPACE}предприятии",
        purpose="Планируем ремонт сетей на\N{NO-BREAK SPACE}следующий год.",
        days=(-2, 12),
        questions=(
            {"kind": Kind.YES_NO, "text": "Были ли у\N{NO-BREAK SPACE}вас отключения без предупреждения?"},
            {"kind": Kind.SCALE, "text": "Довольны ли вы напряжением?", **_SATISFIED},
            {"kind": Kind.TEXT, "text": "Где и\N{NO-BREAK SPACE}когда было хуже всего?", "is_required": False},
        ),
        about={"is_anonymous": True, "for_persons": False},
    ),
    Wanted(
        title="Очный приём",
        purpose="Решаем, в\N{NO-BREAK SPACE}какие часы открывать второе окно.",
        days=(7, 37),
        questions=({"kind": Kind.ONE, "text": "Когда вам удобно приходить?", "options": ["Утром", "Днём", "Вечером"]},),
        about={"is_anonymous": True, "for_companies": False},
        is_published=False,
    ),
)


def make_surveys() -> None:
    """Create what is missing. No letters go out for it."""
    for wanted in SURVEYS:
        if not Survey.objects.filter(title=wanted.title).exists():
            with transaction.atomic():
                _make(wanted)


def _make(wanted: Wanted) -> None:
    today = timezone.localdate()
    first, last = (today + timedelta(days=days) for days in wanted.days)
    survey = Survey.objects.create(
        title=wanted.title,
        purpose=wanted.purpose,
        opens_on=first,
        closes_on=max(first, last, today),  # open while it is answered
        published_at=_moment(first, 0) - timedelta(days=1) if wanted.is_published else None,
        **wanted.about,
    )
    for order, about in enumerate(wanted.questions):
        _ask(survey, order, dict(about))
    _answer(survey, wanted)
    if last < today:
        _close(survey, last)
    elif wanted.answers:
        _put_off(survey)


def _ask(survey: Survey, order: int, about: dict[str, Any]) -> None:
    options = about.pop("options", [])
    question = Question.objects.create(survey=survey, order=order, **about)
    Option.objects.bulk_create(
        Option(question=question, order=place, label=label) for place, label in enumerate(options)
    )


def _answer(survey: Survey, wanted: Wanted) -> None:
    """A few a day, from the first day on; the demo person is the first to answer what is over."""
    chance = random.Random(_SEED)  # noqa: S311  demo data, the same each time
    users = [_made_up(number) for number in range(wanted.answers)]
    if users and wanted.days[1] < 0:
        users = [User.objects.get(email=_PERSON), *users]
    length = min(wanted.days[1], 0) - wanted.days[0]
    for number, user in enumerate(users):
        day = survey.opens_on + timedelta(days=number * length // len(users))
        sent = _send(survey, user, chance)
        _move(sent, _moment(day, number))


def _send(survey: Survey, user: User, chance: random.Random) -> ServiceRequest:
    questions = survey.asked()
    data = post(
        {
            "survey": survey.pk,
            "edition": edition(survey, questions),
            "submission_key": uuid.uuid5(_NAMESPACE, f"{survey.title} {user.email}"),
        }
    )
    for question in questions:
        data.setlist(f"q{question.pk}", list(_said(question, chance)))
    form = SurveyForm(data, owner=user)
    if not form.is_valid():
        raise ValueError(f"Demo survey {survey.title}: {form.errors.as_json()}")
    return actions.submit(service=service.SERVICE, form=form, by=user)


def _said(question: Question, chance: random.Random) -> Iterator[str]:
    """Mostly content, as people who answer surveys are."""
    options = [str(option.pk) for option in question.options.all()]
    match question.kind:
        case Kind.SCALE:
            yield chance.choices("12345", weights=(1, 1, 3, 8, 10))[0]
        case Kind.POINTS:
            yield str(chance.choices(range(11), weights=(1, 0, 0, 1, 1, 2, 3, 5, 8, 9, 9))[0])
        case Kind.YES_NO:
            yield chance.choices("10", weights=(4, 1))[0]
        case Kind.ONE:
            yield chance.choices(options, weights=range(len(options) * 3, 0, -3))[0]
        case Kind.SEVERAL:
            yield from [option for option in options if chance.random() < 0.35] or options[-1:]
        case Kind.NUMBER:
            yield str(chance.randrange(1, 12))
        case Kind.TEXT if chance.random() < 0.4:
            yield chance.choice(_WISHES)


def _put_off(survey: Survey) -> None:
    """The demo person has begun and will go on."""
    data = post({})
    first, second, *_ = survey.asked()
    data[f"q{first.pk}"] = "4"
    data[f"q{second.pk}"] = str(second.options.all()[0].pk)
    actions.put_off(survey, data=data, by=User.objects.get(email=_PERSON))


def _close(survey: Survey, last: date) -> None:
    actions.close_survey(survey, by=User.objects.get(email=_SUPERVISOR))
    Survey.objects.filter(pk=survey.pk).update(closes_on=last, closed_at=_moment(last, 0) + timedelta(hours=9))


def _move(sent: ServiceRequest, moment: datetime) -> None:
    """Into the past, where it belongs."""
    day = timezone.localdate(moment)
    sent.status_changes.update(at=moment)
    ServiceRequest.objects.filter(pk=sent.pk).update(
        submitted_at=moment, answered_at=moment, closed_at=moment, due_on=day + timedelta(days=1)
    )


def _moment(day: date, number: int) -> datetime:
    """Some time of that day, never in the future."""
    at = timezone.make_aware(datetime.combine(day, time(9 + number % 9, number * 7 % 60)))
    return min(at, timezone.now())


def _made_up(number: int) -> User:
    """One of the sixty: three persons, a sole trader and a company in turn. No consumer of this kind exists."""
    user, is_new = User.objects.get_or_create(email=f"survey-{number + 1:02}@example.org")
    if is_new:
        user.set_unusable_password()
        user.save()
        Consumer.objects.create(user=user, phone="+79280000000", **_about(number))
    return user


def _about(number: int) -> dict[str, Any]:
    names = {"last_name": "Опросов", "first_name": "Участник", "middle_name": ""}
    if number % 5 == 3:
        first14 = f"317619{number:08}"
        ogrnip = first14 + ogrnip_check_digit(first14)
        return {"legal_form": LegalForm.SOLE_TRADER, **names, "ogrnip": ogrnip}
    if number % 5 == 4:
        first9, first12 = f"6166{number:05}", f"1026{number:08}"
        return {
            "legal_form": LegalForm.COMPANY,
            "organisation": f"ООО «Участник опроса {number + 1}»",
            "contact_name": "Опросов Участник",
            "inn": first9 + company_inn_check_digit(first9),
            "ogrn": first12 + ogrn_check_digit(first12),
        }
    first9 = f"{201_000_000 + number}"
    return {"legal_form": LegalForm.PERSON, **names, "snils": first9 + snils_check_digits(first9)}
