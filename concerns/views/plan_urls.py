"""Addresses of the plans, of the lists of people whom alerts go to, and of what would happen."""

from django.urls import URLPattern, path

from concerns.views import plan_people, plans

urlpatterns: list[URLPattern] = [
    path("plans/", plans.plans, name="plans"),
    path("plans/ladders/", plan_people.plan_ladders, name="plan_ladders"),
    path("plans/ladders/<slug:ladder_key>/", plan_people.plan_ladder, name="plan_ladder"),
    path("plans/what-would-happen/", plan_people.what_would_happen, name="what_would_happen"),
    path("plans/<slug:plan_key>/", plans.plan, name="plan"),
    path("plans/<slug:plan_key>/edit/", plans.plan_edit, name="plan_edit"),
    path("plans/<slug:plan_key>/versions/<int:version>/", plans.plan_version, name="plan_version"),
]
