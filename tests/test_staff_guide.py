"""The guide for staff: its chapters and pictures belong together, every link leads somewhere, staff read it and nobody else."""

import importlib.util
import itertools
import re
import sys

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from PIL import Image

from accounts import actions
from accounts.models import User
from rsmportal.staff_guide import chapters
from tests.factories import STAFF_GROUPS, ConsumerFactory, StaffFactory

CONTENTS = reverse("staff_guide")
LARGEST_PICTURE = 120 * 1024  # bytes
GROUPS = ["operator", "supervisor", "inspector", "dpo", "editor", "", "superuser"]


def guide():
    return chapters.guide()


def pages():
    """The contents and every chapter."""
    return [guide().contents, *guide().chapters]


def texts():
    return {path.stem: path.read_text() for path in chapters.FOLDER.glob("*.md")}


def scenes():
    """docs/staff-guide/scenes.py, which is no part of a package."""
    if "staff_guide_scenes" not in sys.modules:
        spec = importlib.util.spec_from_file_location("staff_guide_scenes", chapters.FOLDER / "scenes.py")
        module = sys.modules["staff_guide_scenes"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["staff_guide_scenes"]


def address_of(chapter):
    return reverse("staff_guide_chapter", args=[chapter.slug])


# -- Files that belong together -------------------------------------------------------------------------------------


def test_the_contents_name_every_chapter():
    assert {chapter.slug for chapter in guide().chapters} == texts().keys() - {chapters.CONTENTS}


def test_every_picture_has_a_chapter_a_file_and_a_scene():
    named = re.findall(r"!\[[^\]]+\]\(images/([\w-]+)\.png\)", "\n".join(texts().values()))
    files = {path.stem for path in chapters.IMAGES.iterdir()}

    assert sorted(named) == sorted(files)
    assert sorted(named) == sorted(scene.name for scene in scenes().SCENES)


def test_pictures_are_small_and_say_what_they_show():
    for path in chapters.IMAGES.iterdir():
        assert path.stat().st_size <= LARGEST_PICTURE, path.name
        with Image.open(path) as image:
            assert (image.format, image.mode) == ("PNG", "P"), path.name
    assert all(re.fullmatch(r".*[а-яё].*", words) for words in re.findall(r"!\[([^\]]*)\]", "".join(texts().values())))


def test_every_link_leads_somewhere():
    anchors = {chapter.slug: {heading.anchor for heading in chapter.headings} for chapter in guide().chapters}
    astray = []
    for name, text in texts().items():
        for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", text):
            file, _, anchor = link.partition("#")
            if link.startswith("/admin/"):
                astray += [] if _resolves(link) else [f"{name}: {link}"]
            else:
                slug = file.removesuffix(".md") or name
                is_there = (
                    (not file or file.endswith(".md")) and slug in anchors and (not anchor or anchor in anchors[slug])
                )
                astray += [] if is_there else [f"{name}: {link}"]

    assert astray == []


def _resolves(address):
    """Django's admin has an address for everything below it; what is no page of ours is not one."""
    try:
        return resolve(address.partition("?")[0]).url_name is not None
    except Resolver404:
        return False


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.slug)
def test_headings_are_in_order(page):
    levels = [heading.level for heading in page.headings]
    anchors = [heading.anchor for heading in page.headings]

    assert levels.count(1) == 1
    assert page.text.startswith("# ")
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(set(anchors)) == len(anchors)


def test_html_in_a_chapter_is_shown_as_text():
    chapter = chapters.Chapter("new", '# Глава\n\n<script>alert(1)</script> [ссылка](javascript:alert(1)) "кавычки"')

    assert "<script>" not in chapter.html
    assert 'href="javascript' not in chapter.html
    assert "&lt;script&gt;" in chapter.html


# -- Who reads it ---------------------------------------------------------------------------------------------------


def colleague(group):
    return StaffFactory(is_superuser=True) if group == "superuser" else StaffFactory(group=group)


@pytest.mark.django_db
@pytest.mark.parametrize("group", GROUPS)
def test_each_chapter_opens_for_every_colleague(client, group):
    client.force_login(colleague(group))

    for chapter in guide().chapters:
        html = client.get(address_of(chapter)).content.decode()
        assert f"<h1>{chapter.title}</h1>" in html
        assert all(f'id="{heading.anchor}"' in html for heading in chapter.headings if heading.level > 1)
        assert all(f'href="#{heading.anchor}"' in html for heading in chapter.headings if heading.level == 2)


@pytest.mark.django_db
def test_no_group_is_forgotten():
    names = set(Group.objects.values_list("name", flat=True))
    assert {STAFF_GROUPS[group] for group in GROUPS if group in STAFF_GROUPS} == names


