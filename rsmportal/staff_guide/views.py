"""The guide for staff: whoever works at the desk may read all of it."""

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from rsmportal.staff_guide import chapters

LONGEST_SEARCH = 100  # characters


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    guide = chapters.guide()
    words = " ".join(request.GET.get("q", "")[:LONGEST_SEARCH].replace("\0", "").split())
    context = {
        **admin.site.each_context(request),
        "title": guide.contents.title,
        "guide": guide,
        "words": words,
        "found": guide.find(words),
    }
    return TemplateResponse(request, "admin/guide/contents.html", context)


@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponse:
    guide = chapters.guide()
    shown = guide.chapter(slug)
    if shown is None:
        raise Http404
    before, after = guide.beside(shown)
    context = {
        **admin.site.each_context(request),
        "title": shown.title,
        "guide": guide,
        "chapter": shown,
        "before": before,
        "after": after,
    }
    return TemplateResponse(request, "admin/guide/chapter.html", context)


@require_safe
def image(request: HttpRequest, file_name: str) -> FileResponse:
    """A picture of a chapter. Not a static file: those are for everybody, the guide is for staff."""
    names = {path.name for path in chapters.IMAGES.glob("*.png")}
    if file_name not in names:
        raise Http404
    return FileResponse((chapters.IMAGES / file_name).open("rb"), content_type="image/png")


def urls() -> list[URLPattern]:
    """Below /admin/, before the addresses of Django's admin, which take all that is left."""
    allowed = admin.site.admin_view
    return [
        path("", allowed(contents), name="staff_guide"),
        path("<slug:slug>/", allowed(chapter), name="staff_guide_chapter"),
        path("images/<str:file_name>", allowed(image), name="staff_guide_image"),
    ]
