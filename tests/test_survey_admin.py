"""Surveys on the desk: built, published, locked by the first answer, copied; the rules that hold below the pages."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from requests_app import actions
from requests_app.admin.surveys import MOST_QUESTIONS, SurveyAdmin
from requests_app.services.survey.answers import Answer, ChosenOption, Participation
from requests_app.services.survey.kinds import Kind
from requests_app.services.survey.models import Locked, Option, Question, Survey
from tests.factories import ConsumerFactory, StaffFactory
from tests.surveys import add_question, answered, make_survey

pytestmark = pytest.mark.django_db

ADD = reverse("admin:requests_app_survey_add")
TODAY = timezone.localdate
DAY = timedelta(days=1)


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor")
    client.force_login(supervisor)
    return supervisor


def page(survey, name="change"):
    return reverse(f"admin:requests_app_survey_{name}", args=[survey.pk])


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def typed(*questions, survey=None, **given):
    """What the page of a survey sends; a question that is there already comes with its key as `id`."""
    known = [question for question in questions if "id" in question]
    data = {
        "title": "Качество обслуживания",
        "purpose": "Хотим понять, что исправить.",
        "opens_on": TODAY().isoformat(),
        "closes_on": (TODAY() + 7 * DAY).isoformat(),
        "is_anonymous": "on",
        "for_persons": "on",
        "questions-TOTAL_FORMS": len(questions),
        "questions-INITIAL_FORMS": len(known),
        **given,
    }
    for number, question in enumerate(questions):
        full = {"order": number, "kind": Kind.SCALE, "text": f"Вопрос {number}", "is_required": "on", **question}
        data |= {f"questions-{number}-{name}": value for name, value in full.items()}
        if survey:
            data[f"questions-{number}-survey"] = survey.pk
    return {name: value for name, value in data.items() if value is not None}


def errors_of(response):
    """Field → code of every error of the page, those of questions too."""
    forms = [response.context["adminform"].form]
    forms += [form for formset in response.context["inline_admin_formsets"] for form in formset.formset.forms]
    return {name: errors.as_data()[0].code for form in forms for name, errors in form.errors.items()}


# -- Building -------------------------------------------------------------------------------------------------------


def test_a_survey_is_built_on_one_page(client, supervisor):
    one = {"kind": Kind.ONE, "text": "Понятен ли ответ?", "option_lines": "Да\r\n\r\n  Не  совсем \nНет"}
    number = {"kind": Kind.NUMBER, "text": "Сколько раз?", "minimum": "0", "maximum": "9", "is_required": None}

    response = client.post(ADD, typed({"low_label": "нет"}, one, number))

    survey = Survey.objects.get()
    assert response.status_code == 302
    assert survey.published_at is None
    assert survey.legal_forms == ["person"]
    assert [(q.kind, q.is_required) for q in survey.asked()] == [("scale", True), ("one", True), ("number", False)]
    assert [option.label for option in survey.asked()[1].options.all()] == ["Да", "Не совсем", "Нет"]


def test_new_questions_come_last_in_the_order_of_the_page(client, supervisor):
    new = [{"order": "", "text": text} for text in ("Первый?", "Второй?", "Третий?")]
    client.post(ADD, typed(*new))
    survey = Survey.objects.get()
    assert [(q.order, q.text) for q in survey.asked()] == [(1, "Первый?"), (2, "Второй?"), (3, "Третий?")]

    known = [{"id": q.pk, "order": q.order, "text": q.text} for q in survey.asked()]
    known[0]["order"] = "7"
    response = client.post(page(survey), typed(*known, {"order": "", "text": "Четвёртый?"}, survey=survey))

    assert response.status_code == 302
    assert [(q.order, q.text) for q in survey.asked()][-2:] == [(7, "Первый?"), (8, "Четвёртый?")]


def test_a_new_question_that_is_left_empty_is_none(client, supervisor):
    """Its order is not filled in, so nothing was typed."""
    shown = html_of(client.get(ADD))
    empty = {"order": "", "kind": "", "text": "", "is_required": "on"}

    response = client.post(ADD, typed({}, empty))

    assert 'name="questions-0-order" value' not in shown
    assert response.status_code == 302
    assert Survey.objects.get().questions.count() == 1


@pytest.mark.parametrize(
    ("question", "given", "field", "code"),
    [
        ({"kind": Kind.ONE, "option_lines": "Да"}, {}, "option_lines", "few"),
        ({"kind": Kind.SEVERAL}, {}, "option_lines", "few"),
        ({"kind": Kind.ONE, "option_lines": "Да\nДа"}, {}, "option_lines", "twice"),
        ({"kind": Kind.ONE, "option_lines": "Да\n" + "x" * 201}, {}, "option_lines", "long"),
        ({"kind": Kind.ONE, "option_lines": "\n".join(map(str, range(31)))}, {}, "option_lines", "many"),
        ({"kind": Kind.TEXT, "option_lines": "Да\nНет"}, {}, "option_lines", "needless"),
        ({"kind": "nonsense"}, {}, "kind", "invalid_choice"),
        ({"text": ""}, {}, "text", "required"),
        ({"text": "a\0b"}, {}, "text", "null_characters_not_allowed"),
        ({"order": "99999999"}, {}, "order", "max_value"),
        ({}, {"closes_on": "2000-01-01"}, "__all__", None),
        ({}, {"for_persons": None}, "__all__", None),
        ({}, {"used_service": "inquiry"}, "__all__", None),
        ({}, {"used_service": "violation-report", "used_since": "2026-01-01"}, "used_service", "invalid_choice"),
        ({"minimum": "1"}, {}, "__all__", None),
        ({"kind": Kind.NUMBER, "minimum": "9", "maximum": "1"}, {}, "__all__", None),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_stored(client, supervisor, question, given, field, code):
    response = client.post(ADD, typed(question, **given))

    assert response.status_code == 200
    assert field in errors_of(response)
    assert code is None or errors_of(response)[field] == code
    assert not Survey.objects.exists()


def test_the_longest_survey_can_still_be_saved(client, supervisor, settings):
    """Django refuses a page of too many fields as a whole, with all that was typed."""
    survey = make_survey(*[{"kind": Kind.SCALE, "text": f"Вопрос {number}"} for number in range(MOST_QUESTIONS)])

    shown = html_of(client.get(page(survey)))

    assert f'name="questions-TOTAL_FORMS" value="{MOST_QUESTIONS}"' in shown
    assert shown.count(' name="') < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_options_are_changed_while_nobody_answers(client, supervisor):
    survey = make_survey({"kind": Kind.ONE, "text": "Понятен?", "options": ["Да", "Нет"]})
    question = survey.questions.get()
    shown = html_of(client.get(page(survey)))

    client.post(
        page(survey),
        typed({"id": question.pk, "kind": Kind.ONE, "option_lines": "Нет\nНе знаю\nДа"}, survey=survey),
    )

    assert "Да\nНет</textarea>" in shown
    assert [option.label for option in question.options.all()] == ["Нет", "Не знаю", "Да"]


def test_a_published_survey_that_loses_its_questions_is_published_no_more(client, supervisor):
    survey = make_survey({"kind": Kind.SCALE, "text": "Довольны?"})
    question = survey.questions.get()

    client.post(page(survey), typed({"id": question.pk, "DELETE": "on"}, survey=survey))

    survey.refresh_from_db()
    assert not survey.questions.exists()
    assert survey.published_at is None


# -- Publishing, closing, copying -----------------------------------------------------------------------------------


def test_it_is_published_from_its_page(client, supervisor):
    survey = make_survey(published_at=None)
    assert "Опубликовать" in html_of(client.get(page(survey)))

    asked = client.get(page(survey, "publish"))
    survey.refresh_from_db()
    assert (asked.status_code, survey.published_at) == (200, None)
    client.post(page(survey, "publish"))

    survey.refresh_from_db()
    assert survey.published_at is not None


@pytest.mark.parametrize(
    ("questions", "given", "words"),
    [
        ([], {}, "нет вопросов"),
        ([{"kind": Kind.ONE, "text": "Понятен?", "options": ["Да"]}], {}, "Вопрос 1: нужно хотя бы два варианта"),
        (
            [{"kind": Kind.SCALE, "text": "Довольны?"}],
            {"opens_on": TODAY() - 2 * DAY, "closes_on": TODAY() - DAY},
            "Последний день уже прошёл",
        ),
    ],
    ids=["no questions", "no options", "over"],
)
def test_what_lacks_something_is_not_published(client, supervisor, questions, given, words):
    survey = make_survey({"kind": Kind.SCALE, "text": "Довольны?"}, published_at=None, **given)
    survey.questions.all().delete()
    for question in questions:
        add_question(survey, **question)

    shown, sent = client.get(page(survey, "publish")), client.post(page(survey, "publish"))

    assert words in html_of(shown)
    assert words in html_of(sent)
    survey.refresh_from_db()
    assert survey.published_at is None


@pytest.mark.parametrize("given", [lambda: {"published_at": None}, lambda: {"opens_on": TODAY() + DAY}])
def test_what_has_not_begun_is_not_closed(client, supervisor, given):
    survey = make_survey(**given())

    assert "Опрос ещё не начался" in html_of(client.post(page(survey, "close")))


@pytest.mark.parametrize(("closes_in", "is_told"), [(0, False), (-1, True)])
def test_a_survey_that_is_over_asks_to_be_closed(client, supervisor, closes_in, is_told):
    """Until then drafts stand under their writers' names."""
    survey = make_survey(opens_on=TODAY() - 9 * DAY, closes_on=TODAY() + closes_in * DAY)

    assert ("Последний день прошёл" in html_of(client.get(page(survey)))) == is_told


