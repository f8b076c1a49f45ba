"""How gunicorn serves the web process: threads, since most of a request waits for the database or the mail server."""

import os

workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = 4
timeout = 40
graceful_timeout = 10
accesslog = None  # paths hold no names, but who opened what belongs into the audit log alone
errorlog = "-"
loglevel = "warning"
limit_request_line = 2048
control_socket_disable = True  # nobody steers it but the one who starts it
