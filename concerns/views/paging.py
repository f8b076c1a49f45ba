"""The links to the page before and the page after, with the filters kept."""

from django.http import HttpRequest


def hrefs(request: HttpRequest, address: str, *, before: str, after: str) -> dict[str, str]:
    """Return `previous` and `next`: where the cursors lead, empty at the ends."""
    return {"previous": _href(request, address, "before", before), "next": _href(request, address, "after", after)}


def _href(request: HttpRequest, address: str, name: str, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query.pop("after", None), query.pop("before", None)
    query[name] = cursor
    return f"{address}?{query.urlencode()}"
