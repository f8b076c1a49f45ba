"""The words of the product: every closed list that a form, a rule or a column uses, with the words shown on screen.

A leaf: imports nothing of ours. The terms are those of safeguarding practice in England; the label is what a person reads.
"""

from django.db.models import TextChoices


class Level(TextChoices):
    """How fast somebody must act, and whom to ring first. The most serious comes first."""

    EMERGENCY = "emergency", "Emergency"
    URGENT = "urgent", "Urgent"
    PROMPT = "prompt", "Today"


class Vault(TextChoices):
    """Who may see a concern. ADULT: it is about an adult who works or volunteers with children."""

    ORDINARY = "ordinary", "Young person"
    ADULT = "adult", "Adult who works here"


class Answer(TextChoices):
    """An answer to a triage question. NOT_SURE always counts as the more serious answer."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_SURE = "not_sure", "Not sure"


class AboutStaff(TextChoices):
    """Whether the worry is about somebody who works or volunteers here. Asked before any alert leaves."""

    NO = "no", "No"
    LISTED = "listed", "Yes, and I will choose their name"
    NOT_LISTED = "not_listed", "Yes, but their name is not in the list"
    NOT_SURE = "not_sure", "Not sure"


class HomeArea(TextChoices):
    """Where the young person lives: it decides which council's duty desk to ring."""

    CITY = "city", "Leicester city"
    COUNTY = "county", "Leicestershire county"
    RUTLAND = "rutland", "Rutland"
    ELSEWHERE = "elsewhere", "Somewhere else"
    UNKNOWN = "unknown", "Not known"


class AgeBand(TextChoices):
    """How old the young person is, as far as the worker knows. UNKNOWN counts as the youngest."""

    UNDER_13 = "under_13", "Under 13"
    TEEN = "13_17", "13 to 17"
    ADULT = "18_over", "18 or over"
    UNKNOWN = "unknown", "Not sure"


class Worry(TextChoices):
    """What the worker is worried about; several may be ticked."""

    INJURY = "injury", "An injury, or being hurt by someone"
    SEXUAL_ABUSE = "sexual_abuse", "Sexual abuse or sexual assault"
    ONLINE = "online", "Someone contacting them online"
    IMAGES = "images", "Nude or sexual images"
    SELF_HARM = "self_harm", "Self-harm, or thoughts of suicide"
    MISSING = "missing", "Missing, or not where they should be"
    EXPLOITATION = "exploitation", "Being used by others: gangs, drugs, money or sex"
    DOMESTIC_ABUSE = "domestic_abuse", "Violence or abuse at home between adults"
    HONOUR = "honour", "Forced marriage, or so-called honour"
    FGM = "fgm", "Female genital mutilation (FGM)"
    RADICALISATION = "radicalisation", "Extremism or radicalisation"
    NEGLECT = "neglect", "Neglect: hungry, dirty, tired or left alone"
    OTHER = "other", "Something else"


class Question(TextChoices):
    """The follow-up questions of triage. Each is answered yes, no or not sure."""

    SERIOUS_INJURY = "serious_injury", "Is anyone seriously hurt, or in need of a doctor now?"
    WEAPON = "weapon", "Is there a weapon, or a threat to use one?"
    SUICIDAL_ACT_OR_PLAN = "suicidal_act_or_plan", "Have they tried to end their life, or do they have a plan or a way to do it?"
    SUICIDAL_THOUGHTS = "suicidal_thoughts", "Have they talked about wanting to die, or about hurting themselves?"
    MISSING_AT_RISK = "missing_at_risk", "Are they missing now, and could they be at risk?"
    SIGNIFICANT_HARM = "significant_harm", "Do you think someone is seriously harming them, or has done?"
    HOME_TO_HARM = "home_to_harm", "Are they going soon to the place or person that may hurt them?"
    SEXUAL_DISCLOSURE = "sexual_disclosure", "Have they told you, or somebody, that they were sexually abused?"
    RECENT_ASSAULT = "recent_assault", "Was there a sexual assault in the last seven days?"
    UNDER_13_SEXUAL = "under_13_sexual", "Is somebody under 13 involved in anything sexual?"
    IMAGE_THREATS = "image_threats", "Are there threats, or does anyone offer or ask for money, gifts or more images?"
    ADULT_ONLINE = "adult_online", "Could the person contacting them be an adult?"
    MEETING_PLANNED = "meeting_planned", "Is a meeting in person planned, or has one happened?"
    IMAGES_EXIST = "images_exist", "Has a nude or sexual image been asked for, made or shared?"
    FGM_SOON = "fgm_soon", "Could FGM, or travel for it, happen soon?"
    HARM_SOON = "harm_soon", "Is somebody likely to be hurt soon?"
    PARENT_SUSPECTED = "parent_suspected", "Could a parent or carer be the source of the harm?"


