"""The audit log in words: what each verb says to a reader, and the kinds of thing that it can be narrowed to."""

from collections.abc import Mapping

RECORD, READ, ALERTS, REFUSED, SIGN_IN, PEOPLE, KEEPING = "record", "read", "alerts", "refused", "sign_in", "people", "keeping"
KINDS: Mapping[str, str] = {
    RECORD: "What was recorded and decided",
    READ: "What was opened and read",
    ALERTS: "Alerts and reminders",
    REFUSED: "Refusals, and doors opened in an emergency",
    SIGN_IN: "Signing in",
    PEOPLE: "People, roles, contacts and plans",
    KEEPING: "Keys, backups, keeping and disposal",
}

REFUSAL = "was refused"
FAILED_SIGN_IN = "failed to sign in"

# verb → its kind, and what the page says after the person's name. A test finds every verb that the actions use.
WORDS: Mapping[str, tuple[str, str]] = {
    "opened a concern": (RECORD, "recorded a concern"),
    "sent the record": (RECORD, "sent the written record"),
    "started a record": (RECORD, "started a record"),
    "saved a draft": (RECORD, "saved an unfinished record"),
    "discarded a draft": (RECORD, "threw an unfinished record away"),
    "linked a person": (RECORD, "said whom it is about"),
    "added to a concern": (RECORD, "added to their own concern"),
    "answered triage again": (RECORD, "answered the first questions again"),
    "does not agree": (RECORD, "said “I do not agree”"),
    "answered": (RECORD, "answered the alert"),
    "took": (RECORD, "became the lead who has it"),
    "added an entry": (RECORD, "added to the record"),
    "corrected an entry": (RECORD, "corrected an entry"),
    "ended a step": (RECORD, "recorded what came of a step"),
    "moved to the newest plan": (RECORD, "moved it to the newest plan"),
    "moved the state": (RECORD, "changed the state"),
    "raised the level": (RECORD, "raised the level"),
    "proposed a lower level": (RECORD, "proposed a lower level"),
    "proposed to close": (RECORD, "proposed to close it"),
    "closed": (RECORD, "closed it"),
    "opened again": (RECORD, "opened it again"),
    "agreed as second person": (RECORD, "agreed as the second person"),
    "did not agree as second person": (RECORD, "did not agree as the second person"),
    "declared a conflict": (RECORD, "said that they are too close to it"),
    "restricted a concern": (RECORD, "restricted it to named people"),
    "lifted a restriction": (RECORD, "ended its restriction to named people"),
    "recorded a referral": (RECORD, "recorded a referral"),
    "recorded the council’s answer": (RECORD, "recorded what was answered to a referral"),
    "opened the page of": (READ, "opened its page"),
    "read the audit log": (READ, "read the audit log"),
    "changed the rota": (PEOPLE, "changed the rota"),
    "added a session": (PEOPLE, "added a weekly session"),
    "changed a session": (PEOPLE, "changed a weekly session"),
    "removed a session": (PEOPLE, "removed a weekly session"),
    "wrote a hand-over note": (PEOPLE, "left a note for the next session"),
    "removed a hand-over note": (PEOPLE, "removed their own note for the next session"),
    "added leave": (PEOPLE, "said that somebody is away"),
    "ended leave": (PEOPLE, "said that somebody is back"),
    "read a referral": (READ, "read a referral to copy it out"),
    "started a drill": (ALERTS, "started a drill"),
    "ended a drill": (ALERTS, "ended a drill"),
    "wrote a digest": (ALERTS, "wrote the daily digest of what is due"),
    "tried a mail again": (ALERTS, "tried a mail again"),
    "asked the next person": (ALERTS, "asked the next person to answer"),
    "asked again after silence": (ALERTS, "asked again, because nobody had spoken to the reporter"),
    "passed an overdue step on": (ALERTS, "gave what was overdue to the next person"),
    "dropped a step": (ALERTS, "ended a step that nobody has to do any more"),
    "found that mail is refused": (ALERTS, "asked the next person early, because the mail server refused an address"),
    "gave a concern back": (ALERTS, "gave it back, because nobody took it over"),
    "asked to hand over": (RECORD, "asked a colleague to take it over"),
    "took over": (RECORD, "took it over from a colleague"),
    "gave a hand-over back": (RECORD, "gave it back to who has it"),
    "reminded of an unfinished record": (ALERTS, "reminded its author of an unfinished record"),
    "showed leads that a record is unfinished": (ALERTS, "showed leads that a record is unfinished"),
    REFUSAL: (REFUSED, "was not let in"),
    "broke the glass": (REFUSED, "opened it in an emergency"),
    "signed in": (SIGN_IN, "signed in"),
    "proved a second factor": (SIGN_IN, "proved a second factor"),
    FAILED_SIGN_IN: (SIGN_IN, "failed to sign in"),
    "ended a sign-in": (SIGN_IN, "was signed out, or signed out"),
    "ended their other sign-ins": (SIGN_IN, "ended their other sign-ins"),
    "set a password by a link": (SIGN_IN, "set a password by a link"),
    "made a sign-in link on the server": (SIGN_IN, "made a sign-in link on the server"),
    "sent an invitation": (PEOPLE, "sent an invitation"),
    "proposed an account change": (PEOPLE, "proposed a change of an account"),
    "decided an account change": (PEOPLE, "confirmed or refused a change of an account"),
    "changed the centre's settings": (PEOPLE, "changed the centre’s settings"),
    "proposed a role": (PEOPLE, "proposed a role"),
    "gave a role": (PEOPLE, "gave a role"),
    "confirmed a role": (PEOPLE, "confirmed a role"),
    "refused a role": (PEOPLE, "refused a role"),
    "ended a role": (PEOPLE, "ended a role"),
    "made an account": (PEOPLE, "made an account"),
    "made an account on the server": (PEOPLE, "made an account on the server"),
    "disabled an account": (PEOPLE, "disabled an account"),
    "contact added": (PEOPLE, "added a contact"),
    "contact changed": (PEOPLE, "changed a contact"),
    "contact verified": (PEOPLE, "said that a contact is right"),
    "contact retired": (PEOPLE, "took a contact out of use"),
    "changed a plan": (PEOPLE, "changed a plan"),
    "changed whom alerts go to": (PEOPLE, "changed the list of people whom alerts go to"),
    "centre set up": (PEOPLE, "set up the centre"),
    "kept a refused form": (RECORD, "had a form kept that could not be sent"),
    "dropped a kept form": (RECORD, "sent a form that had been kept"),
    "purged hand-over notes": (KEEPING, "removed notes for the next session whose four weeks were over"),
    "purged kept forms": (KEEPING, "removed kept forms whose hour was over"),
    "rotated the master key": (KEEPING, "changed the master key"),
    "made a backup": (KEEPING, "made a backup"),
    "restored a backup": (KEEPING, "restored a backup"),
    "set a hold": (KEEPING, "said that it must be kept"),
    "lifted a hold": (KEEPING, "said that it need not be kept longer"),
    "proposed a disposal": (KEEPING, "proposed to dispose of it"),
    "declined a disposal": (KEEPING, "did not agree to dispose of it"),
    "disposed of a concern": (KEEPING, "disposed of it"),
}

# These say that somebody is writing, or has written, something that no concern shows yet. It may be about the reader.
UNSENT = ("kept a refused form", "dropped a kept form")


def words_of(verb: str) -> str:
    """Return what the page says; a verb without words of its own speaks for itself."""
    return WORDS[verb][1] if verb in WORDS else verb


def verbs_of(kind: str) -> tuple[str, ...]:
    """Return the verbs of one kind."""
    return tuple(verb for verb, (its_kind, _) in WORDS.items() if its_kind == kind)
