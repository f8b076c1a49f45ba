"""Invitations, lost devices and changed addresses: by one-time links, and by two people where an account could be taken over. (S6, S14)"""

from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.access.signin import link_token
from concerns.actions.accounts import decide_account_change, invite, make_link_on_server, propose_account_change, use_link
from concerns.actions.outbox import send_due
from concerns.actions.roles import add_account, confirm_role, disable_account, end_role, propose_role
from concerns.actions.signin import begin_sign_in
from concerns.choices import AccountChangeKind, MessageKind, Role, SignInEnd
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import AccountChange, AuditEvent, Message, RoleGrant, SignIn, SignInLink, User
from concerns.queries.signin import link_in_force
from tests.factories import AT, PASSWORD, Cast, grant, make_user, with_app

WEEK = timedelta(days=7)
NEW = "seven brown otters swim"


def invited(cast: Cast) -> User:
    return add_account(by=cast.admin, centre=cast.centre, email="nia@example.org", name="Nia Holt", at=AT)


def token_of(user: User) -> str:
    return link_token(SignInLink.objects.filter(user=user).latest("made_at").pk)


def signed_in_at(user: User) -> SignIn:
    return begin_sign_in(by=user, browser="Chrome", is_shared=False, proved=True, at=AT)


def why_ended(sign_in: SignIn) -> str:
    sign_in.refresh_from_db()
    return sign_in.why_ended


def lost(cast: Cast, user: User, at: datetime = AT) -> AccountChange:
    return propose_account_change(by=cast.admin, centre=cast.centre, user=user, kind=AccountChangeKind.LOST_DEVICE, at=at)


def test_new_account_is_invited_by_mail_without_the_link_in_any_row(cast: Cast) -> None:
    user = invited(cast)

    message = Message.objects.get(recipient=user)
    assert message.kind == MessageKind.INVITATION
    assert token_of(user).split(".")[1] not in str(list(Message.objects.values())) + str(list(SignInLink.objects.values()))
    assert not user.has_usable_password()


def test_link_sets_a_password_once(cast: Cast) -> None:
    user = invited(cast)
    token = token_of(user)

    use_link(by=None, token=token, password=NEW, at=AT + WEEK - timedelta(seconds=1))
    with pytest.raises(Refused, match="used already"):
        use_link(by=None, token=token, password="another long password", at=AT)

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert AuditEvent.objects.filter(verb="set a password by a link", by=user).count() == 1


@pytest.mark.parametrize("after", [WEEK, WEEK + timedelta(days=1)])
def test_link_is_over_after_seven_days(cast: Cast, after: timedelta) -> None:
    token = token_of(invited(cast))

    with pytest.raises(Refused, match="older than 7 days"):
        use_link(by=None, token=token, password=NEW, at=AT + after)


def test_new_link_ends_the_one_before(cast: Cast) -> None:
    user = invited(cast)
    first = token_of(user)

    invite(by=cast.admin, centre=cast.centre, user=user, at=AT + timedelta(hours=1))

    assert link_in_force(first, at=AT + timedelta(hours=2)) is None
    assert link_in_force(token_of(user), at=AT + timedelta(hours=2)) is not None


def test_link_mailed_to_an_address_that_was_changed_opens_nothing(cast: Cast) -> None:
    """Or whoever made the account with their own address would keep a way into it for seven days. (S6)"""
    user = invited(cast)
    token = token_of(user)

    change_email(cast, user, "nia.holt@example.org")

    assert link_in_force(token, at=AT) is None


def test_link_opens_nothing_once_its_owner_has_chosen_a_password_another_way(cast: Cast) -> None:
    user = add_account(by=cast.admin, centre=cast.centre, email="nia@example.org", name="Nia Holt", at=timezone.now())
    token, client = token_of(user), Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    page = client.get(mail.outbox[-1].body.split("testserver")[1].split()[0], follow=True)

    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert link_in_force(token, at=timezone.now()) is None


def test_link_of_a_disabled_account_does_not_work(cast: Cast) -> None:
    user = invited(cast)
    disable_account(by=cast.admin, centre=cast.centre, user=user, at=AT)

    assert link_in_force(token_of(user), at=AT) is None


def test_who_has_a_password_is_not_invited_again(cast: Cast) -> None:
    with pytest.raises(Refused, match="has a password already"):
        invite(by=cast.admin, centre=cast.centre, user=cast.lead, at=AT)