class Status(TextChoices):
    """The state of a concern. The allowed moves are STATUS_MOVES."""

    NEW = "new", "New"
    ACKNOWLEDGED = "acknowledged", "Answered"
    IN_PROGRESS = "in_progress", "In progress"
    REFERRED = "referred", "Referred"
    MONITORING = "monitoring", "Watching"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"


STATUS_MOVES: dict[str, frozenset[str]] = {
    Status.NEW: frozenset({Status.ACKNOWLEDGED}),
    Status.ACKNOWLEDGED: frozenset({Status.NEW, Status.IN_PROGRESS, Status.REFERRED, Status.MONITORING, Status.CLOSED}),
    Status.IN_PROGRESS: frozenset({Status.REFERRED, Status.MONITORING, Status.CLOSED}),
    Status.REFERRED: frozenset({Status.IN_PROGRESS, Status.MONITORING, Status.CLOSED}),
    Status.MONITORING: frozenset({Status.IN_PROGRESS, Status.REFERRED, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.REOPENED}),
    Status.REOPENED: frozenset({Status.IN_PROGRESS, Status.REFERRED, Status.MONITORING, Status.CLOSED}),
}


class Role(TextChoices):
    """What a person may do at a centre; one person may hold several."""

    REPORTER = "reporter", "Staff or volunteer"
    LEAD = "lead", "Designated Safeguarding Lead (DSL)"
    DEPUTY = "deputy", "Deputy Designated Safeguarding Lead (DDSL)"
    CASE_MANAGER = "case_manager", "Case manager"
    ADMIN = "admin", "Administrator"
    TRUSTEE = "trustee", "Trustee"
    AUDITOR = "auditor", "Auditor"


class LinkRole(TextChoices):
    """What a person is to a concern. Only MAY_HAVE_HARMED takes away sight of it."""

    HARMED = "harmed", "May have been harmed"
    MAY_HAVE_HARMED = "may_have_harmed", "May have harmed"
    WITNESS = "witness", "Saw or heard it"
    SIBLING = "sibling", "Brother or sister"
    TOLD = "told", "Was told in person"
    OTHER = "other", "Other"


class EntryKind(TextChoices):
    """The kinds of entry in the record. Those of ADDABLE_ENTRIES are offered to leads in the form."""

    TRIAGE = "triage", "Triage answers"
    ACCOUNT = "account", "First account"
    ADDENDUM = "addendum", "More from the person who recorded it"
    NOTE = "note", "Note"
    CONVERSATION = "conversation", "Conversation"
    AGENCY_CONTACT = "agency_contact", "Contact with an agency"
    DECISION = "decision", "Decision with its reason"
    REPLY = "reply", "Reply to the person who recorded it"
    DISAGREEMENT = "disagreement", "“I do not agree”"
    ACKNOWLEDGEMENT = "acknowledgement", "Answered"
    TAKEN = "taken", "Taken by a lead"
    STEP_OUTCOME = "step_outcome", "Step done or not possible"
    LEVEL_CHANGE = "level_change", "Level changed"
    CLOSE_PROPOSED = "close_proposed", "Closing proposed"
    STATUS_CHANGE = "status_change", "State changed"
    CORRECTION = "correction", "Correction"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"
    RESTRICTED = "restricted", "Restricted to named people"
    UNRESTRICTED = "unrestricted", "No longer restricted"
    BROKE_GLASS = "broke_glass", "Opened in an emergency"
    SILENCE = "silence", "Nobody acted in time"
    HANDED_OVER = "handed_over", "Handing over asked"
    HANDOVER_ANSWERED = "handover_answered", "Handing over answered"
    REFERRAL = "referral", "Referral"
    COUNCIL_ANSWER = "council_answer", "What the council answered"
    PLAN_CHANGED = "plan_changed", "Moved to the newest plan"


ADDABLE_ENTRIES = (
    EntryKind.NOTE,
    EntryKind.CONVERSATION,
    EntryKind.AGENCY_CONTACT,
    EntryKind.DECISION,
    EntryKind.REPLY,
)


