"""Addresses of the emergency card, of the public pages, and of the contacts."""

from django.urls import URLPattern, path

from concerns.views import contacts
from concerns.views.card import emergency, service_worker
from concerns.views.public_pages import guide_online_grooming, talk

urlpatterns: list[URLPattern] = [
    path("emergency/", emergency, name="emergency"),
    path("sw.js", service_worker, name="service_worker"),
    path("talk/", talk, name="talk"),
    path("guides/online-grooming/", guide_online_grooming, name="guide_online_grooming"),
    path("contacts/", contacts.contact_list_page, name="contacts"),
    path("contacts/new/", contacts.contact_new, name="contact_new"),
    path("contacts/<uuid:contact_id>/", contacts.contact_detail, name="contact"),
    path("contacts/<uuid:contact_id>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<uuid:contact_id>/verify/", contacts.contact_verify, name="contact_verify"),
    path("contacts/<uuid:contact_id>/retire/", contacts.contact_retire, name="contact_retire"),
]