@pytest.mark.parametrize("who", ["reporter", "lead", "auditor", "outsider"])
def test_only_administrators_propose(cast: Cast, who: str) -> None:
    with pytest.raises((NotAllowed, NotVisible)):
        propose_account_change(by=getattr(cast, who), centre=cast.centre, user=cast.deputy, kind=AccountChangeKind.LOST_DEVICE, at=AT)
    assert not AccountChange.objects.exists()


def test_lost_device_waits_and_everybody_is_told(cast: Cast) -> None:
    with_app(cast.lead)
    sign_in = signed_in_at(cast.lead)

    lost(cast, cast.lead)

    told = {(message.recipient.name, message.kind) for message in Message.objects.all()}
    assert (cast.lead.name, MessageKind.ACCOUNT) in told
    assert {name for name, kind in told if kind == MessageKind.OTHER_ACCOUNT} == {
        cast.lead.name,
        cast.deputy.name,
        cast.case_manager.name,
        cast.auditor.name,
    }
    assert (Authenticator.objects.count(), why_ended(sign_in)) == (1, "")


@pytest.mark.parametrize("kind", AccountChangeKind)
def test_who_left_for_another_centre_is_out_of_reach_of_the_first(cast: Cast, kind: AccountChangeKind) -> None:
    """Two people of a centre that somebody left must not open an account that reads another centre's concerns. (S6)"""
    RoleGrant.objects.create(centre=cast.centre, user=cast.outsider, role=Role.DEPUTY, proposed_at=AT, confirmed_at=AT, ended_at=AT)

    with pytest.raises(Refused, match="another centre"):
        propose_account_change(
            by=cast.admin, centre=cast.centre, user=cast.outsider, kind=kind, new_email="thief@example.org" * (kind == "email"), at=AT
        )

    assert not AccountChange.objects.exists()


def test_second_person_lets_the_owner_start_anew(cast: Cast) -> None:
    with_app(cast.lead)
    sign_in, change = signed_in_at(cast.lead), lost(cast, cast.lead)

    decide_account_change(by=cast.deputy, change_id=change.pk, agree=True, at=AT)

    cast.lead.refresh_from_db()
    assert (Authenticator.objects.count(), cast.lead.has_usable_password(), why_ended(sign_in)) == (0, False, SignInEnd.FACTOR)
    assert Message.objects.filter(recipient=cast.lead, kind=MessageKind.NEW_START).count() == 1
    use_link(by=None, token=token_of(cast.lead), password=NEW, at=AT)


@pytest.mark.parametrize("who", ["admin", "lead", "reporter", "trustee"])
def test_neither_proposer_nor_owner_nor_anybody_without_a_powerful_role_decides(cast: Cast, who: str) -> None:
    grant(cast.admin, cast.centre, Role.AUDITOR)
    change = lost(cast, cast.lead)

    with pytest.raises(NotAllowed):
        decide_account_change(by=getattr(cast, who), change_id=change.pk, agree=True, at=AT)

    cast.lead.refresh_from_db()
    assert cast.lead.has_usable_password()


def test_refused_change_changes_nothing_and_is_decided_once(cast: Cast) -> None:
    change = lost(cast, cast.lead)

    decide_account_change(by=cast.deputy, change_id=change.pk, agree=False, at=AT)
    with pytest.raises(Stale):
        decide_account_change(by=cast.case_manager, change_id=change.pk, agree=True, at=AT)

    cast.lead.refresh_from_db()
    assert cast.lead.check_password(PASSWORD)


def test_same_change_waits_once(cast: Cast) -> None:
    lost(cast, cast.lead)

    with pytest.raises(Refused, match="proposed already"):
        lost(cast, cast.lead)


def change_email(cast: Cast, user: User, to: str) -> AccountChange:
    return propose_account_change(by=cast.admin, centre=cast.centre, user=user, kind=AccountChangeKind.EMAIL, new_email=to, at=AT)


def has_signed_in(user: User) -> User:
    user.last_login = AT
    user.save(update_fields=["last_login"])
    return user


def test_address_of_staff_who_have_signed_in_waits_for_a_second_person(cast: Cast) -> None:
    """An administrator alone would come to what they recorded: a new address, a new password, and in. (S6)"""
    before = has_signed_in(cast.reporter).email

    change = change_email(cast, cast.reporter, "thief@example.org")

    cast.reporter.refresh_from_db()
    assert (cast.reporter.email, change.decided_at) == (before, None)
    decide_account_change(by=cast.lead, change_id=change.pk, agree=True, at=AT)
    cast.reporter.refresh_from_db()
    assert cast.reporter.email == "thief@example.org"


