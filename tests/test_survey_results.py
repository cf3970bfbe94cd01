"""The results of a survey: right numbers, and nothing by which an anonymous answer could be traced."""

import csv
import io
import re
from collections import Counter
from decimal import Decimal

import openpyxl
import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from accounts.models import LegalForm
from requests_app import actions
from requests_app.models import ServiceRequest
from requests_app.services.survey.answers import Answer, ChosenOption, Participation, store
from requests_app.services.survey.kinds import Kind
from requests_app.services.survey.results import TOTAL, results
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory
from tests.surveys import EVERY_KIND, answered, make_survey

pytestmark = pytest.mark.django_db

SCALE = {"kind": Kind.SCALE, "text": "Довольны ли вы?"}
POINTS = {"kind": Kind.POINTS, "text": "Посоветуете?"}
TEXT = {"kind": Kind.TEXT, "text": "Чего не хватает?", "is_required": False}
PERSON, TRADER, COMPANY = LegalForm.PERSON, LegalForm.SOLE_TRADER, LegalForm.COMPANY


def many(survey, **by_form):
    """People of each legal form who have answered the first question of `survey`, quickly: `person=[5, 4]`."""
    question = survey.asked()[0]
    made = []
    for legal_form, values in by_form.items():
        for value in values:
            user = ConsumerFactory(legal_form=legal_form).user
            made.append((user, legal_form, value))
    for user, legal_form, value in made:
        participation = Participation.objects.create(survey=survey, user=user)
        store(survey, {question: value}, participation=participation, legal_form=legal_form)


def finish(survey):
    """As if every participation had its request."""
    for participation in survey.participations.filter(service_request=None):
        participation.service_request = ServiceRequestFactory(owner=participation.user)
        participation.save()


def closed(survey):
    finish(survey)
    actions.close_survey(survey, by=StaffFactory(group="supervisor"))
    survey.refresh_from_db()
    return results(survey)


# -- Numbers --------------------------------------------------------------------------------------------------------


def test_counts_shares_and_averages_of_a_scale():
    survey = make_survey(SCALE, is_anonymous=False)
    many(survey, person=[5, 5, 4], company=[1])
    finish(survey)

    found = results(survey)

    assert (found.invited, found.answered, found.share) == (4, 4, 100)
    (outcome,) = found.outcomes
    assert outcome.answered == {TOTAL: 4, PERSON: 3, TRADER: 0, COMPANY: 1}
    assert [(line.label, line.counts[TOTAL], line.share) for line in outcome.lines] == [
        ("1", 1, 25),
        ("2", 0, 0),
        ("3", 0, 0),
        ("4", 1, 25),
        ("5", 2, 50),
    ]
    assert outcome.averages == {TOTAL: Decimal("3.8"), PERSON: Decimal("4.7"), TRADER: None, COMPANY: Decimal(1)}
    assert outcome.average_share == 76


def test_index_of_recommendation():
    survey = make_survey(POINTS, is_anonymous=False)
    many(survey, person=[10, 10, 9, 8, 0])
    finish(survey)

    (outcome,) = results(survey).outcomes

    assert outcome.index == 40
    assert [line.counts[TOTAL] for line in outcome.lines] == [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2]
    assert outcome.averages[TOTAL] == Decimal("7.4")


def test_several_boxes_are_shares_of_those_who_answered():
    survey = make_survey({**EVERY_KIND[3], "is_required": True}, is_anonymous=False)
    options = list(survey.asked()[0].options.all())
    many(survey, person=[options[:2], options[:1], options[:1], options[1:]])
    finish(survey)

    (outcome,) = results(survey).outcomes

    assert outcome.answered[TOTAL] == 4
    assert [(line.counts[TOTAL], line.share) for line in outcome.lines] == [(3, 75), (2, 50), (1, 25)]


def test_yes_no_numbers_and_texts():
    survey = make_survey(EVERY_KIND[4], EVERY_KIND[5], EVERY_KIND[6], is_anonymous=False)
    for yes, number, text in [("1", "2,5", "Раз"), ("0", "10", ""), ("1", "", "Два")]:
        answered(survey, yes_no=yes, number=number, text=text)

    yes_no, number, text = results(survey).outcomes

    assert [(line.label, line.counts[TOTAL]) for line in yes_no.lines] == [("Да", 2), ("Нет", 1)]
    assert (number.answered[TOTAL], number.averages[TOTAL]) == (2, Decimal("6.2"))
    assert sorted(text.texts) == ["Два", "Раз"]


def test_one_legal_form_has_no_columns_of_its_own():
    survey = make_survey(SCALE, is_anonymous=False, for_companies=False, for_sole_traders=False)

    assert results(survey).outcomes[0].titles == ["Всего"]


