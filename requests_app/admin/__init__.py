"""The work desk: what staff see of requests and do with them."""

from requests_app.admin import details, reference, service_request  # noqa: F401  they register themselves
