"""The pages of django-allauth that we use, at its own names; the rest of it has no address here.

Nobody makes their own account, so the name that allauth's pages ask for leads to a page that says so.
"""

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from concerns.views.guard import public, signed_in

SIGN_IN = "signing in must be open to those who are signed out"
RESET = "who has forgotten their password is signed out"


@public("says that an administrator makes accounts")
def no_signup(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html")


@public("signing out twice does no harm")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out, and let the browser forget what it stored; never "storage", which would remove the offline emergency card."""
    response: HttpResponse = views.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache", "cookies"'
    return response


urlpatterns = [
    path("login/", public(SIGN_IN)(views.login), name="account_login"),
    path("logout/", sign_out, name="account_logout"),
    path("signup/", no_signup, name="account_signup"),
    path("inactive/", public(SIGN_IN)(views.account_inactive), name="account_inactive"),
    path("reauthenticate/", signed_in("own account")(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", signed_in("own account")(views.password_change), name="account_change_password"),
    path("password/set/", signed_in("own account")(views.password_change), name="account_set_password"),
    path("password/reset/", public(RESET)(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", public(RESET)(views.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/<slug:uidb36>-<slug:key>/", public(RESET)(views.password_reset_from_key), name="account_reset_password_from_key"
    ),
    path("password/reset/key/done/", public(RESET)(views.password_reset_from_key_done), name="account_reset_password_from_key_done"),
]
