"""Who works at the desk."""

from django.http import HttpRequest

from accounts.models import User


class StaffRequest(HttpRequest):
    """An HTTP request whose user is one of the staff: what views behind `admin_view` get."""

    user: User