def test_the_invited_are_counted_when_it_is_closed():
    survey = make_survey(SCALE)
    ConsumerFactory.create_batch(3)
    actions.close_survey(survey, by=StaffFactory(group="supervisor"))
    ConsumerFactory.create_batch(2)
    survey.refresh_from_db()

    assert results(survey).invited == 3


# -- Anonymous ------------------------------------------------------------------------------------------------------


def test_anonymous_results_wait_for_the_end():
    """Read before and after one more answer, they would tell it."""
    survey = make_survey(SCALE)
    many(survey, person=[5] * 9)
    finish(survey)

    before = results(survey)

    assert not before.may_be_read
    assert before.outcomes == []
    assert closed(survey).outcomes[0].answered[TOTAL] == 9


def test_fewer_than_five_tell_nothing():
    survey = make_survey(SCALE)
    many(survey, person=[5] * 4)

    found = closed(survey)

    assert (found.answered, found.may_be_read, found.outcomes) == (4, False, [])


def every_number(outcome):
    yield from outcome.answered.values()
    for line in outcome.lines:
        yield from line.counts.values()


def test_numbers_below_five_are_hidden():
    survey = make_survey(SCALE)
    many(survey, person=[5] * 12 + [4] * 9 + [3] * 6 + [1] * 2, sole_trader=[5] * 7 + [2], company=[4, 4, 1])

    (outcome,) = closed(survey).outcomes

    shown = [number for number in every_number(outcome) if number is not None]
    assert min(shown) >= 5
    assert outcome.averages[COMPANY] is None


def test_no_small_group_follows_from_the_others():
    """36 answered, 33 of them persons: the three companies are what is left."""
    survey = make_survey({**SCALE, "is_required": False}, for_sole_traders=False)
    many(survey, person=[5] * 20 + [4] * 13, company=[1] * 3)

    (outcome,) = closed(survey).outcomes

    for numbers in [outcome.answered, *(line.counts for line in outcome.lines), outcome.averages]:
        hidden = [column for column, number in numbers.items() if number is None]
        assert len(hidden) != 1, numbers


def test_points_are_told_by_groups_and_an_index_only_with_all_of_them():
    survey = make_survey(POINTS, for_sole_traders=False, for_companies=False)
    many(survey, person=[10] * 12 + [7] * 6 + [3] * 6)
    other = make_survey(POINTS, for_sole_traders=False, for_companies=False)
    many(other, person=[10] * 12 + [7] * 2 + [3] * 6)

    (whole,), (broken,) = closed(survey).outcomes, closed(other).outcomes

    assert [line.counts[TOTAL] for line in whole.lines] == [6, 6, 12]
    assert whole.index == 25
    assert broken.index is None
    assert [line.counts[TOTAL] for line in broken.lines].count(None) == 2


@pytest.mark.parametrize(("texts", "shown"), [(4, False), (5, True)])
def test_texts_are_shown_from_five_on(texts, shown):
    survey = make_survey(TEXT)
    many(survey, person=["Больше света"] * texts)
    question = survey.asked()[0]
    for _ in range(3):  # who wrote nothing
        Participation.objects.create(survey=survey, user=ConsumerFactory().user)

    (outcome,) = closed(survey).outcomes

    assert outcome.question == question
    assert outcome.texts == (["Больше света"] * texts if shown else [])
    assert outcome.texts_hidden is not shown


# -- Nothing ties an anonymous answer to a person -------------------------------------------------------------------


def columns_of(model):
    return {(field.name, field.related_model) for field in model._meta.get_fields() if not field.auto_created}


def test_no_column_leads_from_an_answer_to_a_person_or_a_moment():
    answered(make_survey())

    for answer in Answer.objects.all():
        assert answer.participation is None
    names = {name for model in (Answer, ChosenOption) for name, _ in columns_of(model)}
    assert names == {"id", "question", "participation", "legal_form", "number", "text", "options", "answer", "option"}


def test_nothing_else_in_the_database_holds_the_answer():
    """Not the request, its history, hash or letter, not the participation, a session or the log of the admin."""
    secret = "Сиреневый трансформатор"
    owner = ConsumerFactory().user
    answered(make_survey(), owner=owner, text=secret)
    holders = []

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if any(secret in str(value) for row in cursor.fetchall() for value in row):
                holders.append(table)

    assert holders == ["requests_app_answer"]


def test_the_hash_of_the_request_does_not_depend_on_the_answers():
    """A hash of five marks is guessed in a moment."""
    survey = make_survey()

    first, second = answered(survey, scale="1"), answered(survey, scale="5")

    assert first.content_hash == second.content_hash


