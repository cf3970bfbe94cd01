"""The official codes that every request gets: columns 5–29 of the regulator's table 4.9."""

import pytest

from requests_app.codes import AppealForm, Category, Outcome
from requests_app.services import complaint, consultation, inquiry
from requests_app.services.complaint import ComplaintCategory
from requests_app.services.topics import CATEGORY_OF_TOPIC, Topic
from tests.factories import submitted

pytestmark = pytest.mark.django_db

# Annex 7 to the Unified standards (Order of the Ministry of Energy No. 186), section 4, table 4.9
COLUMNS_OF_APPEALS = [
    "transmission",  # 10
    "connection",  # 11
    "metering",  # 12
    "service",  # 13
    "maintenance",  # 14
    "other",  # 15
]
COLUMNS_OF_COMPLAINTS = [
    "transmission",  # 16
    "energy",  # 17
    "connection",  # 18
    "metering",  # 19
    "service",  # 20
    "maintenance",  # 21
    "other",  # 22
]
COLUMNS_OF_APPLICATIONS = ["connection", "contract", "metering", "other"]  # 23–26


def test_categories_are_the_columns_of_the_table_in_their_order():
    columns = [
        *(f"appeal_{subject}" for subject in COLUMNS_OF_APPEALS),
        *(f"complaint_{subject}" for subject in COLUMNS_OF_COMPLAINTS),
        *(f"application_{subject}" for subject in COLUMNS_OF_APPLICATIONS),
    ]

    assert Category.values == columns


def test_forms_and_outcomes_are_the_columns_of_the_table():
    assert AppealForm.values == ["office", "phone", "internet", "post", "other"]
    assert Outcome.values == ["in_time", "late", "no_answer"]


@pytest.mark.parametrize("service", [inquiry.SERVICE, consultation.SERVICE], ids=lambda service: service.slug)
@pytest.mark.parametrize("topic", Topic)
def test_every_topic_counts_as_an_appeal(service, topic):
    service_request = submitted(service, topic=topic)

    assert service_request.category == CATEGORY_OF_TOPIC[topic]
    assert service_request.category.startswith("appeal_")
    assert service_request.appeal_form == AppealForm.INTERNET


@pytest.mark.parametrize("category", ComplaintCategory)
def test_every_complaint_counts_in_its_own_column(category):
    service_request = submitted(complaint.SERVICE, category=category)

    assert service_request.category == f"complaint_{category}"


def test_contacts_have_no_column_and_count_as_service():
    assert CATEGORY_OF_TOPIC[Topic.CONTACTS] == Category.APPEAL_SERVICE
