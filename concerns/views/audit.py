"""The audit log: for auditors their centre's, for leads what is about concerns that they may see and about no concern."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.actions.reads import note_audit_read
from concerns.forms.audit import AuditFilterForm
from concerns.queries.audit import AuditFilters, audit_page, concern_named, counted_refusals, people_of_the_log
from concerns.views.actor import actor, centre, moment
from concerns.views.guard import guard
from concerns.views.paging import hrefs


@guard(Permission.READ_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, when. That it was read is itself noted."""
    user, at = actor(request), moment(request)
    form = AuditFilterForm(request.GET, people=people_of_the_log(user), references=can(user, Permission.SEE_QUEUE))
    chosen = form.chosen()
    reference = chosen.pop("reference", "")
    named = concern_named(user, reference) if reference else None
    filters = AuditFilters(concern=named, **chosen)
    note_audit_read(by=user, centre=centre(request), kind=filters.kind, person=filters.person, concern=named, at=at)
    page = audit_page(user, filters, at=at, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        "rows": () if reference and named is None else page.rows,
        "form": form,
        "is_narrowed": filters.is_on or bool(reference),
        "counted": counted_refusals(user, centre(request), at=at),
        **hrefs(request, reverse("audit"), before=page.before, after=page.after),
    }
    return render(request, "concerns/audit.html", context)