def test_it_is_closed_once(client, supervisor):
    survey = make_survey()
    answered(survey)

    client.post(page(survey, "close"))
    again = client.post(page(survey, "close"))

    survey.refresh_from_db()
    assert "Опрос завершён." in html_of(client.get(page(survey, "history")))
    assert (survey.closed_by, survey.invited, survey.state) == (supervisor, 1, "Завершён")
    assert "Опрос уже завершён" in html_of(again)


def test_a_copy_has_the_questions_and_none_of_the_answers(client, supervisor):
    survey = make_survey()
    answered(survey)

    response = client.post(page(survey, "copy"))

    copy = Survey.objects.exclude(pk=survey.pk).get()
    assert response.url == page(copy)
    assert (copy.title, copy.published_at, copy.is_locked) == ("Качество обслуживания (копия)", None, False)
    told = [[(q.kind, q.text, [o.label for o in q.options.all()]) for q in each.asked()] for each in (survey, copy)]
    assert told[0] == told[1]
    assert not Answer.objects.to(copy).exists()


def test_the_preview_is_the_consumers_page_without_its_buttons(client, supervisor):
    survey = make_survey(published_at=None)

    html = html_of(client.get(page(survey, "preview")))

    assert "1. Довольны ли вы сроком ответа?" in html
    assert "Так опрос увидит потребитель" in html
    assert "Отправить ответы" not in html


