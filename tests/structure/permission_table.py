"""Who may open which address: one table, from which docs/permissions.md is written and which the tests hold the product to.

Everybody who is not named is turned away: to sign in when signed out; with 404 where the thing does not exist for them; with
403 and the reason elsewhere. The concern is recorded by `reporter` and about a young person, unless a row says otherwise;
`vetoed` is a lead whom it names as may have harmed. Posts that the state forbids end on the concern with a notice.
"""

PERSONAS = (
    "anonymous",
    "reporter",
    "reporter2",
    "lead",
    "deputy",
    "case_manager",
    "vetoed",
    "outsider",
    "admin",
    "trustee",
    "auditor",
    "nobody",
)
SIGNED_IN = frozenset(PERSONAS) - {"anonymous"}
EVERYBODY = frozenset(PERSONAS)
STAFF = frozenset({"reporter", "reporter2", "lead", "deputy", "case_manager", "vetoed", "outsider"})
LEADING = frozenset({"lead", "deputy", "case_manager", "vetoed", "outsider"})
READERS = STAFF | {"admin", "trustee", "auditor"}
AUTHOR = frozenset({"reporter"})
ON_THE_CASE = frozenset({"lead", "deputy"})
HOLDER = frozenset({"lead"})
ON_AN_ADULT_CASE = frozenset({"lead", "case_manager"})
ADMIN = frozenset({"admin"})

TABLE: dict[str, frozenset[str]] = {
    "home": EVERYBODY,
    "health": EVERYBODY,
    "health_live": EVERYBODY,
    "emergency": EVERYBODY,
    "service_worker": EVERYBODY,
    "talk": EVERYBODY,
    "guide_online_grooming": EVERYBODY,
    "account_login": EVERYBODY,
    "account_logout": EVERYBODY,
    "account_signup": EVERYBODY,
    "account_inactive": EVERYBODY,
    "account_reset_password": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "account_signed_out": EVERYBODY,
    "account_lock": EVERYBODY,
    "account_left": EVERYBODY,
    "account_link": EVERYBODY,
    "mfa_login_webauthn": EVERYBODY,
    "mfa_authenticate": EVERYBODY,
    **dict.fromkeys(
        (
            "mfa_index",
            "account_first_factor",
            "account_end_one",
            "account_end_others",
            "account_qr",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_add_webauthn",
            "mfa_list_webauthn",
            "mfa_remove_webauthn",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
        ),
        SIGNED_IN,
    ),
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "triage": STAFF,
    "triage_danger": STAFF,
    "triage_worry": STAFF,
    "triage_now": STAFF,
    "triage_questions": AUTHOR,
    "triage_route": AUTHOR,
    "record": AUTHOR,
    "record_autosave": AUTHOR,
    "draft_discard": AUTHOR,
    "mine": AUTHOR,
    "mine_still": AUTHOR,
    "mine_add": AUTHOR,
    "mine_again": AUTHOR,
    "mine_disagree": AUTHOR,
    "mine_step": AUTHOR,
    "kept_words": SIGNED_IN,
    "queue": LEADING,
    "concern": ON_THE_CASE,
    "concern_still": ON_THE_CASE,
    "concern_acknowledge": ON_THE_CASE,
    "concern_take": ON_THE_CASE,
    "concern_entry": ON_THE_CASE,
    "concern_correct": ON_THE_CASE,
    "concern_step": ON_THE_CASE,
    "concern_status": ON_THE_CASE,
    "concern_conflict": ON_THE_CASE,
    "concern_restrict": HOLDER,
    "concern_lift": HOLDER,
    "concern_hand_over": ON_THE_CASE,
    "concern_handover": ON_THE_CASE,
    "concern_referral": ON_THE_CASE,
    "concern_referral_answer": ON_THE_CASE,
    "concern_referral_sheet": ON_THE_CASE,
    "concern_level": ON_THE_CASE,
    "concern_plan": ON_THE_CASE,
    "concern_close": ON_THE_CASE,
    "concern_reopen": ON_THE_CASE,
    "concern_second": ON_THE_CASE,
    "break_glass": LEADING,
    "rota": STAFF | {"admin"},
    **dict.fromkeys(("leave_new",), LEADING | {"admin"}),
    **dict.fromkeys(("rota_week", "rota_date", "rota_date_end", "leave_end"), LEADING - {"outsider"} | {"admin"}),
    "rota_note": LEADING,
    "rota_note_remove": HOLDER,
    **dict.fromkeys(("session_new", "session_edit", "session_remove"), ADMIN),
    "drills": LEADING | {"admin"},
    "drill_new": LEADING | {"admin"},
    "drill_end": frozenset({"lead", "deputy", "case_manager", "vetoed", "admin"}),
    "unsent": LEADING | {"admin"},
    "unsent_again": frozenset({"lead", "deputy", "case_manager", "vetoed", "admin"}),
    "audit": LEADING | {"auditor"},
    "people": LEADING | {"admin", "auditor"},
    "person_new": ADMIN,
    "person_role": ADMIN,
    "person_disable": ADMIN,
    "person_invite": ADMIN,
    "person_lost_device": ADMIN,
    "person_email": ADMIN,
    "centre_settings": ADMIN,
    "account_change_decide": frozenset({"lead", "deputy", "case_manager", "vetoed", "auditor"}),
    "role_end": ADMIN,
    "role_decide": frozenset({"lead", "deputy", "case_manager", "vetoed", "auditor"}),
    "contacts": READERS,
    "contact": READERS - {"outsider"},
    "contact_new": ADMIN,
    "contact_edit": ADMIN,
    "contact_verify": ADMIN,
    "contact_retire": ADMIN,
    "plans": LEADING | ADMIN,
    "plan": LEADING | ADMIN,
    "plan_version": LEADING | ADMIN,
    "plan_edit": ADMIN,
    "plan_ladders": LEADING | ADMIN,
    "plan_ladder": ADMIN,
    "what_would_happen": LEADING | ADMIN,
}
# The same addresses for a concern about an adult who works here, where they differ.
ADULT_TABLE: dict[str, frozenset[str]] = {name: ON_AN_ADULT_CASE for name, who in TABLE.items() if who == ON_THE_CASE}
# Addresses of one thing: who is turned away sees 404, the same as for an unknown id, unless they know of the thing.
KNOWN = frozenset({"contact", "contact_edit", "contact_verify", "contact_retire"})
# Addresses of a concern for who has it: others who work with it are told to take it first.
FOR_THE_HOLDER = frozenset({"concern_restrict", "concern_lift"})
# Addresses of a thing of one centre: strangers to the centre see 404, others there are told that it is not for their role.
OF_A_CENTRE = ("rota_week", "rota_date", "rota_date_end", "session_edit", "session_remove", "leave_end", "drill_end", "unsent_again")
