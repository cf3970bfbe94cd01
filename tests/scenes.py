"""What has to be there before some services can be asked for: a free time, a meter, a survey."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from requests_app.services import appointment
from requests_app.services.survey.models import Survey
from tests.surveys import answers, make_survey

# Slug of a service → makes the rows that its form chooses from and returns valid form data for that consumer.
SCENES: dict[str, Callable[[User], dict[str, Any]]] = {}


def _survey(owner: User) -> dict[str, Any]:
    """Open and anonymous, with a question of every kind; the one that is there already serves again."""
    return answers(Survey.objects.first() or make_survey())


def _free_time(owner: User) -> dict[str, Any]:
    """The first free time of an office."""
    from tests.visits import free_times, make_office  # which import the factories

    return {**appointment.SERVICE.example, "slot": free_times(make_office())[0]}


SCENES["survey"] = _survey
SCENES["appointment"] = _free_time
