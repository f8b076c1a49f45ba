// The error summary takes focus, and its links bring the question, not only the box, into view.
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";

export function focusErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (summary) new ErrorSummary(summary);
}
