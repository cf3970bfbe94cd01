from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rsmportal.content.models import News

PAGE_SIZE = 10


@login_not_required
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Everything that came out, or one year of it (`?year=2026`), a page at a time."""
    published = News.objects.published()
    years = published.years()
    year = request.GET.get("year", "")
    if year and year not in map(str, years):
        raise Http404("nothing was published in that year")
    entries = published.of_year(int(year)) if year else published
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "content/news.html", {"page": page, "years": years, "year": year})


@login_not_required
@require_safe
def news_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One piece of news. Drafts are shown to the editors only."""
    may_preview = request.user.is_staff and request.user.has_perm("content.view_news")
    readable = News.objects.all() if may_preview else News.objects.published()
    return render(request, "content/news_detail.html", {"entry": get_object_or_404(readable, slug=slug)})