@pytest.mark.django_db
def test_the_desk_leads_to_the_contents_and_they_to_every_chapter(client):
    client.force_login(colleague("operator"))

    assert f'href="{CONTENTS}"' in client.get(reverse("admin:index")).content.decode()
    html = client.get(CONTENTS).content.decode()
    assert all(f'href="{address_of(chapter)}"' in html for chapter in guide().chapters)


@pytest.mark.django_db
def test_pictures_come_with_their_size_and_are_kept_private(client):
    client.force_login(colleague("editor"))
    chapter = guide().chapter("request")

    html = client.get(address_of(chapter)).content.decode()
    source = reverse("staff_guide_image", args=["answer.png"])
    response = client.get(source)

    width, height = chapters.image_size("answer.png")
    assert re.search(rf'<img src="{source}" alt="[^"]+" width="{width}" height="{height}" loading="lazy"', html)
    assert response.headers["Content-Type"] == "image/png"
    assert b"".join(response) == (chapters.IMAGES / "answer.png").read_bytes()
    assert "private" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["nothing/", "README/", "images/nothing.png", "images/..%2Fscenes.py", "images/%2e%2e/scenes.py", "images/"],
)
def test_what_is_not_there_is_not_found(client, address):
    client.force_login(colleague("superuser"))

    assert client.get(CONTENTS + address).status_code == 404


ADDRESSES = [CONTENTS, reverse("staff_guide_chapter", args=["queue"]), reverse("staff_guide_image", args=["queue.png"])]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["stranger", "consumer"])
def test_it_is_for_staff_alone(client, address, who):
    if who == "consumer":
        client.force_login(ConsumerFactory(agreed=True).user)

    response = client.get(address)

    assert response.status_code == 302
    assert response.url.startswith((reverse("admin:login"), reverse("accounts:login")))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_only_read(client, address):
    client.force_login(colleague("operator"))

    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_a_chapter_asks_the_database_for_its_reader_alone(client, django_assert_num_queries):
    client.force_login(colleague("operator"))
    address = address_of(guide().chapters[0])
    client.get(address)

    with django_assert_num_queries(4):  # session, user, two of permissions for the menu
        client.get(address)


# -- Search ---------------------------------------------------------------------------------------------------------


def found(words):
    return [(each.chapter.slug, each.heading and each.heading.title) for each in guide().find(words)]


def test_a_search_finds_parts_by_all_words_and_headings_come_first():
    assert found("Отказать")[0] in [("request", "Отказать"), ("access", "Отказать")]
    assert ("administrator", "Сотрудник потерял телефон") in found("ПОТЕРЯЛ телефон")
    assert found("телефон жираф") == found("") == found("   ") == []


def test_a_search_begins_with_headings():
    ranks = ["телефон" in f"{chapter} {heading}".casefold() for chapter, heading in titles("телефон")]

    assert ranks == sorted(ranks, reverse=True)
    assert set(ranks) == {True, False}


def titles(words):
    return [(each.chapter.title, each.heading.title if each.heading else "") for each in guide().find(words)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("второй шаг", "first-login/"),
        ("жираф", "Ничего не&nbsp;нашлось"),
        ("\0" * 5, "first-login/"),
        ("а" * 5000, "Ничего не&nbsp;нашлось"),
        ('"><script>', "Ничего не&nbsp;нашлось"),
    ],
)
def test_the_page_tells_what_was_found(client, typed, told):
    client.force_login(colleague("operator"))

    html = client.get(CONTENTS, {"q": typed}).content.decode()

    assert told in html
    assert "<script>" not in html


# -- The script of the pictures -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db
def test_every_scene_finds_its_page_in_the_demo(capsys):
    editor_first = sorted(scenes().SCENES, key=lambda scene: scene.by != scenes().EDITOR)
    missing = {}
    with time_machine.travel(scenes().NOW):
        call_command("demo", force=True)
        for scene in editor_first:
            if scene.name == "second-factor-reset":  # an earlier scene connects the device
                editor = User.objects.get(email=scenes().EDITOR)
                actions.connect_device(editor, secret="A" * 32, step=1, instead_of=None)
            missing |= {scene.name: status} if (status := _status(scene)) != 200 else {}

    assert missing == {}


def _status(scene):
    client = Client()
    if scene.by:
        client.force_login(User.objects.get(email=scene.by), backend=settings.AUTHENTICATION_BACKENDS[-1])
    try:
        address = scene.address if isinstance(scene.address, str) else scene.address()
    except NoReverseMatch as error:
        return str(error)
    return client.get(address).status_code
