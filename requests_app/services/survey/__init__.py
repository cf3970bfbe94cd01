"""
Surveys: staff ask, consumers answer once each. `models` is what is asked, `answers` who took part and what was said,
`form` the page, `results` what staff read.
"""

from requests_app.deadlines import DayKind
from requests_app.services.base import DefaultTerm, Service
from requests_app.services.survey.form import SurveyForm
from requests_app.services.survey.invitations import notices
from requests_app.services.survey.life import LIFE

SERVICE = Service(
    slug="survey",
    noun="Опрос",
    title="Ответить на опрос",
    summary="Проведение целевых опросов, анкетирования",
    lead="Короткие опросы о\N{NO-BREAK SPACE}нашей работе: по\N{NO-BREAK SPACE}ним мы решаем, что исправить.",
    icon="survey",
    form_class=SurveyForm,
    # nothing is answered: the term only has to be there, and the day on which the answers come is the day they count
    default_term=DefaultTerm(days=1, day_kind=DayKind.CALENDAR, legal_basis="Ответы учитываются сразу"),
    life=LIFE,
    counts_as_appeal=False,
    page_template="requests/survey/entry.html",
    registered_letter="survey_answered",
    registered_news="ответы на опрос приняты",
    notices=notices,
    example={},  # which survey, and so which questions, is for the database to say
)
