from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rsmportal.content.models import News
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/news/"


def make_news(title: str = "Плановые работы", *, slug: str = "works", age: timedelta | None = None, **fields) -> News:
    """A piece of news that came out `age` ago; without an age, a minute ago."""
    published_at = fields.pop("published_at", timezone.now() - (age or timedelta(minutes=1)))
    texts = {"summary": "Коротко.", "body": "Текст."} | fields
    return News.objects.create(title=title, slug=slug, published_at=published_at, **texts)


@pytest.fixture
def editor(db):
    return StaffFactory(group="editor")


# -- List -----------------------------------------------------------------------------------------------------------


def test_list_shows_the_newest_first(client):
    make_news("Старая", slug="old", age=timedelta(days=2))
    make_news("Новая", slug="new")

    page = client.get(LIST).context["page"]

    assert [news.title for news in page] == ["Новая", "Старая"]


def test_list_leaves_out_drafts_and_what_is_planned(client):
    make_news("Черновик", slug="draft", published_at=None)
    make_news("Завтра", slug="planned", age=timedelta(days=-1))

    response = client.get(LIST)

    assert not response.context["page"].object_list
    assert "Новостей пока нет" in response.content.decode()


def test_planned_news_comes_out_by_itself(client, time_machine):
    make_news("Завтра", slug="planned", age=timedelta(days=-1))

    time_machine.move_to(timezone.now() + timedelta(days=2))

    assert "Завтра" in client.get(LIST).content.decode()


def test_list_is_paged(client):
    for number in range(11):
        make_news(f"Новость {number}", slug=f"news-{number}", age=timedelta(days=number))

    response = client.get(LIST, {"page": "2"})

    assert [news.title for news in response.context["page"]] == ["Новость 10"]
    assert 'rel="prev" href="?page=1"' in response.content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "١", "9" * 400])
def test_odd_page_number_shows_some_page(client, number):
    make_news()

    assert client.get(LIST, {"page": number}).status_code == 200


def test_archive_shows_one_year(client):
    make_news("Прошлая", slug="past", published_at=datetime(2024, 5, 1, tzinfo=UTC))
    make_news("Нынешняя", slug="present", published_at=datetime(2025, 5, 1, tzinfo=UTC))

    response = client.get(LIST, {"year": "2024"})

    assert [news.title for news in response.context["page"]] == ["Прошлая"]
    assert response.context["years"] == [2025, 2024]
    assert '<a href="/news/?year=2024" aria-current="page">2024</a>' in response.content.decode()


def test_year_is_counted_in_moscow(client):
    make_news("Новогодняя", published_at=datetime(2024, 12, 31, 21, 30, tzinfo=UTC))

    assert client.get(LIST, {"year": "2025"}).status_code == 200
    assert client.get(LIST, {"year": "2024"}).status_code == 404


def test_pages_of_a_year_stay_in_the_year(client):
    for number in range(11):
        make_news(slug=f"news-{number}", published_at=datetime(2024, 5, number + 1, tzinfo=UTC))

    html = client.get(LIST, {"year": "2024"}).content.decode()

    assert 'href="?year=2024&amp;page=2"' in html


@pytest.mark.parametrize("year", ["1999", "x", "-1", "٢٠٢٤", "9" * 400, "2024 "])
def test_year_without_news_is_not_found(client, year):
    make_news(published_at=datetime(2024, 5, 1, tzinfo=UTC))

    assert client.get(LIST, {"year": year}).status_code == 404


@pytest.mark.parametrize("rows", [1, 10])
def test_list_cost_does_not_grow(client, rows, django_assert_num_queries):
    for number in range(rows):
        make_news(slug=f"news-{number}")

    with django_assert_num_queries(3):  # years, count, page
        client.get(LIST)


def test_list_is_only_read(client):
    assert client.post(LIST).status_code == 405


# -- One piece ------------------------------------------------------------------------------------------------------


def test_news_has_a_page(client):
    news = make_news("Плановые работы 30 ноября", summary="Электричества не будет.", body="Первый.\n\nВторой.")

    html = client.get(news.get_absolute_url()).content.decode()

    assert "<h1>Плановые работы 30 ноября</h1>" in html
    assert "<p>Первый.</p>" in html
    assert "<p>Второй.</p>" in html


