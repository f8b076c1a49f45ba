"""Addresses of the app. The fixed points, which anything outside may rely on, stand in the design record."""

from django.urls import URLPattern, URLResolver, include, path

from concerns.views import (
    audit,
    casework,
    colleagues,
    concerns,
    drills,
    glass,
    handover,
    home,
    mine,
    notes,
    people,
    queue,
    record,
    referrals,
    restrictions,
    rota,
    sessions,
    status,
    triage,
    unsent,
)
from concerns.views.contact_urls import urlpatterns as contact_urls
from concerns.views.plan_urls import urlpatterns as plan_urls

triage_urls = [
    path("triage/", triage.triage, name="triage"),
    path("triage/now/", triage.triage_danger, name="triage_danger"),
    path("triage/<uuid:token>/", triage.triage_worry, name="triage_worry"),
    path("triage/<uuid:token>/now/", triage.triage_now, name="triage_now"),
    path("triage/<uuid:draft_id>/questions/", triage.triage_questions, name="triage_questions"),
    path("triage/<uuid:draft_id>/route/", triage.triage_route, name="triage_route"),
    path("record/<uuid:draft_id>/", record.record, name="record"),
    path("record/<uuid:draft_id>/autosave/", record.record_autosave, name="record_autosave"),
    path("record/<uuid:draft_id>/discard/", record.draft_discard, name="draft_discard"),
]

mine_urls = [
    path("mine/<uuid:concern_id>/", mine.mine, name="mine"),
    path("mine/<uuid:concern_ref>/words/", mine.kept_words, name="kept_words"),
    path("mine/<uuid:concern_id>/still/", mine.mine_still, name="mine_still"),
    path("mine/<uuid:concern_id>/add/", mine.mine_add, name="mine_add"),
    path("mine/<uuid:concern_id>/again/", mine.mine_again, name="mine_again"),
    path("mine/<uuid:concern_id>/disagree/", mine.mine_disagree, name="mine_disagree"),
    path("mine/<uuid:concern_id>/steps/<uuid:step_id>/", mine.mine_step, name="mine_step"),
]

concern_urls = [
    path("concerns/", queue.queue, name="queue"),
    path("concerns/<uuid:concern_id>/", concerns.concern, name="concern"),
    path("concerns/<uuid:concern_id>/still/", concerns.concern_still, name="concern_still"),
    path("concerns/<uuid:concern_id>/answer/", concerns.concern_acknowledge, name="concern_acknowledge"),
    path("concerns/<uuid:concern_id>/take/", concerns.concern_take, name="concern_take"),
    path("concerns/<uuid:concern_id>/entry/", casework.concern_entry, name="concern_entry"),
    path("concerns/<uuid:concern_id>/entries/<uuid:entry_id>/correct/", casework.concern_correct, name="concern_correct"),
    path("concerns/<uuid:concern_id>/steps/<uuid:step_id>/", casework.concern_step, name="concern_step"),
    path("concerns/<uuid:concern_id>/status/", casework.concern_status, name="concern_status"),
    path("concerns/<uuid:concern_id>/conflict/", casework.concern_conflict, name="concern_conflict"),
    path("concerns/<uuid:concern_id>/restrict/", restrictions.concern_restrict, name="concern_restrict"),
    path("concerns/<uuid:concern_id>/restrict/end/", restrictions.concern_lift, name="concern_lift"),
    path("concerns/<uuid:concern_id>/hand-over/", handover.concern_hand_over, name="concern_hand_over"),
    path("concerns/<uuid:concern_id>/hand-over/<uuid:step_id>/", handover.concern_handover, name="concern_handover"),
    path("concerns/<uuid:concern_id>/referral/", referrals.concern_referral, name="concern_referral"),
    path(
        "concerns/<uuid:concern_id>/referrals/<uuid:referral_id>/answer/", referrals.concern_referral_answer, name="concern_referral_answer"
    ),
    path("concerns/<uuid:concern_id>/referrals/<uuid:referral_id>/sheet/", referrals.concern_referral_sheet, name="concern_referral_sheet"),
    path("concerns/<uuid:concern_id>/level/", casework.concern_level, name="concern_level"),
    path("concerns/<uuid:concern_id>/plan/", casework.concern_plan, name="concern_plan"),
    path("concerns/<uuid:concern_id>/close/", casework.concern_close, name="concern_close"),
    path("concerns/<uuid:concern_id>/open/", casework.concern_reopen, name="concern_reopen"),
    path("concerns/<uuid:concern_id>/second/<uuid:proposal_id>/", casework.concern_second, name="concern_second"),
]

people_urls = [
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<uuid:user_id>/role/", people.person_role, name="person_role"),
    path("people/<uuid:user_id>/disable/", people.person_disable, name="person_disable"),
    path("people/<uuid:user_id>/invite/", colleagues.person_invite, name="person_invite"),
    path("people/<uuid:user_id>/lost-device/", colleagues.person_lost_device, name="person_lost_device"),
    path("people/<uuid:user_id>/email/", colleagues.person_email, name="person_email"),
    path("people/changes/<uuid:change_id>/decide/", colleagues.account_change_decide, name="account_change_decide"),
    path("settings/", colleagues.centre_settings, name="centre_settings"),
    path("people/roles/<uuid:grant_id>/end/", people.role_end, name="role_end"),
    path("people/roles/<uuid:grant_id>/decide/", people.role_decide, name="role_decide"),
]

rota_urls = [
    path("rota/", rota.rota, name="rota"),
    path("rota/note/", notes.rota_note, name="rota_note"),
    path("rota/note/<uuid:note_id>/remove/", notes.rota_note_remove, name="rota_note_remove"),
    path("rota/leave/", rota.leave_new, name="leave_new"),
    path("rota/leave/<uuid:leave_id>/end/", rota.leave_end, name="leave_end"),
    path("rota/<uuid:session_id>/", rota.rota_week, name="rota_week"),
    path("rota/<uuid:session_id>/on/<slug:day>/", rota.rota_date, name="rota_date"),
    path("rota/<uuid:session_id>/on/<slug:day>/week/", rota.rota_date_end, name="rota_date_end"),
    path("rota/sessions/new/", sessions.session_new, name="session_new"),
    path("rota/<uuid:session_id>/times/", sessions.session_edit, name="session_edit"),
    path("rota/<uuid:session_id>/remove/", sessions.session_remove, name="session_remove"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("health", status.health, name="health"),
    path("health/live", status.live, name="health_live"),
    *triage_urls,
    *mine_urls,
    *concern_urls,
    *people_urls,
    path("break-glass/", glass.glass, name="break_glass"),
    path("audit/", audit.audit, name="audit"),
    *rota_urls,
    path("drills/", drills.drills, name="drills"),
    path("drills/new/", drills.drill_new, name="drill_new"),
    path("drills/<uuid:drill_id>/end/", drills.drill_end, name="drill_end"),
    path("unsent/", unsent.unsent, name="unsent"),
    path("unsent/<uuid:message_id>/again/", unsent.unsent_again, name="unsent_again"),
    *contact_urls,
    *plan_urls,
    path("accounts/", include("concerns.views.account_urls")),
]
