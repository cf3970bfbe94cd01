from django import template

from requests_app import previews
from requests_app.models import Attachment

register = template.Library()


@register.filter
def can_be_shown(attachment: Attachment) -> bool:
    """Is there a page on which this file is looked at?"""
    return previews.may_be_shown(attachment)
