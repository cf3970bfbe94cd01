"""What has to be there before some services can be asked for: a free time, a meter, a survey."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import User
from requests_app.services.survey.models import Survey
from tests.surveys import answers, make_survey


def _meter_readings(owner: User) -> dict[str, Any]:
    from tests.readings import confirmed_meter  # which builds on the factories that use these scenes

    meter = confirmed_meter(owner=owner)
    return {"meter": meter.pk, "zone_1": "018646", "taken_on": timezone.localdate().isoformat()}


def _survey(owner: User) -> dict[str, Any]:
    """Open and anonymous, with a question of every kind; the one that is there already serves again."""
    return answers(Survey.objects.first() or make_survey())


# Slug of a service → makes the rows that its form chooses from and returns valid form data for that consumer.
SCENES: dict[str, Callable[[User], dict[str, Any]]] = {
    "meter-readings": _meter_readings,
    "survey": _survey,
}
