"""
The subjects of inquiries and consultations: the five of Annex 4 to the Unified standards (Order of the Ministry of
Energy No. 186), then maintenance and the rest, which the regulator's table counts too.
"""

from django.db.models import TextChoices

from requests_app.codes import Category


class Topic(TextChoices):
    TRANSMISSION = "transmission", "Передача электроэнергии"
    CONNECTION = "connection", "Технологическое присоединение"
    METERING = "metering", "Учёт электроэнергии"
    SERVICE = "service", "Обслуживание потребителей"
    CONTACTS = "contacts", "Контактная информация"
    MAINTENANCE = "maintenance", "Техническое обслуживание сетей"
    OTHER = "other", "Другое"


# The five of Annex 4 alone: what one makes an appointment for.
OFFICIAL_TOPICS = [
    (topic.value, topic.label)
    for topic in (Topic.CONNECTION, Topic.TRANSMISSION, Topic.METERING, Topic.SERVICE, Topic.CONTACTS)
]

CATEGORY_OF_TOPIC = {
    Topic.TRANSMISSION: Category.APPEAL_TRANSMISSION,
    Topic.CONNECTION: Category.APPEAL_CONNECTION,
    Topic.METERING: Category.APPEAL_METERING,
    Topic.SERVICE: Category.APPEAL_SERVICE,
    Topic.CONTACTS: Category.APPEAL_SERVICE,
    Topic.MAINTENANCE: Category.APPEAL_MAINTENANCE,
    Topic.OTHER: Category.APPEAL_OTHER,
}
