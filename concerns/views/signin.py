"""A person's own account: how they sign in, where they are signed in, and hiding and locking the screen."""

from uuid import UUID

from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from concerns.access.signin import must_prove
from concerns.actions.signin import end_other_sign_ins, end_sign_in, touch_sign_in
from concerns.choices import SignInEnd
from concerns.queries.signin import factors_of, sign_ins_of
from concerns.rules.signin import AT_MOST
from concerns.rules.words import span_words
from concerns.views.actor import actor, moment
from concerns.views.clock import before_second_factor, current_sign_in, is_poll, left
from concerns.views.guard import public, signed_in
from concerns.views.held import keep_locked, own_path, owner_of
from concerns.views.known import hand_over, take_back
from concerns.views.secondfactor import SecondFactorAdapter

OWN = "everybody sees their own account, and nobody else's"
WORDS = {
    SignInEnd.IDLE: "You were signed out because nothing happened for a while. What you typed is kept for an hour: sign in to see it.",
    SignInEnd.TOO_LONG: f"You were signed out after {span_words(AT_MOST)}. What you typed is kept for an hour: sign in to see it.",
    SignInEnd.LOCKED: "The screen is locked. What you typed is kept for an hour: sign in to see it.",
    SignInEnd.ENDED: "You were signed out from another device.",
    SignInEnd.PASSWORD: "You were signed out because your password was changed.",
    SignInEnd.FACTOR: "You were signed out because how you sign in was changed.",
    SignInEnd.ROLE: "You were signed out because one of your roles changed. Sign in again.",
    SignInEnd.DISABLED: "This account can no longer sign in. Ask the person who looks after accounts at your centre.",
}


@signed_in(OWN)
def account(request: HttpRequest) -> HttpResponse:
    """My account: name, password, second step, where I am signed in."""
    user, at, this = actor(request), moment(request), current_sign_in(request)
    context = {
        "person": user,
        "factors": factors_of(user, at=at),
        "must": must_prove(user),
        "sign_ins": sign_ins_of(user, this=this.pk if this else None, at=at),
    }
    return render(request, "account/account.html", context)


@before_second_factor
@signed_in(OWN)
def first_factor(request: HttpRequest) -> HttpResponse:
    """Choose a second step: an app or a passkey."""
    return render(request, "account/first_factor.html")


@before_second_factor
@signed_in(OWN)
def qr_code(request: HttpRequest) -> HttpResponse:
    """The secret of a new app as a picture, as its own file: the page itself may hold no picture."""
    secret = request.session.get(SECRET_SESSION_KEY, "")
    if not secret:
        return redirect("mfa_activate_totp")
    adapter = SecondFactorAdapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(actor(request), secret))
    return HttpResponse(svg, content_type="image/svg+xml")


@signed_in(OWN)
def passkeys(request: HttpRequest) -> HttpResponse:
    """The passkeys stand on the page of the account."""
    return redirect("mfa_index")


@signed_in(OWN)
@require_POST
def end_one(request: HttpRequest, sign_in_id: UUID) -> HttpResponse:
    """End one sign-in of mine, on a phone that I left behind for example."""
    end_sign_in(by=actor(request), sign_in_id=sign_in_id, why=SignInEnd.ENDED, at=moment(request))
    return redirect("mfa_index")


@signed_in(OWN)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every sign-in of mine but this one."""
    this = current_sign_in(request)
    if this is not None:
        end_other_sign_ins(by=actor(request), but=this.pk, at=moment(request))
    return redirect("mfa_index")


@before_second_factor
@is_poll
@public("a page asks how long its sign-in lasts; a stranger's lasts no time")
@require_http_methods(["GET", "POST"])
def session_left(request: HttpRequest) -> HttpResponse:
    """How many seconds this sign-in lasts if nothing happens; a POST says that the person is there."""
    sign_in = current_sign_in(request)
    if request.method == "POST" and sign_in is not None:
        touch_sign_in(sign_in, at=moment(request))
        sign_in.refresh_from_db(fields=["seen_at"])
    return JsonResponse({"left": max(0, int(left(request).total_seconds()))})


@before_second_factor
@is_poll
@public("locking twice does no harm, and what a page of somebody who was signed out holds is kept for its owner")
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Hide and lock: what was typed on the page is kept for its owner, the sign-in ends, and the way back is signing in."""
    path = own_path(request.POST.get("lock_path", ""))
    owner = actor(request) if request.user.is_authenticated else owner_of(request)
    if owner is not None:
        keep_locked(request, owner)
    why = SignInEnd.IDLE if request.POST.get("lock_why") == "idle" else SignInEnd.LOCKED
    return sign_out(request, why, say={"next": path, "why": why.value})


lock.is_lock = True  # type: ignore[attr-defined]


def sign_out(request: HttpRequest, why: SignInEnd, *, say: dict[str, str]) -> HttpResponse:
    """End the sign-in of this request and its session, and lead to the page that says so, with what that page is told.

    The browser forgets what it stored; never "storage", which would remove the offline emergency card.
    """
    told = {name: value for name, value in {**say, "known": hand_over(request)}.items() if value}
    sign_in = current_sign_in(request)
    if sign_in is not None:
        end_sign_in(by=actor(request), sign_in_id=sign_in.pk, why=why, at=moment(request))
    request.sign_in = None  # type: ignore[attr-defined]
    logout(request)
    response = HttpResponseRedirect(reverse("account_signed_out") + (f"?{urlencode(told)}" if told else ""))
    response["Clear-Site-Data"] = '"cache", "cookies"'
    return response


@public("says that the person is signed out, and leads back")
@before_second_factor
def signed_out(request: HttpRequest) -> HttpResponse:
    """Signed out or locked: nothing of the person or the page is named."""
    take_back(request, request.GET.get("known", ""))
    path = own_path(request.GET.get("next", ""))
    words = next((words for why, words in WORDS.items() if why.value == request.GET.get("why")), "")
    href = reverse("account_login") + (f"?{urlencode({'next': path})}" if path else "")
    return render(request, "account/signed_out.html", {"words": words, "href": href})
