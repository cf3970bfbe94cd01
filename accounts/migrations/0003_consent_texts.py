"""The first version of the policy and of both consents; later versions are made in the admin."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import migrations
from django.utils import timezone

TEXTS = Path(__file__).resolve().parent.parent / "consent_texts"


def publish(apps, schema_editor):
    document_model = apps.get_model("accounts", "ConsentDocument")
    for purpose in ("policy", "registration", "news"):
        title, summary, text = read(purpose)
        document_model.objects.using(schema_editor.connection.alias).create(
            purpose=purpose,
            version=1,
            title=title,
            summary=summary,
            text=text,
            sha256=hashlib.sha256(f"{title}\n{summary}\n{text}".encode()).hexdigest(),
            published_at=timezone.now(),
        )


def read(purpose):
    """The title on the first line, for the policy then its summary, the text after a blank line."""
    raw = (TEXTS / f"{purpose}-1.txt").read_text(encoding="utf-8")
    raw = raw.replace("{operator}", settings.OPERATOR_NAME).replace("{legal_name}", settings.OPERATOR_LEGAL_NAME)
    title, text = raw.strip().split("\n\n", 1)
    summary = ""
    if purpose == "policy":
        summary, text = text.split("\n\n", 1)
    return title, summary, text


def withdraw(apps, schema_editor):
    apps.get_model("accounts", "ConsentDocument").objects.using(schema_editor.connection.alias).filter(version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_cache_table")]

    operations = [migrations.RunPython(publish, withdraw)]
