"""Every address of the product, and what answers an error."""

from django.urls import include, path

urlpatterns = [path("", include("concerns.urls"))]

handler500 = "concerns.views.outage.server_error"
