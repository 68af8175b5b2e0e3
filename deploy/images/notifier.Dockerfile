# The image of notifier. Build it from the root of the repository:
#   docker build -f deploy/images/notifier.Dockerfile -t leerplek/notifier .
# The four images differ in the name of the service only, but for one that has compiled code; `make check` sees to that.
FROM python:3.12-slim AS packages
COPY deploy/images/requirements-notifier.txt /requirements.txt
# The environment gets no pip of its own: what runs needs no tool to build with.
RUN python -m venv --without-pip /opt/leerplek \
 && python -m pip --python /opt/leerplek/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes --requirement /requirements.txt

FROM python:3.12-slim
LABEL org.opencontainers.image.title="leerplek-notifier" \
      org.opencontainers.image.description="Leerplek: service notifier" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="EUPL-1.2"
RUN useradd --system --user-group --uid 10001 --no-create-home --home-dir /var/lib/leerplek \
        --shell /usr/sbin/nologin leerplek \
 && install --directory --owner=leerplek --group=leerplek --mode=0750 /var/lib/leerplek
COPY --from=packages /opt/leerplek /opt/leerplek
WORKDIR /srv/leerplek
COPY LICENSE ./
COPY services/__init__.py services/
COPY services/notifier services/notifier
COPY shared shared
ENV PATH=/opt/leerplek/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['LEERPLEK_NOTIFIER_HTTP_PORT'] + '/readyz', timeout=4)"]
CMD ["python", "-m", "services.notifier"]
