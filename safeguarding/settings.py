"""Settings, read from the environment once. README.md lists every variable; a missing one falls back to the safe choice.

SAFEGUARDING_MODE is `production` (default: HTTPS, secure cookies), `practice` (script/run: plain HTTP on this machine,
fictional data) or `test` (pytest).
"""

import os
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from concerns.rules.signin import AT_MOST, IDLE, STEP_UP

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str = "") -> str:
    return os.environ.get(f"SAFEGUARDING_{name}", default)


def _number(name: str, default: int) -> int:
    try:
        return int(_text(name, str(default)))
    except ValueError:
        raise ImproperlyConfigured(f"SAFEGUARDING_{name} must be a whole number, not {_text(name)!r}.") from None


MODE = _text("MODE", "production")
if MODE not in {"production", "practice", "test"}:
    raise ImproperlyConfigured(f"SAFEGUARDING_MODE must be production, practice or test, not {MODE!r}.")
HTTPS = MODE == "production"
DEBUG = False

VAR_DIR = Path(_text("VAR_DIR", str(BASE_DIR / "var")))
KEYS_DIR = Path(_text("KEYS_DIR", str(VAR_DIR / "keys")))
ANCHORS_FILE = Path(_text("ANCHORS_FILE", str(VAR_DIR / "anchors" / "anchors.jsonl")))
DISPOSALS_FILE = Path(_text("DISPOSALS_FILE", str(VAR_DIR / "disposals" / "disposals.jsonl")))
RETENTION_FILE = Path(_text("RETENTION_FILE", str(VAR_DIR / "retention.toml")))
BACKUP_KEEP_DAYS = _number("BACKUP_KEEP_DAYS", 35)
BACKUP_HOURS = _number("BACKUP_HOURS", 26 if MODE == "production" else 0)
CARD_FILE = Path(_text("CARD_FILE", str(VAR_DIR / "card" / "emergency.html")))


def _secret_key() -> str:
    if MODE == "test":
        return "a-secret-for-the-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"
    path = KEYS_DIR / "django.secret"
    if not path.exists():
        # Commands that make keys must be able to start; everything else is stopped by the check in concerns/checks.py.
        return ""
    return path.read_text().strip()


NO_SECRET_YET = "no-key-yet"  # noqa: S105 - a start with this is refused by concerns/checks.py
SECRET_KEY = _secret_key() or NO_SECRET_YET
ALLOWED_HOSTS = _text("HOSTS", {"practice": "localhost,127.0.0.1,[::1]", "test": "localhost,testserver"}.get(MODE, "")).split(",")
ALLOWED_HOSTS = [host.strip() for host in ALLOWED_HOSTS if host.strip()]
CSRF_TRUSTED_ORIGINS = [origin for origin in _text("ORIGINS").split(",") if origin]
CENTRE_NAME = _text("CENTRE_NAME", "Our youth centre")
SITE_URL = _text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "concerns",
]

MIDDLEWARE = [
    "concerns.views.headers.SecurityHeaders",
    "concerns.views.outage.CardWhenDatabaseFails",
    "concerns.views.requests.PlainRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "concerns.views.refusals.NoteRefusals",
    "concerns.views.held.KeepRefusedPosts",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "concerns.views.clock.SignInClock",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "concerns.views.alerts.AlertsAtOnce",
]

ROOT_URLCONF = "safeguarding.urls"
WSGI_APPLICATION = "safeguarding.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "concerns.views.page.page",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_TEMPLATE_PACK = "safeguarding"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("safeguarding",)
CRISPY_FAIL_SILENTLY = False

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA cache_size=-20000",
}
POSTGRESQL_OPTIONS = {"connect_timeout": 3, "options": "-c statement_timeout=15000 -c lock_timeout=10000"}


def _database() -> dict[str, object]:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "safeguarding.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
            "CONN_MAX_AGE": 600,
        }
    config: dict[str, object] = dict(dj_database_url.parse(url))
    if "postgresql" not in str(config["ENGINE"]):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// (leave it out to use SQLite).")
    config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    config["OPTIONS"] = {**POSTGRESQL_OPTIONS, **dict(config.get("OPTIONS") or {})}  # type: ignore[call-overload]
    return config


DATABASES = {"default": _database()}
DATABASE_DEADLINE_SECONDS = _number("DATABASE_DEADLINE", 20)  # longer than the server's own limits, shorter than gunicorn's
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_rows",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

AUTH_USER_MODEL = "concerns.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "concerns.views.accounts.StaffOnlyAdapter"
ACCOUNT_FORMS = {"login": "concerns.forms.signin.SignInForm", "reauthenticate": "concerns.forms.signin.PasswordAgainForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Passwords and codes are limited by concerns.actions.limits, in a table that strangers cannot flush.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": None, "reauthenticate": None}
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(STEP_UP.total_seconds())
ALLAUTH_TRUSTED_PROXY_COUNT = _number("PROXIES", 1 if _text("BEHIND_PROXY") == "yes" else 0)
MFA_ADAPTER = "concerns.views.secondfactor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
MFA_ALLOW_UNVERIFIED_EMAIL = True  # administrators give the addresses; the invitation proves that they reach their owner
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = f"{CENTRE_NAME} safeguarding"
MFA_FORMS = {
    "authenticate": "concerns.forms.signin.CodeForm",
    "reauthenticate": "concerns.forms.signin.CodeAgainForm",
    "activate_totp": "concerns.forms.signin.FirstCodeForm",
    "add_webauthn": "concerns.forms.signin.PasskeyForm",
}

_longest_idle = int(IDLE.total_seconds()) // 60
IDLE_MINUTES = min(_longest_idle, max(1, _number("IDLE_MINUTES", _longest_idle)))
SESSION_COOKIE_AGE = int(AT_MOST.total_seconds()) + 60 * 60  # concerns.views.clock ends a sign-in before
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if _text("BEHIND_PROXY") == "yes":
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" makes browsers send "Origin: null", which the CSRF check refuses
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "concerns.views.held.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # every box of the record full, in any script, as a browser sends it
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# No form takes a file yet; Django's other handler would write a large one, in the clear, into a temporary file.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [("ui", BASE_DIR / "static" / "ui")]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = MODE == "test"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = USE_TZ = True

EMAIL_HOST = _text("EMAIL_HOST")
EMAIL_BACKEND = _text(
    "EMAIL_BACKEND",
    "concerns.smtp.EmailBackend" if EMAIL_HOST else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_PORT = _number("EMAIL_PORT", 25)
EMAIL_HOST_USER = _text("EMAIL_USER")
EMAIL_HOST_PASSWORD = _text("EMAIL_PASSWORD")
EMAIL_USE_TLS = _text("EMAIL_TLS") == "starttls"
EMAIL_USE_SSL = _text("EMAIL_TLS") == "tls"
EMAIL_TIMEOUT = 5
PROBE_ADDRESS = _text("PROBE_ADDRESS")
DEADMAN_URL = _text("DEADMAN_URL")
DEFAULT_FROM_EMAIL = _text("EMAIL_FROM", "safeguarding@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "concerns": {"level": "INFO"},
        # Django's own tracebacks may hold what a person typed: the type and the path are logged by concerns.views.outage.
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
