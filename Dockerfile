# Install the very files of constraints.txt and the package itself in one stage, run them as nobody in particular in another.
FROM python:3.13-slim AS build
RUN python -m venv /opt/ftcost
ENV PATH=/opt/ftcost/bin:$PATH
WORKDIR /src
COPY constraints.txt ./
RUN pip install --no-cache-dir --require-hashes -r constraints.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY bot bot
COPY estimator estimator
COPY config config
RUN pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --no-create-home --uid 10001 ftcost && mkdir -p /data && chown 10001:10001 /data
COPY --from=build /opt/ftcost /opt/ftcost
ENV PATH=/opt/ftcost/bin:$PATH
# By number: an orchestrator that wants to know that it is not root cannot look a name up.
USER 10001:10001
# Nothing is written but to these two: the rest of the file system may be read-only.
ENV HOST=0.0.0.0 PORT=3000 FTCOST_STATE_DIR=/data XDG_CACHE_HOME=/tmp FTCOST_LOG=json
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://' + (os.environ.get('FTCOST_METRICS_ADDRESS') or '127.0.0.1:' + os.environ['PORT']) + '/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["ftcost", "serve"]
