"""Addresses of the app."""

from django.urls import URLPattern, URLResolver

from concerns.views.contact_urls import urlpatterns as contact_urls

urlpatterns: list[URLPattern | URLResolver] = [*contact_urls]
