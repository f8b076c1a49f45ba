"""Addresses of the emergency card, the contacts, the public pages, and the contacts' own pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from concerns.views.card import card_from_file
from concerns.views.guard import public


@public("numbers to ring in an emergency")
def emergency(request: HttpRequest) -> HttpResponse:
    return card_from_file()


urlpatterns: list[URLPattern] = [
    path("emergency/", emergency, name="emergency"),
]