class ClosingOutcome(TextChoices):
    """How a concern ended."""

    NO_FURTHER_ACTION = "no_further_action", "No further action, and why"
    SUPPORT_HERE = "support_here", "Supported by the centre"
    EARLY_HELP = "early_help", "Early help"
    SOCIAL_CARE = "social_care", "Handed to children’s social care"
    POLICE = "police", "Handed to the police"
    LADO = "lado", "Handed to the LADO"
    MISTAKE = "mistake", "Opened by mistake"
    DUPLICATE = "duplicate", "Duplicate of another concern"


class Clock(TextChoices):
    """What a step's time is counted in."""

    MINUTES = "minutes", "minutes"
    OPEN_MINUTES = "open_minutes", "minutes while the centre is open"
    WORKING_DAYS = "working_days", "working days"


class StepKind(TextChoices):
    """What a step of a plan asks for."""

    RING = "ring", "Ring"
    TELL_IN_PERSON = "tell_in_person", "Tell in person or by phone"
    ACKNOWLEDGE = "acknowledge", "Answer the alert"
    SPEAK_TO_REPORTER = "speak_to_reporter", "Speak to the person who recorded it"
    WRITE_FOLLOW_UP = "write_follow_up", "Write to the council"
    COUNCIL_DECISION = "council_decision", "Hear the council’s decision"
    CHASE = "chase", "Chase the council"
    DISAGREE = "disagree", "Use the disagreement ladder"
    DECIDE = "decide", "Decide, and say why"
    LADO = "lado", "Tell the LADO"
    OUTCOME = "outcome", "Record the outcome"
    REVIEW = "review", "Review"
    READ_ADDENDUM = "read_addendum", "Read what was added"
    SECOND_PERSON = "second_person", "Second person to agree"
    READ_DISAGREEMENT = "read_disagreement", "Answer “I do not agree”"
    ACCEPT_HANDOVER = "accept_handover", "Take a concern over, or give it back"
    CHECK_HOLDER = "check_holder", "Check that somebody who is free has it"


TAKE_IT = "take_it"
"""The key of the step in which somebody is asked to take a concern that was answered and that nobody has any more."""


class StepWho(TextChoices):
    """Whom a step of a plan is given to; resolved to a person when the step starts."""

    REPORTER = "reporter", "the person who recorded it"
    LADDER = "ladder", "the next person on the ladder"
    HOLDER = "holder", "the lead who has the concern"
    EVERYBODY = "everybody", "everybody on the ladder, and the reporter"


class StepState(TextChoices):
    """WAITING steps have a due time and a person. A LAPSED step moved on to the next person."""

    WAITING = "waiting", "To do"
    DONE = "done", "Done"
    FAILED = "failed", "Not possible"
    LAPSED = "lapsed", "Not answered in time"
    CANCELLED = "cancelled", "No longer needed"


class Ladder(TextChoices):
    """The two named lists of people whom alerts go to."""

    ORDINARY = "ordinary", "Concerns about a young person"
    ADULT = "adult", "Concerns about an adult who works here"


class PlanKey(TextChoices):
    """The plans that every centre has: one for each level, and one that is added for an adult who works here."""

    EMERGENCY = "emergency", "Emergency"
    URGENT = "urgent", "Urgent"
    PROMPT = "prompt", "Today"
    ADULT = "adult", "About an adult who works here"


class OutOfHours(TextChoices):
    """Whom a plan's alerts go to while no session is on."""

    LIST = "list", "the named list, in its order"
    NEXT = "next", "first whoever is on duty in the next session"


class DutySlot(TextChoices):
    """What somebody does in a session: asked first, or asked next."""

    FIRST = "a_first", "On duty"
    SECOND = "b_second", "Deputises"


class DrillEnd(TextChoices):
    """Why a drill ended."""

    ANSWERED = "answered", "Answered"
    ENDED = "ended", "Ended before anybody answered"