def test_address_of_somebody_who_never_signed_in_changes_at_once(cast: Cast) -> None:
    sign_in = signed_in_at(cast.reporter)

    change_email(cast, cast.reporter, "Sam.New@example.org")

    cast.reporter.refresh_from_db()
    assert (cast.reporter.email, why_ended(sign_in)) == ("sam.new@example.org", SignInEnd.FACTOR)


@pytest.mark.parametrize("who", ["reporter", "lead"])
def test_owner_is_told_of_a_changed_address_at_the_old_one(cast: Cast, who: str) -> None:
    """Whoever changes a colleague's address to take their account over must not be the only one who hears of it. (S6)"""
    user = getattr(cast, who)
    before = user.email

    change = change_email(cast, user, "thief@example.org")
    if who == "lead":
        decide_account_change(by=cast.deputy, change_id=change.pk, agree=True, at=AT)
    send_due(at=AT, limit=20)

    assert {address for sent in mail.outbox for address in sent.to} >= {before, "thief@example.org"}


def test_old_address_opens_the_account_no_longer(cast: Cast) -> None:
    """Also where allauth has noted it, as it does when a password is changed. (S14)"""
    before = cast.reporter.email
    EmailAddress.objects.create(user=cast.reporter, email=before, primary=True)

    change_email(cast, cast.reporter, "sam.new@example.org")
    Client().post(reverse("account_reset_password"), {"email": before})
    client = Client()
    client.post(reverse("account_login"), {"login": before, "password": PASSWORD})

    assert "_auth_user_id" not in client.session
    assert not [sent for sent in mail.outbox if "/password/reset/key/" in sent.body]


@pytest.mark.parametrize("who", ["lead", "deputy", "case_manager", "auditor"])
def test_address_of_a_powerful_person_waits(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    before = user.email

    change = change_email(cast, user, "new@example.org")

    user.refresh_from_db()
    assert user.email == before
    second = cast.deputy if who != "deputy" else cast.lead
    decide_account_change(by=second, change_id=change.pk, agree=True, at=AT)
    user.refresh_from_db()
    assert user.email == "new@example.org"


def test_address_of_somebody_about_to_become_powerful_waits(cast: Cast) -> None:
    """Or an administrator would swap the address between the proposal and its confirmation."""
    propose_role(by=cast.admin, centre=cast.centre, user=cast.reporter, role=Role.LEAD, at=AT)
    before = cast.reporter.email

    change_email(cast, cast.reporter, "puppet@example.org")

    cast.reporter.refresh_from_db()
    assert cast.reporter.email == before


def test_address_in_use_is_refused_when_proposed_and_when_decided(cast: Cast) -> None:
    with pytest.raises(Refused, match="already"):
        change_email(cast, cast.reporter, cast.lead.email.upper())
    change = change_email(cast, cast.lead, "free@example.org")
    make_user("Somebody Else", email="free@example.org")

    with pytest.raises(Refused, match="already"):
        decide_account_change(by=cast.deputy, change_id=change.pk, agree=True, at=AT)


def test_link_from_the_server_starts_anew_and_tells_the_owner(cast: Cast) -> None:
    with_app(cast.lead)

    link = make_link_on_server(by=None, user=cast.lead, at=AT)

    assert link_in_force(link_token(link.pk), at=AT) == link
    assert not Authenticator.objects.exists()
    assert Message.objects.filter(recipient=cast.lead, kind=MessageKind.ACCOUNT).count() == 1


@pytest.mark.parametrize("change", ["given", "confirmed", "ended", "disabled"])
def test_changed_role_ends_every_sign_in(cast: Cast, change: str) -> None:
    sign_in = signed_in_at(cast.reporter2)
    if change == "given":
        propose_role(by=cast.admin, centre=cast.centre, user=cast.reporter2, role=Role.TRUSTEE, at=AT)
    elif change == "confirmed":
        proposed = propose_role(by=cast.admin, centre=cast.centre, user=cast.reporter2, role=Role.DEPUTY, at=AT)
        assert why_ended(sign_in) == ""
        confirm_role(by=cast.lead, grant_id=proposed.pk, at=AT)
    elif change == "ended":
        end_role(by=cast.admin, grant_id=cast.reporter2.grants.get().pk, at=AT)
    else:
        disable_account(by=cast.admin, centre=cast.centre, user=cast.reporter2, at=AT)

    assert why_ended(sign_in) == SignInEnd.ROLE