@pytest.mark.parametrize("name", ["publish", "close", "copy", "preview", "results"])
def test_a_survey_that_never_was_is_not_found(client, supervisor, name):
    for pk in (999, 10**30):
        assert client.get(f"/admin/requests_app/survey/{pk}/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["preview", "results"])
def test_what_only_shows_takes_no_post(client, supervisor, name):
    assert client.post(page(make_survey(), name)).status_code == 405


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_list_does_not_grow(client, supervisor, rows, django_assert_num_queries):
    for _ in range(rows):
        answered(make_survey())

    with django_assert_num_queries(6):  # session, user, two of permissions, count, rows
        html = html_of(client.get(reverse("admin:requests_app_survey_changelist")))

    assert html.count("Идёт") == rows


# -- The lock -------------------------------------------------------------------------------------------------------


def test_after_the_first_answer_only_the_last_day_may_be_moved(client, supervisor):
    survey = make_survey()
    answered(survey)
    later = TODAY() + 30 * DAY

    shown = html_of(client.get(page(survey)))
    client.post(page(survey), typed(title="Другой", closes_on=later.isoformat(), is_anonymous=None))

    survey.refresh_from_db()
    assert (survey.title, survey.is_anonymous, survey.closes_on) == ("Качество обслуживания", True, later)
    assert 'name="title"' not in shown
    assert 'name="questions-0-text"' not in shown
    assert client.post(page(survey, "delete"), {"post": "yes"}).status_code == 403


def test_one_who_has_begun_locks_it_too(client, supervisor):
    survey = make_survey()
    actions.put_off(survey, data=QueryDict(), by=ConsumerFactory().user)

    assert survey.is_locked


def test_an_answer_that_comes_while_the_page_is_sent_wins(client, supervisor, monkeypatch):
    """The page was drawn and checked when nobody had answered."""
    survey = make_survey({"kind": Kind.SCALE, "text": "Довольны?"})
    data = typed({"id": survey.questions.get().pk, "text": "Недовольны?"}, survey=survey)
    save = SurveyAdmin.save_model

    def save_late(self, *args):
        answered(survey)
        save(self, *args)

    monkeypatch.setattr(SurveyAdmin, "save_model", save_late)
    response = client.post(page(survey), data, follow=True)

    assert "На опрос уже отвечают" in html_of(response)
    assert survey.questions.get().text == "Довольны?"


def locked_survey():
    survey = make_survey()
    answered(survey)
    return survey


BREAKS = {
    "question saved": lambda s: s.questions.first().save(),
    "question added": lambda s: Question.objects.create(survey=s, kind="text", text="Ещё?"),
    "question deleted": lambda s: s.questions.last().delete(),
    "questions updated": lambda s: s.questions.update(text="Иначе?"),
    "questions deleted": lambda s: s.questions.all().delete(),
    "questions added": lambda s: Question.objects.bulk_create([Question(survey=s, kind="text", text="Ещё?")]),
    "questions changed in bulk": lambda s: Question.objects.bulk_update(list(s.questions.all()), ["text"]),
    "option saved": lambda s: Option.objects.first().save(),
    "option deleted": lambda s: Option.objects.first().delete(),
    "options updated": lambda s: Option.objects.filter(question__survey=s).update(order=F("order") + 50),
    "options added": lambda s: Option.objects.bulk_create(
        [Option(question=s.questions.get(kind="one"), order=9, label="Ещё")]
    ),
    "anonymity": lambda s: _saved(s, is_anonymous=False),
    "audience": lambda s: _saved(s, for_companies=False),
    "title": lambda s: _saved(s, title="Иначе"),
    "surveys updated": lambda s: Survey.objects.filter(pk=s.pk).update(is_anonymous=False),
}


def _saved(survey, **changes):
    for name, value in changes.items():
        setattr(survey, name, value)
    survey.save()


@pytest.mark.parametrize("name", BREAKS)
def test_below_the_pages_it_is_locked_as_well(name):
    survey = locked_survey()

    with pytest.raises(Locked):
        BREAKS[name](survey)


@pytest.mark.parametrize("name", BREAKS)
def test_before_an_answer_all_of_it_may_be_changed(name):
    BREAKS[name](make_survey())


@pytest.mark.parametrize(
    "delete",
    [
        lambda s: Survey.objects.filter(pk=s.pk).delete(),
        lambda s: models_delete(Question.objects.filter(survey=s)),
        lambda s: models_delete(Option.objects.filter(question__survey=s)),
    ],
    ids=["survey", "questions", "options"],
)
def test_the_database_keeps_what_was_answered(delete):
    with pytest.raises(ProtectedError):
        delete(locked_survey())


def models_delete(queryset):
    """Past our own guard, as a later mistake might."""
    return QuerySet.delete(queryset)


@pytest.mark.parametrize("action", [actions.publish_survey, actions.close_survey, actions.copy_survey])
@pytest.mark.parametrize("group", ["operator", None])
def test_the_actions_themselves_ask_for_the_permission(action, group):
    survey = make_survey(published_at=None if action is actions.publish_survey else timezone.now())

    with pytest.raises(PermissionDenied):
        action(survey, by=StaffFactory(group=group) if group else ConsumerFactory().user)

    assert not Survey.objects.filter(closed_at__isnull=False).exists()
    assert Survey.objects.count() == 1


def test_a_closed_survey_stays_as_it_was():
    """Opened again, its results could be compared."""
    survey = make_survey()
    actions.close_survey(survey, by=StaffFactory(group="supervisor"))
    survey.refresh_from_db()

    for changes in ({"closes_on": TODAY() + 90 * DAY}, {"closed_at": None, "closed_by": None, "invited": None}):
        with pytest.raises(ValidationError, match="завершён"):
            _saved(Survey.objects.get(pk=survey.pk), **changes)


# -- Constraints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("survey_period_in_order", {"closes_on": TODAY() - DAY}),
        ("survey_is_for_somebody", dict.fromkeys(["for_persons", "for_sole_traders", "for_companies"], False)),
        ("survey_used_in_pairs", {"used_service": "inquiry"}),
        ("survey_used_in_pairs", {"used_since": TODAY()}),
        ("survey_closed_in_full", {"closed_at": timezone.now()}),
        ("survey_closed_in_full", {"invited": 3}),
    ],
)
def test_rules_of_a_survey(name, given):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make_survey(**given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("question_kind_known", {"kind": "poem"}),
        ("question_limits_of_a_number", {"kind": Kind.TEXT, "minimum": 1}),
        ("question_limits_in_order", {"kind": Kind.NUMBER, "minimum": 2, "maximum": 1}),
    ],
)
def test_rules_of_a_question(name, given):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Question.objects.create(survey=make_survey(), text="Вопрос", **given)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda p, a: Participation.objects.create(survey=p.survey, user=p.user),
        lambda p, a: Participation.objects.filter(pk=p.pk).update(draft={"1": ["2"]}),
        lambda p, a: Participation.objects.create(survey=make_survey(), user=p.user, service_request=p.service_request),
        lambda p, a: Answer.objects.create(question=a.question, participation=p, legal_form="person", number=1),
        lambda p, a: Answer.objects.filter(pk=a.pk).update(number=1, text="Два ответа сразу"),
        lambda p, a: ChosenOption.objects.create(
            answer=ChosenOption.objects.first().answer, option=ChosenOption.objects.first().option
        ),
    ],
    ids=[
        "participation_once",
        "participation_finished_without_draft",
        "one participation of a request",
        "answer_once",
        "answer_of_one_kind",
        "chosen_option_once",
    ],
)
def test_rules_of_answers(break_it):
    sent = answered(make_survey(is_anonymous=False))
    participation = sent.participation
    answer = participation.answers.get(question__kind=Kind.SCALE)

    with pytest.raises(IntegrityError), transaction.atomic():
        break_it(participation, answer)


@pytest.mark.parametrize(("order", "label"), [(0, "Ещё"), (5, "Да")], ids=["option_order_once", "option_label_once"])
def test_options_of_a_question_are_told_apart(order, label):
    question = add_question(make_survey(), kind=Kind.ONE, text="Какой?", options=["Да", "Нет"])

    with pytest.raises(IntegrityError), transaction.atomic():
        Option.objects.create(question=question, order=order, label=label)


def test_whoever_answered_is_not_deleted():
    sent = answered(make_survey())

    with pytest.raises(ProtectedError):
        sent.owner.delete()