class MessageKind(TextChoices):
    """Why a mail is sent."""

    ALERT = "alert", "Please answer"
    NUDGE = "nudge", "Nobody has answered yet"
    TAKEN = "taken", "Somebody has answered"
    REPORTER_WAITING = "reporter_waiting", "Nobody has answered you yet"
    SILENCE = "silence", "Nobody has said that they spoke to you"
    UNFINISHED = "unfinished", "You have an unfinished record"
    ADDENDUM = "addendum", "Something was added"
    ASKED = "asked", "You are asked to do something"
    REPLY = "reply", "Somebody has written to you"
    ROLE = "role", "A role was changed"
    GLASS = "glass", "Somebody opened it in an emergency"
    NOBODY_HERE = "nobody_here", "Nobody at the centre can answer"
    INVITATION = "invitation", "Set your password"
    NEW_START = "new_start", "Sign in anew"
    ACCOUNT = "account", "How you sign in was changed"
    OTHER_ACCOUNT = "other_account", "How a colleague signs in is to be changed"
    OVERDUE = "overdue", "Something was due"
    HANDOVER = "handover", "A colleague hands a concern over"
    RETURNED = "returned", "A concern that you handed over came back"
    TAKEN_OVER = "taken_over", "A colleague took a concern over"
    DIGEST = "digest", "What is due, once a day"
    DRILL_OVER = "drill_over", "A drill is over"


ASKING = (MessageKind.ALERT, MessageKind.NUDGE)
"""The mails that ask somebody to answer a concern."""


class Lane(TextChoices):
    """Emergency and urgent mail goes ahead of everything else."""

    FAST = "a_fast", "Emergency and urgent"
    DRILL = "ab_drill", "Drills"
    NORMAL = "b_normal", "Everything else"


class Audience(TextChoices):
    """Whom a contact is for."""

    WORKERS = "workers", "Workers"
    YOUNG_PEOPLE = "young_people", "Young people"
    EVERYONE = "everyone", "Everyone"


class ContactKey(TextChoices):
    """The contacts that rules and plans name. Every other contact needs no key."""

    POLICE_EMERGENCY = "999", "999"
    POLICE_TEXT = "999_text", "999 by text relay"
    POLICE_BSL = "999_bsl", "999 in British Sign Language"
    POLICE = "101", "101"
    HEALTH = "111", "111, option 2"
    DUTY_CITY = "duty_city", "Leicester city duty desk"
    DUTY_COUNTY = "duty_county", "Leicestershire duty desk"
    DUTY_RUTLAND_DAY = "duty_rutland_day", "Rutland duty desk by day"
    DUTY_RUTLAND_NIGHT = "duty_rutland_night", "Rutland duty desk out of hours"
    COUNCIL_FINDER = "council_finder", "Find the council of any address"
    LADO_CITY = "lado_city", "Leicester city LADO"
    LADO_COUNTY = "lado_county", "Leicestershire LADO"
    LADO_RUTLAND = "lado_rutland", "Rutland LADO"
    CENTRE_TEAM = "centre_team", "The centre’s safeguarding team"
    CEOP = "ceop", "CEOP"
    IWF = "iwf", "Internet Watch Foundation"
    REPORT_REMOVE = "report_remove", "Report Remove"
    PAPYRUS = "papyrus", "Papyrus HOPELINE247"
    SAMARITANS = "samaritans", "Samaritans"
    SARC = "sarc", "Sexual assault referral centre"
    ACT_EARLY = "act_early", "ACT Early"
    NSPCC = "nspcc", "NSPCC"
    NSPCC_WHISTLEBLOWING = "nspcc_whistleblowing", "NSPCC whistleblowing"
    CHILDLINE = "childline", "Childline"
    RUNAWAY = "runaway", "Runaway Helpline"
    FORCED_MARRIAGE_UNIT = "forced_marriage_unit", "Forced Marriage Unit"


class SignInEnd(TextChoices):
    """Why a sign-in ended."""

    SIGNED_OUT = "signed_out", "Signed out"
    LOCKED = "locked", "Hidden and locked"
    IDLE = "idle", "Nothing happened for too long"
    TOO_LONG = "too_long", "Signed in for 12 hours"
    ENDED = "ended", "Ended from another device"
    PASSWORD = "password", "The password was changed"  # noqa: S105 - a word, not a password
    FACTOR = "factor", "The second step was taken away"
    ROLE = "role", "A role was changed"
    DISABLED = "disabled", "The account was disabled"


class LinkKind(TextChoices):
    """Why somebody is sent a link to set their password."""

    INVITED = "invited", "Invited"
    LOST_DEVICE = "lost_device", "Lost their device"


class AccountChangeKind(TextChoices):
    """What about an account waits for a second person."""

    LOST_DEVICE = "lost_device", "Start signing in anew"
    EMAIL = "email", "Change the e-mail address"