@pytest.mark.parametrize("age", [None, timedelta(days=-1)])
def test_what_has_not_come_out_is_not_found(client, age):
    published_at = age and timezone.now() - age
    news = make_news(published_at=published_at)

    assert client.get(news.get_absolute_url()).status_code == 404


def test_editor_previews_a_draft(client, editor):
    news = make_news(published_at=None)
    client.force_login(editor)

    response = client.get(news.get_absolute_url())

    assert response.status_code == 200
    assert "её видят только сотрудники" in response.content.decode().replace("&nbsp;", " ")


def test_other_staff_do_not_see_drafts(client):
    news = make_news(published_at=None)
    client.force_login(StaffFactory(group="operator"))

    assert client.get(news.get_absolute_url()).status_code == 404


def test_markup_of_an_editor_is_shown_as_text(client):
    news = make_news("<b>Важно</b>", summary="<img src=x>", body="<script>alert(1)</script>")

    for address in ["/", LIST, news.get_absolute_url()]:
        html = client.get(address).content.decode()
        assert "<b>Важно" not in html
        assert "<img src=x" not in html
        assert "<script>alert" not in html


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.org/works", 'href="https://example.org/works"'),
        ("info@example.org", 'href="mailto:info@example.org"'),
    ],
)
def test_addresses_become_links(client, text, link):
    news = make_news(body=f"Подробности: {text}")

    assert link in client.get(news.get_absolute_url()).content.decode()


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"])
def test_other_schemes_do_not(client, text):
    news = make_news(body=f"Подробности: {text}")

    assert f'href="{text.split(":")[0]}' not in client.get(news.get_absolute_url()).content.decode()


# -- Rules and admin ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["title", "slug", "summary", "body"])
def test_incomplete_news_cannot_be_stored(field):
    with pytest.raises(IntegrityError), transaction.atomic():
        News.objects.create(**({"title": "А", "slug": "a", "summary": "А", "body": "А"} | {field: ""}))


def test_editor_writes_and_publishes(client, editor):
    client.force_login(editor)
    texts = {"title": "Работы", "slug": "works", "summary": "Коротко.", "body": "Текст."}
    client.post("/admin/content/news/add/", texts | {"published_at_0": "", "published_at_1": ""})
    draft = News.objects.get()

    client.post("/admin/content/news/", {"action": "publish", "_selected_action": [draft.pk]})

    assert client.get(draft.get_absolute_url()).status_code == 200
    client.logout()
    assert client.get(draft.get_absolute_url()).status_code == 200


def test_publishing_again_keeps_the_date(client, editor):
    news = make_news(age=timedelta(days=30))
    client.force_login(editor)

    client.post("/admin/content/news/", {"action": "publish", "_selected_action": [news.pk]})

    assert News.objects.get().published_at == news.published_at


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ("draft", {"Черновик"}),
        ("planned", {"Завтра"}),
        ("published", {"Вчера"}),
        ("x", {"Черновик", "Завтра", "Вчера"}),
    ],
)
def test_admin_filters_by_state(client, editor, state, titles):
    make_news("Черновик", slug="draft", published_at=None)
    make_news("Завтра", slug="planned", age=timedelta(days=-1))
    make_news("Вчера", slug="published", age=timedelta(days=1))
    client.force_login(editor)

    response = client.get("/admin/content/news/", {"state": state})

    assert {news.title for news in response.context["cl"].result_list} == titles


def test_drafts_stand_first_in_the_admin(client, editor):
    make_news("Завтра", slug="planned", age=timedelta(days=-1))
    make_news("Черновик", slug="draft", published_at=None)
    client.force_login(editor)

    result_list = client.get("/admin/content/news/").context["cl"].result_list

    assert [news.title for news in result_list] == ["Черновик", "Завтра"]


def test_admin_of_news_is_accessible_and_fits_the_screen(sized_page, browser_login, axe, console):
    browser_login(sized_page, StaffFactory(group="editor"))
    problems = []
    for address in ["/admin/", "/admin/content/news/", f"/admin/content/news/{make_news().pk}/change/"]:
        sized_page.goto(address, wait_until="networkidle")
        problems += console.problems
        console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
        problems += [f"{address}: {problem}" for problem in axe(sized_page)]
        if not sized_page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            problems.append(f"{address}: wider than the screen")

    assert problems == []
