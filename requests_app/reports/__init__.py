"""
The regulator's tables 4.1 and 4.9 of Annex 7 to the Unified standards of service (Order of the Ministry of Energy No. 186
of 15.04.2014). They read what stands on the request itself, so erasing a person's data changes no table of the past.
"""

from requests_app.reports.appeals import appeal_rows, count_outcomes
from requests_app.reports.by_category import Line, count_lines
from requests_app.reports.period import Period
from requests_app.reports.personal import names_somebody, without_personal

__all__ = ["Line", "Period", "appeal_rows", "count_lines", "count_outcomes", "names_somebody", "without_personal"]