def test_keys_are_random_and_tell_no_order():
    for model in (Answer, ChosenOption):
        assert model._meta.pk.get_internal_type() == "UUIDField"
    survey = make_survey(SCALE)
    many(survey, person=range(1, 41))  # the n-th to answer says n

    in_order_of_keys = [int(number) for number in Answer.objects.order_by("pk").values_list("number", flat=True)]

    assert sorted(in_order_of_keys) == list(range(1, 41))
    assert in_order_of_keys != sorted(in_order_of_keys)


def places_in_the_table():
    """The numbers in the order in which the database keeps them, and the transactions that wrote them."""
    order, writer = ("ctid", "xmin::text") if connection.vendor == "postgresql" else ("rowid", "''")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, {writer} FROM requests_app_answer ORDER BY {order}")
        rows = cursor.fetchall()
    return [int(number) for number, _ in rows], {who for _, who in rows}


def test_closing_takes_away_the_order_and_the_transactions_too():
    """Before it, the place of a row in its table still tells who was before whom."""
    survey = make_survey(SCALE)
    many(survey, person=range(1, 41))
    before = set(Answer.objects.values_list("pk", flat=True))
    assert places_in_the_table()[0] == list(range(1, 41))

    closed(survey)

    places, writers = places_in_the_table()
    assert sorted(places) == list(range(1, 41))
    assert places != list(range(1, 41))
    assert len(writers) == 1
    assert not before & set(Answer.objects.values_list("pk", flat=True))
    assert places == [int(n) for n in Answer.objects.order_by("pk").values_list("number", flat=True)]  # of random keys


def test_closing_keeps_every_answer():
    survey = make_survey()
    boxes = [str(option.pk) for option in survey.questions.get(kind=Kind.SEVERAL).options.all()]
    answered(survey, legal_form=PERSON, several=boxes)
    answered(survey, legal_form=COMPANY, several=boxes[:1], text="")
    answered(survey, legal_form=COMPANY, several=boxes[1:], scale="1")
    before, keys = what_was_answered(), set(ChosenOption.objects.values_list("pk", flat=True))

    closed(survey)

    assert what_was_answered() == before
    assert not keys & set(ChosenOption.objects.values_list("pk", flat=True))


def test_closing_touches_no_other_survey():
    other, survey = make_survey(), make_survey()
    answered(other)
    answered(survey)
    keys = set(Answer.objects.to(other).values_list("pk", "chosen"))

    closed(survey)

    assert set(Answer.objects.to(other).values_list("pk", "chosen")) == keys


def what_was_answered():
    """Each answer with all of its options, in no order."""
    answers = Answer.objects.prefetch_related("options")
    return Counter(
        (answer.question_id, answer.legal_form, answer.number, answer.text, frozenset(answer.options.all()))
        for answer in answers
    )


@pytest.mark.parametrize("people", [5, 15])
def test_cost_of_closing_does_not_grow(people, django_assert_num_queries):
    survey = make_survey()
    for _ in range(people):
        answered(survey)
    by = StaffFactory(group="supervisor")

    with django_assert_num_queries(19):  # two of permissions
        actions.close_survey(survey, by=by)


def test_a_survey_with_names_keeps_them():
    survey = make_survey(is_anonymous=False)
    sent = answered(survey)
    pks = set(Answer.objects.values_list("pk", flat=True))

    closed(survey)

    assert pks == set(Answer.objects.values_list("pk", flat=True))
    assert {answer.participation.service_request for answer in Answer.objects.all()} == {sent}


def test_the_page_of_an_anonymous_answer_tells_only_that_it_was_given(client):
    sent = answered(make_survey(), owner=ConsumerFactory(agreed=True).user, text="Сиреневый трансформатор")
    client.force_login(sent.owner)
    pages = [sent.get_absolute_url(), reverse("requests:receipt", args=[sent.number])]
    htmls = [client.get(page).content.decode() for page in pages]
    client.force_login(StaffFactory(is_superuser=True))
    htmls.append(client.get(reverse("admin:requests_app_servicerequest_change", args=[sent.pk])).content.decode())

    assert "Вы приняли участие" in htmls[0]
    for html in htmls:
        assert "Сиреневый" not in html
        assert "Довольны ли вы" not in html


def test_no_admin_list_shows_answers_or_drafts():
    registered = {model.__name__ for model in admin.site._registry}

    assert "Survey" in registered
    assert not {"Answer", "ChosenOption", "Participation"} & registered


# -- The page and the files -----------------------------------------------------------------------------------------


