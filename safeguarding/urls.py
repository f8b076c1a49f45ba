"""Every address of the product, and what answers an error."""

from django.urls import include, path

urlpatterns = [path("", include("concerns.urls"))]

handler403 = "concerns.views.refusals.not_allowed"
handler404 = "concerns.views.refusals.not_found"
handler500 = "concerns.views.outage.server_error"
