"""What no browser of a person sends is turned away at the door, in one line of the log: other methods, other alphabets, other hosts."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import parse_header_parameters

log = logging.getLogger(__name__)
METHODS = ("GET", "HEAD", "POST")
FOREIGN = "safeguarding.foreign_charset"
WSGI = Callable[[dict[str, Any], Any], Any]


def is_foreign(content_type: str) -> bool:
    """Whether a body says that it is written in anything but UTF-8. Browsers write forms in the page's own, which is UTF-8."""
    return parse_header_parameters(content_type)[1].get("charset", "").lower() not in ("", "utf-8")


def plain_charsets(application: WSGI) -> WSGI:
    """Take a foreign charset out of a request before Django makes an object of it, which some names would stop."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if is_foreign(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"], environ[FOREIGN] = "application/octet-stream", True
        return application(environ, start_response)

    return answer


class PlainRequests:
    """Answer 405, 415 or 400, in plain words, before anything is read or anybody recognised."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            response = render(None, "400.html", status=405)
            response["Allow"] = ", ".join(METHODS)
            return response
        if request.META.get(FOREIGN) or is_foreign(request.META.get("CONTENT_TYPE", "")):
            return render(None, "400.html", status=415)
        try:
            request.get_host()
        except DisallowedHost:
            log.warning("refused a request for another host, %.80r: SAFEGUARDING_HOSTS does not name it", request.META.get("HTTP_HOST", ""))
            return render(None, "400.html", status=400)
        return self.get_response(request)
