"""Surveys for the consumer: who is asked, the page, one answer each, going on later."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import LegalForm
from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import RetentionRule, RetentionRun, ServiceRequest
from requests_app.services import inquiry
from requests_app.services.survey.answers import Answer, Participation
from requests_app.services.survey.kinds import Kind
from requests_app.services.survey.models import Question, Survey
from tests.factories import ConsumerFactory, StaffFactory, submitted
from tests.surveys import EVERY_KIND, answered, answers, make_survey

pytestmark = pytest.mark.django_db

LIST = reverse("requests:surveys")
TODAY = timezone.localdate
DAY = timedelta(days=1)


@pytest.fixture
def user(client):
    user = ConsumerFactory(agreed=True).user
    client.force_login(user)
    return user


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def errors_of(response):
    """Field → code of its first error."""
    return {name: errors.as_data()[0].code for name, errors in response.context["form"].errors.items()}


def send(client, survey, *, key=None, **by_kind):
    data = {"submission_key": key or uuid.uuid4(), **answers(survey, **by_kind)}
    return client.post(survey.get_absolute_url(), data)


def question(survey, kind):
    return survey.questions.get(kind=kind)


# -- Who is asked ---------------------------------------------------------------------------------------------------


def hidden(user):
    """Surveys that this consumer must not see, each with its reason as the title."""
    today = TODAY()
    yield make_survey(title="not published", published_at=None)
    yield make_survey(title="tomorrow", opens_on=today + DAY, closes_on=today + DAY)
    yield make_survey(title="for others", for_persons=False)
    yield make_survey(title="used nothing", used_service="inquiry", used_since=today - DAY)
    make_survey(title="used too early", used_service="complaint", used_since=today + DAY)
    old = submitted(inquiry.SERVICE, owner=user)
    actions.transition(old, "withdraw", by=user)
    yield make_survey(title="withdrew", used_service="inquiry", used_since=today)


def test_a_survey_that_is_not_for_this_consumer_is_not_there(client, user):
    for survey in hidden(user):
        for method in ("get", "post"):
            response = getattr(client, method)(survey.get_absolute_url())
            assert response.status_code == 404, survey.title
        assert survey.title not in html_of(client.get(LIST))
        assert survey.title not in html_of(client.get(reverse("requests:cabinet")))


@pytest.mark.parametrize("legal_form", LegalForm)
def test_each_legal_form_is_asked_by_its_own_tick(client, legal_form):
    fields = {LegalForm.PERSON: "for_persons", LegalForm.SOLE_TRADER: "for_sole_traders"}
    others = dict.fromkeys(["for_persons", "for_sole_traders", "for_companies"], False)
    survey = make_survey(**{**others, fields.get(legal_form, "for_companies"): True})

    for other in LegalForm:
        client.force_login(ConsumerFactory(legal_form=other, agreed=True).user)
        expected = 200 if other == legal_form else 404
        assert client.get(survey.get_absolute_url()).status_code == expected
    assert list(survey.audience()) == list(survey.audience().filter(consumer__legal_form=legal_form))
    assert survey.audience().count() == 1


def test_users_of_a_service_are_asked_and_nobody_else(client, user):
    survey = make_survey(used_service="inquiry", used_since=TODAY())
    ConsumerFactory()
    submitted(inquiry.SERVICE, owner=user)

    assert client.get(survey.get_absolute_url()).status_code == 200
    assert list(survey.audience()) == [user]


def test_reports_of_violations_are_no_audience():
    """Who is invited would tell who reported."""
    choices = dict(Survey._meta.get_field("used_service").flatchoices)

    assert "inquiry" in choices
    assert not {"survey", "violation-report"} & set(choices)


def test_the_cabinet_invites_until_it_is_answered(client, user):
    survey = make_survey()
    cabinet = reverse("requests:cabinet")

    assert "Качество обслуживания. 7 вопросов, анонимно, до" in html_of(client.get(cabinet))
    assert survey.get_absolute_url() in html_of(client.get(cabinet))
    client.post(survey.get_absolute_url(), {"later": "1"})
    assert "Вы начали опрос" in html_of(client.get(cabinet))
    send(client, survey)
    assert survey.get_absolute_url() not in html_of(client.get(cabinet))


def test_who_registers_later_is_asked_too(client):
    survey = make_survey(opens_on=TODAY() - 3 * DAY)
    client.force_login(ConsumerFactory(agreed=True).user)

    assert client.get(survey.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "ended", [{"opens_on": TODAY() - 9 * DAY, "closes_on": TODAY() - DAY}, {"closed": True}], ids=["period", "closed"]
)
def test_an_ended_survey_says_so_and_takes_nothing(client, user, ended):
    closed = ended.pop("closed", False)
    survey = make_survey(**ended)
    if closed:
        actions.close_survey(survey, by=StaffFactory(group="supervisor"))

    shown = client.get(survey.get_absolute_url())
    client.post(survey.get_absolute_url(), {"later": "1"})
    sent = send(client, survey)

    assert "Опрос закончился" in html_of(shown)
    assert "Опрос закончился" in html_of(sent)
    assert not Participation.objects.exists()
    assert not ServiceRequest.objects.exists()


def test_no_surveys_is_said_in_plain_words(client, user):
    assert "Сейчас опросов для вас нет" in html_of(client.get(LIST))


# -- The five cases -------------------------------------------------------------------------------------------------


def test_the_page_asks_every_question_in_order(client, user):
    survey = make_survey()

    html = html_of(client.get(survey.get_absolute_url()))

    places = [html.index(f"{number}. {each['text']}") for number, each in enumerate(EVERY_KIND, start=1)]
    assert places == sorted(places)
    assert "Ответы анонимны" in html
    assert "Отвечено <span data-given>0</span> из 7" in html
    for kind in (Kind.SCALE, Kind.POINTS, Kind.ONE, Kind.SEVERAL, Kind.YES_NO):
        assert f'name="q{question(survey, kind).pk}"' in html
    assert html.count("совсем нет") == 1


def test_anonymous_is_led_to_the_login(client):
    survey = make_survey()

    for url in (LIST, survey.get_absolute_url()):
        for method in ("get", "post"):
            response = getattr(client, method)(url)
            assert response.status_code == 302
            assert response.url.startswith(reverse("accounts:login"))


@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_refused(client, user, method):
    assert getattr(client, method)(LIST).status_code == 405
    assert getattr(client, method)(make_survey().get_absolute_url()).status_code == 405
    assert client.post(LIST).status_code == 405


def test_a_stranger_reads_nothing_of_an_answer(client, user):
    service_request = answered(make_survey(is_anonymous=False))

    for url in (service_request.get_absolute_url(), reverse("requests:receipt", args=[service_request.number])):
        assert client.get(url).status_code == 404
    assert "Вы ответили" not in html_of(client.get(LIST))


@pytest.mark.parametrize("pk", [0, 999, 2**63 - 1, 2**63, 10**30])
def test_a_survey_that_never_was_is_not_found(client, user, pk):
    assert client.get(f"{LIST}{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Kind.SCALE, None, "required"),
        (Kind.SCALE, "0", "invalid_choice"),
        (Kind.SCALE, "6", "invalid_choice"),
        (Kind.SCALE, "٤", "invalid_choice"),
        (Kind.SCALE, "4.0", "invalid_choice"),
        (Kind.POINTS, "11", "invalid_choice"),
        (Kind.POINTS, "-1", "invalid_choice"),
        (Kind.ONE, "999999999999999999999", "invalid_choice"),
        (Kind.ONE, "\0", "invalid_choice"),
        (Kind.SEVERAL, "0", "invalid_choice"),
        (Kind.YES_NO, "да", "invalid_choice"),
        (Kind.NUMBER, "много", "invalid"),
        (Kind.NUMBER, "NaN", "invalid"),
        (Kind.NUMBER, "-0,001", "min_value"),
        (Kind.NUMBER, "100,5", "max_value"),
        (Kind.NUMBER, "9" * 400, "max_digits"),
        (Kind.NUMBER, "1e999999999", "max_digits"),
        (Kind.NUMBER, "0,0001", "max_decimal_places"),
        (Kind.TEXT, "x" * 2001, "max_length"),
        (Kind.TEXT, "a\0b", "null_characters_not_allowed"),
    ],
)
def test_a_wrong_answer_is_told_at_its_question_and_nothing_is_lost(client, user, kind, value, code):
    survey = make_survey()
    name = f"q{question(survey, kind).pk}"

    response = send(client, survey, **{kind: value, Kind.TEXT: value if kind == Kind.TEXT else "Было <b>темно</b> 😀"})

    assert response.status_code == 200
    assert code in [error.code for error in response.context["form"].errors[name].as_data()]
    assert list(response.context["form"].errors) == [name]
    assert kind == Kind.TEXT or "Было &lt;b&gt;темно&lt;/b&gt; 😀" in html_of(response)
    assert not Answer.objects.exists()
    assert not Participation.objects.exists()


def test_an_option_of_another_survey_is_no_answer(client, user):
    survey, other = make_survey(), make_survey()

    response = send(client, survey, one=str(question(other, Kind.ONE).options.first().pk))

    assert errors_of(response) == {f"q{question(survey, Kind.ONE).pk}": "invalid_choice"}


def test_the_address_says_which_survey_it_is(client, user):
    """Whatever else was sent along."""
    survey, other = make_survey(), make_survey(title="Другой", for_persons=False)

    client.post(survey.get_absolute_url(), {**answers(survey), "survey": other.pk, "status": "refused", "owner": "1"})

    sent = ServiceRequest.objects.get()
    assert (sent.surveyentry.survey, sent.owner, sent.status) == (survey, user, Status.CLOSED)


# -- Sending --------------------------------------------------------------------------------------------------------


def test_answers_become_a_request_that_is_closed_at_once(client, user):
    survey = make_survey(is_anonymous=False)

    response = send(client, survey, several=[str(o.pk) for o in question(survey, Kind.SEVERAL).options.all()[:2]])

    sent = ServiceRequest.objects.get()
    assert response.url == sent.get_absolute_url()
    assert (sent.service, sent.subject, sent.status) == ("survey", "Качество обслуживания", Status.CLOSED)
    assert [change.event for change in sent.status_changes.all()] == ["Ответы отправлены", "Ответы учтены"]
    stored = {answer.question.kind: answer for answer in Answer.objects.all()}
    assert {kind: answer.number for kind, answer in stored.items() if answer.number is not None} == {
        Kind.SCALE: 4,
        Kind.POINTS: 9,
        Kind.YES_NO: 1,
        Kind.NUMBER: Decimal("2.5"),
    }
    assert stored[Kind.TEXT].text == "Графика отключений."
    assert [o.label for o in stored[Kind.ONE].options.all()] == ["Да, всё понятно"]
    assert stored[Kind.SEVERAL].options.count() == 2
    html = html_of(client.get(sent.get_absolute_url()))
    for told in ("Спасибо, ответы приняты", "Ответы учтены", "Найти нужную услугу; Заполнить форму", "2,5", "Графика"):
        assert told in html
    assert "Ответим до" not in html
    assert 'id="reply"' not in html


def test_what_was_passed_over_has_no_answer(client, user):
    survey = make_survey()

    send(client, survey, several=None, number="", text="   ")

    assert {answer.question.kind for answer in Answer.objects.all()} == {
        Kind.SCALE,
        Kind.POINTS,
        Kind.ONE,
        Kind.YES_NO,
    }


def test_the_letter_names_the_number_and_nothing_else(client, user):
    send(client, make_survey(is_anonymous=False))

    letter = Email.objects.get()
    sent = ServiceRequest.objects.get()
    everything = f"{letter.subject} {letter.message} {letter.html_message}"
    assert sent.number in everything
    for secret in ("Графика отключений", "Качество обслуживания", "Самойлов"):
        assert secret not in everything


def test_one_answer_each(client, user):
    survey = make_survey()
    send(client, survey)

    again = send(client, survey, scale="1")

    assert again.url == ServiceRequest.objects.get().get_absolute_url()
    assert "Вы уже ответили на этот опрос" in html_of(client.get(again.url))
    assert Answer.objects.get(question__kind=Kind.SCALE).number == 4
    assert client.get(survey.get_absolute_url()).url == again.url
    assert "Вы ответили" in html_of(client.get(LIST))


def test_a_double_click_is_one_answer_and_says_so_once(client, user):
    survey, key = make_survey(), uuid.uuid4()
    first = send(client, survey, key=key)

    second = send(client, survey, key=key)

    assert second.url == first.url
    html = html_of(client.get(second.url))
    assert html.count("Спасибо, ответы приняты") == 1
    assert "Вы уже ответили" not in html
    assert ServiceRequest.objects.count() == Email.objects.count() == 1


def test_letters_of_every_kind_are_shown_as_they_are(client, user):
    text = "Ёлка 😀 и\u0306 «Вега» <script>alert(1)</script> & ' \" % {{ x }} \u202e =1+1"
    survey = make_survey(is_anonymous=False)

    page = html_of(client.get(send(client, survey, text=text).url))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert Answer.objects.get(question__kind=Kind.TEXT).text == text


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Kind.SCALE, {"text": "Недовольны ли вы?"}),
        (Kind.SCALE, {"low_label": "Недовольны ли вы?"}),
        (Kind.POINTS, {"high_label": "Недовольны ли вы?"}),
        (Kind.YES_NO, {"help_text": "Недовольны ли вы?"}),
    ],
)
def test_questions_that_changed_meanwhile_are_asked_again(client, user, kind, changes):
    """The answer was meant for another wording."""
    survey = make_survey()
    stale = {"submission_key": uuid.uuid4(), **answers(survey)}
    Question.objects.filter(survey=survey, kind=kind).update(**changes)

    refused = client.post(survey.get_absolute_url(), stale)
    stale["edition"] = refused.context["form"]["edition"].value()
    accepted = client.post(survey.get_absolute_url(), stale)

    assert errors_of(refused) == {"__all__": "changed"}
    assert "Недовольны ли вы?" in html_of(refused)
    assert accepted.status_code == 302


def test_what_was_promised_to_be_anonymous_is_not_kept_with_a_name(client, user):
    """The page said that the answers are anonymous; then staff changed it, as nobody had begun to answer."""
    survey = make_survey()
    stale = {"submission_key": uuid.uuid4(), **answers(survey)}
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=False)

    refused = client.post(survey.get_absolute_url(), stale)

    assert errors_of(refused) == {"__all__": "changed"}
    assert "Ответы не анонимны" in html_of(refused)
    assert not Answer.objects.exists()


def test_a_change_in_the_moment_of_sending_shows_what_is_promised_now(client, user, monkeypatch):
    survey = make_survey()

    def submit_late(**given):
        Survey.objects.filter(pk=survey.pk).update(is_anonymous=False)
        return submit(**given)

    submit = actions.submit
    monkeypatch.setattr(actions, "submit", submit_late)

    refused = send(client, survey)

    assert "опрос изменился" in html_of(refused)
    assert "Ответы не анонимны" in html_of(refused)


# -- Going on later -------------------------------------------------------------------------------------------------


def test_one_may_stop_half_way_and_go_on(client, user):
    survey = make_survey()
    typed = answers(survey, points=None, one=None, number="много", text="Было\0 <b>темно</b> 😀")

    put_off = client.post(survey.get_absolute_url(), {**typed, "later": "1"})
    html = html_of(client.get(survey.get_absolute_url()))

    assert put_off.url == LIST
    assert "Продолжить" in html_of(client.get(LIST))
    assert "Отвечено <span data-given>5</span> из 7" in html
    assert "Было &lt;b&gt;темно&lt;/b&gt; 😀" in html
    assert 'value="много"' in html
    assert html.count("checked") == 3
    assert not Answer.objects.exists()
    assert not ServiceRequest.objects.exists()


def test_sending_deletes_the_draft(client, user):
    survey = make_survey()
    client.post(survey.get_absolute_url(), {**answers(survey), "later": "1"})
    assert Participation.objects.get().draft

    send(client, survey)

    assert Participation.objects.get().draft == {}


def test_a_draft_is_its_writers_alone(client, user):
    survey = make_survey()
    client.post(survey.get_absolute_url(), {**answers(survey, text="Моя тайна"), "later": "1"})
    client.force_login(ConsumerFactory(agreed=True).user)

    assert "Моя тайна" not in html_of(client.get(survey.get_absolute_url()))
    client.post(survey.get_absolute_url(), {**answers(survey, text="Чужая"), "later": "1"})
    client.force_login(user)
    assert "Моя тайна" in html_of(client.get(survey.get_absolute_url()))


def test_a_draft_holds_no_more_than_the_page(client, user):
    survey = make_survey()
    flood = {f"q{number}": "x" for number in range(100_000, 100_200)}
    many = {f"q{question(survey, Kind.SEVERAL).pk}": ["1"] * 500, f"q{question(survey, Kind.TEXT).pk}": "ы" * 50_000}

    client.post(survey.get_absolute_url(), {**flood, **many, "later": "1"})

    draft = Participation.objects.get().draft
    assert {key: len("".join(values)) for key, values in draft.items()} == {
        str(question(survey, Kind.SEVERAL).pk): 3,
        str(question(survey, Kind.TEXT).pk): 4000,
    }


def test_who_has_begun_may_finish_whatever_becomes_of_the_audience(client, user):
    survey = make_survey(used_service="inquiry", used_since=TODAY())
    reason = submitted(inquiry.SERVICE, owner=user)
    client.post(survey.get_absolute_url(), {**answers(survey), "later": "1"})
    actions.transition(reason, "withdraw", by=user)

    assert "1. Довольны ли вы" in html_of(client.get(survey.get_absolute_url()))
    assert send(client, survey).status_code == 302
    assert Participation.objects.get().service_request is not None


def test_closing_deletes_drafts(client, user):
    survey = make_survey()
    client.post(survey.get_absolute_url(), {**answers(survey), "later": "1"})

    actions.close_survey(survey, by=StaffFactory(group="supervisor"))

    assert not Participation.objects.exists()


@pytest.mark.parametrize(("days_ago", "is_kept"), [(-7, True), (0, True), (30, True), (31, False)])
def test_drafts_of_a_survey_that_nobody_closes_go_by_their_rule(client, user, days_ago, is_kept):
    survey = make_survey()
    client.post(survey.get_absolute_url(), {**answers(survey), "later": "1"})
    answered(survey)
    ended = {"opens_on": TODAY() - 100 * DAY, "closes_on": TODAY() - days_ago * DAY}
    QuerySet.update(Survey.objects.filter(pk=survey.pk), **ended)  # past the lock

    call_command("apply_retention", verbosity=0)

    assert survey.participations.of(user).exists() == is_kept
    assert survey.participations.finished().count() == 1
    assert list(RetentionRun.objects.values_list("what", "removed")) == ([] if is_kept else [("drafts", 1)])


def test_the_page_says_when_a_draft_goes(client, user):
    RetentionRule.objects.filter(what="drafts").update(days=45)

    assert "через 45 дней после последнего дня" in html_of(client.get(make_survey().get_absolute_url()))


def test_answers_sent_after_the_session_ended_wait_for_the_login(client, user):
    survey = make_survey()
    shown = client.get(survey.get_absolute_url())
    typed = {**answers(survey, text="Пока я писал"), "given_to": shown.context["mark"]}
    client.logout()

    client.post(survey.get_absolute_url(), typed)
    client.force_login(user)

    assert "Пока я писал" in html_of(client.get(survey.get_absolute_url()))


# -- Cost -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 10])
def test_cost_does_not_grow_with_the_questions(client, user, times, django_assert_num_queries):
    questions = [{**each, "text": f"{each['text']} {number}"} for number in range(times) for each in EVERY_KIND]
    survey = make_survey(*questions, is_anonymous=False)

    with django_assert_num_queries(QUERIES["page"]):
        client.get(survey.get_absolute_url())
    with django_assert_num_queries(QUERIES["later"]):
        client.post(survey.get_absolute_url(), {**answers_in_bulk(survey), "later": "1"})
    data = answers_in_bulk(survey)
    with django_assert_num_queries(QUERIES["send"]):
        sent = client.post(survey.get_absolute_url(), data)
    with django_assert_num_queries(QUERIES["request"]):
        client.get(sent.url)


@pytest.mark.parametrize("surveys", [1, 10])
def test_cost_of_the_list_does_not_grow_with_the_surveys(client, user, surveys, django_assert_num_queries):
    for _ in range(surveys):
        make_survey()
        answered(make_survey(), owner=user)

    with django_assert_num_queries(QUERIES["list"]):
        client.get(LIST)


def answers_in_bulk(survey):
    return {"submission_key": str(uuid.uuid4()), **answers(survey)}


QUERIES = {"page": 7, "later": 19, "send": 39, "request": 10, "list": 4}