def page_of(survey, name="results", *arguments):
    return reverse(f"admin:requests_app_survey_{name}", args=[survey.pk, *arguments])


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor")
    client.force_login(supervisor)
    return supervisor


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_the_page_shows_bars_beside_their_numbers(client, supervisor):
    survey = make_survey(SCALE, TEXT)
    many(survey, person=[5] * 30 + [4] * 10)
    closed(survey)

    html = html_of(client.get(page_of(survey)))

    assert "4.8" in html or "4,8" in html
    assert re.search(r'<rect width="75%"', html)
    assert "30 <small>75 %</small>" in html
    assert "скрыто" in html


def test_the_page_of_an_open_anonymous_survey_has_no_numbers_of_answers(client, supervisor):
    survey = make_survey(SCALE)
    many(survey, person=[5] * 9)
    finish(survey)

    html = html_of(client.get(page_of(survey)))

    assert "итоги откроются, когда его завершат" in html
    assert "<rect" not in html
    assert client.get(page_of(survey, "export", "csv")).status_code == 404


def csv_of(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_file_has_the_numbers_of_the_page_and_no_formula(client, supervisor):
    survey = make_survey(SCALE, TEXT, is_anonymous=False)
    for _ in range(6):
        answered(survey, scale="5", text="=HYPERLINK(1)")
    rows = csv_of(client.get(page_of(survey, "export", "csv")))
    file = client.get(page_of(survey, "export", "xlsx"))
    sheet = list(openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active.values)

    assert rows[0] == ["Вопрос", "Ответ", "Всего", "Физ. лица", "ИП", "Юр. лица", "Доля, %"]
    assert ["Довольны ли вы?", "5", "6", "6", "0", "0", "100"] in rows
    assert ["Довольны ли вы?", "Среднее", "5,0", "5,0", "", "", ""] in rows
    assert {row[1] for row in rows if "HYPERLINK" in row[1]} == {"'=HYPERLINK(1)"}
    assert len(sheet) == len(rows)


def test_an_anonymous_file_hides_what_the_page_hides(client, supervisor):
    survey = make_survey(SCALE, TEXT)
    many(survey, person=[5] * 30 + [4] * 8 + [1] * 2)
    closed(survey)

    rows = csv_of(client.get(page_of(survey, "export", "csv")))

    numbers = {cell for row in rows[1:] for cell in row[2:6] if re.fullmatch(r"\d+", cell)}
    assert min(map(int, numbers)) >= 5
    assert "скрыто" in {cell for row in rows for cell in row}
    assert not ServiceRequest.objects.filter(number__in={cell for row in rows for cell in row}).exists()


@pytest.mark.parametrize("ending", ["exe", "xls", "CSV"])
def test_other_files_are_not_there(client, supervisor, ending):
    assert client.get(page_of(make_survey(SCALE, is_anonymous=False), "export", ending)).status_code == 404


@pytest.mark.parametrize("group", ["operator", "dpo", "editor", ""])
def test_others_read_no_results(client, group):
    survey = make_survey(SCALE, is_anonymous=False)
    client.force_login(StaffFactory(group=group))

    assert client.get(page_of(survey)).status_code == 403
    assert client.get(page_of(survey, "export", "csv")).status_code == 403


@pytest.mark.parametrize("questions", [1, 10])
def test_cost_does_not_grow_with_questions_and_answers(client, supervisor, questions, django_assert_num_queries):
    survey = make_survey(*[{**each, "text": f"{n}"} for n in range(questions) for each in EVERY_KIND])
    for _ in range(questions + 4):
        answered(survey)
    closed(survey)

    with django_assert_num_queries(COST):
        client.get(page_of(survey))


COST = 12  # session, user, two of permissions, survey; taken part, two of questions, numbers thrice, texts


# -- What SQL cannot forbid -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_anonymous", [True, False])
def test_check_data_finds_an_answer_that_knows_too_much_or_too_little(capsys, is_anonymous):
    survey = make_survey(is_anonymous=is_anonymous)
    answered(survey)
    call_command("check_data")
    participation = Participation.objects.get() if is_anonymous else None
    Answer.objects.filter(question__kind=Kind.SCALE).update(participation=participation)

    with pytest.raises(CommandError):
        call_command("check_data")

    assert f"survey {survey.pk}: answers that know whose they are, or should" in capsys.readouterr().err


def test_what_was_written_is_text_on_the_page_too(client, supervisor):
    survey = make_survey(TEXT, is_anonymous=False, title="<b>Опрос</b>")
    answered(survey, text="<script>alert(1)</script>")
    pages = [page_of(survey), page_of(survey, "change"), reverse("admin:requests_app_survey_changelist")]

    htmls = [html_of(client.get(page)) for page in pages]

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in htmls[0]
    for html in htmls:
        assert "<script>alert" not in html
        assert "<b>Опрос</b>" not in html
