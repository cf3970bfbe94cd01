"""The one template that draws every field, and the summary of errors above a form."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SampleForm(forms.Form):
    inn = forms.CharField(
        label="ИНН",
        help_text="Формат: 10 цифр",
        error_messages={"required": "Введите ИНН."},
        widget=forms.TextInput(attrs={"class": "input-short"}),
    )
    middle_name = forms.CharField(label="Отчество", required=False)
    question = forms.CharField(label="Вопрос", required=False, widget=forms.Textarea)
    topic = forms.ChoiceField(label="Тема", choices={"a": "А", "b": "Б"})
    reply = forms.ChoiceField(
        label="Как ответить", help_text="Можно изменить", choices={"a": "А", "b": "Б"}, widget=forms.RadioSelect
    )
    password = forms.CharField(label="Пароль", widget=forms.PasswordInput)
    papers = forms.FileField(label="Файлы", required=False, widget=ManyFilesInput)
    agree = forms.BooleanField(label="Согласен", help_text="Без этого нельзя")
    news = forms.BooleanField(label="Новости", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


def drawn(name: str, data: dict[str, str] | None = None) -> str:
    """The field as a page shows it, on one line and without spaces that mean nothing."""
    line = " ".join(SampleForm(data)[name].as_field_group().split())
    return re.sub(r" (?=[<>])|(?<=>) ", "", line)


def attributes(tag: str, html: str) -> dict[str, str]:
    """The attributes of the first such tag."""
    return dict(re.findall(r'([\w-]+)="([^"]*)"', re.search(rf"<{tag}\b[^>]*>", html)[0]))


def test_label_hint_error_and_control_stand_in_this_order():
    html = drawn("inn", {})

    places = [html.index(part) for part in ('for="id_inn"', "id_inn_helptext", 'id="id_inn_error"', "<input")]

    assert places == sorted(places)


def test_control_names_its_hint_and_error_once():
    control = attributes("input", drawn("inn", {}))

    assert control["aria-describedby"] == "id_inn_helptext id_inn_error"
    assert control["aria-invalid"] == "true"
    assert drawn("inn", {}).count("aria-invalid") == 1


def test_every_described_id_exists():
    form = SampleForm({})
    html = "".join(field.as_field_group() for field in form)

    described = " ".join(re.findall(r'aria-describedby="([^"]*)"', html)).split()

    assert described
    assert set(described) <= set(re.findall(r'\bid="([^"]*)"', html))


def test_field_without_error_is_not_invalid():
    html = drawn("inn", {"inn": "7707083893"})

    assert "aria-invalid" not in html
    assert "field-error" not in html
    assert 'value="7707083893"' in html


def test_optional_field_says_so_and_required_one_does_not():
    assert "(необязательно)" in drawn("middle_name")
    assert "(необязательно)" not in drawn("inn")


def test_form_that_marks_nothing_as_optional():
    class SearchForm(SampleForm):
        mark_optional = False

    assert "(необязательно)" not in SearchForm()["middle_name"].as_field_group()


def test_disabled_field_is_not_called_optional():
    form = SampleForm()
    form.fields["middle_name"].disabled = True

    assert "(необязательно)" not in form["middle_name"].as_field_group()


@pytest.mark.parametrize(
    ("name", "tag", "classes"),
    [
        ("inn", "input", "input input-short"),
        ("middle_name", "input", "input"),
        ("question", "textarea", "input"),
        ("topic", "select", "input"),
        ("password", "input", "input"),
    ],
)
def test_control_has_the_class_of_the_design_system_before_its_own(name, tag, classes):
    assert attributes(tag, drawn(name))["class"] == classes


def test_radios_are_a_fieldset_with_a_legend():
    html = drawn("reply", {})

    assert attributes("fieldset", html)["aria-describedby"] == "id_reply_helptext id_reply_error"
    assert "<legend>Как ответить</legend>" in html
    assert '<label class="choice" for="id_reply_0"><input type="radio"' in html


def test_box_stands_before_its_label():
    html = drawn("agree")

    assert re.search(
        r'<label class="choice" for="id_agree"><input type="checkbox"[^>]*><span>Согласен</span></label>', html
    )
    assert 'id="id_agree_helptext"' in html


def test_single_box_is_never_called_optional():
    assert "(необязательно)" not in drawn("news")


def test_password_has_a_button_that_scripts_show():
    html = drawn("password")

    assert attributes("button", html)["type"] == "button"
    assert re.search(r"<button[^>]* data-show-password [^>]*hidden>", html)
    assert "value=" not in drawn("password", {"password": "secret"}).split("<button")[0]


def test_files_may_be_many():
    html = drawn("papers")

    assert html.count('class="drop"') == 1
    assert re.search(r'<input type="file"[^>]* multiple', html)


def test_hidden_field_has_no_label():
    assert drawn("key") == '<input type="hidden" name="key" id="id_key">'


def test_what_was_typed_is_kept_and_escaped():
    assert 'value="&quot;&gt;&lt;script&gt;"' in drawn("middle_name", {"middle_name": '"><script>'})


# -- Summary of errors ----------------------------------------------------------------------------------------------


def summary(form: forms.Form) -> str:
    return " ".join(render_to_string("components/error_summary.html", {"form": form}).split())


def form_with_errors(*names: str | None) -> SampleForm:
    form = SampleForm({})
    form.errors.clear()
    for name in names:
        form.add_error(name, "Введено 9 цифр.")
    return form


def test_good_form_has_no_summary():
    assert summary(SampleForm()) == ""


@pytest.mark.parametrize(
    ("names", "heading"),
    [
        (["inn"], "Исправьте одно поле"),
        (["inn", "reply"], "Исправьте два поля"),
        (["inn", "reply", "topic", "agree", "news"], "Исправьте пять полей"),
        (["inn", None], "Исправьте одно поле"),
    ],
)
def test_summary_counts_fields_in_words(names, heading):
    assert f"<h2>{heading}</h2>" in summary(form_with_errors(*names))


def test_two_errors_of_one_field_are_one_field_to_fix():
    form = form_with_errors("inn")
    form.add_error("inn", "И ещё.")

    assert "Исправьте одно поле" in summary(form)


@pytest.mark.parametrize(
    ("label", "line"),
    [("ИНН", ">ИНН: введено 9 цифр.<"), ("Чем вы пользуетесь?", ">Чем вы пользуетесь? Введено 9 цифр.<")],
)
def test_a_question_is_followed_by_no_colon(label, line):
    form = SampleForm({})
    form.fields["inn"].label = label
    form.errors.clear()
    form.add_error("inn", "Введено 9 цифр.")

    assert line in summary(form)


def test_errors_lead_to_their_controls():
    form = form_with_errors("inn", "reply", "agree")
    html = "".join(field.as_field_group() for field in form)

    targets = re.findall(r'href="#([^"]*)"', summary(form))

    assert targets == ["id_inn", "id_reply_0", "id_agree"]
    assert set(targets) <= set(re.findall(r'<(?:input|select|textarea)[^>]*\bid="([^"]*)"', html))


def test_error_goes_on_after_the_name_of_its_field():
    assert "ИНН: введено 9 цифр." in summary(form_with_errors("inn"))


def test_error_of_the_whole_form_is_the_heading_when_it_is_alone():
    html = summary(form_with_errors(None))

    assert "<h2>Введено 9 цифр.</h2>" in html
    assert "Исправьте" not in html


def test_summary_is_announced_and_can_take_the_focus():
    section = attributes("section", summary(form_with_errors("inn")))

    assert section["role"] == "alert"
    assert section["tabindex"] == "-1"


def test_error_of_a_hidden_field_is_told_without_a_link():
    assert "<li>Введено 9 цифр.</li>" in summary(form_with_errors("key"))
