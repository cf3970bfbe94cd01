"""Every service is filed in Chromium by each legal form that may: what is required is filled in, nothing else."""

import pytest
from django.urls import reverse

from requests_app.models import ServiceRequest
from requests_app.services import SERVICES
from tests import robot
from tests.factories import ConsumerFactory
from tests.scenes import SCENES

EVERY_WAY = [(service, legal_form) for service in SERVICES for legal_form in service.allowed_for]


def file_as(page, browser_login, service, legal_form):
    user = ConsumerFactory(legal_form=legal_form).user
    answers = SCENES[service.slug](user) if service.slug in SCENES else {}
    browser_login(page, user)
    return ServiceRequest.objects.get(
        number=robot.file_request(page, reverse("requests:submit", args=[service.slug]), answers), owner=user
    )


@pytest.mark.parametrize(
    ("service", "legal_form"), EVERY_WAY, ids=[f"{service.slug}-{legal_form}" for service, legal_form in EVERY_WAY]
)
def test_what_is_required_is_enough(page320, browser_login, service, legal_form):
    service_request = file_as(page320, browser_login, service, legal_form)

    assert service_request.service == service.slug
    assert service_request.applicant_legal_form == legal_form
    assert service_request.detail
    assert page320.locator("ol.timeline li").count() >= 1
    assert service_request.number in page320.locator("main").inner_text()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_also_without_javascript(page_without_js, browser_login, service):
    assert file_as(page_without_js, browser_login, service, service.allowed_for[0]).detail
