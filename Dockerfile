# One image, every role: the command decides (`jianzhen worker`, `jianzhen api`, …).
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements ./requirements
RUN python -m venv /opt/jianzhen \
 && /opt/jianzhen/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY models ./models
COPY detectors ./detectors
COPY streams ./streams
COPY crawlers ./crawlers
COPY review_api ./review_api
COPY jianzhen ./jianzhen
RUN /opt/jianzhen/bin/python requirements/assets/build.py
RUN /opt/jianzhen/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/jianzhen jianzhen
COPY --from=build /opt/jianzhen /opt/jianzhen
ENV PATH=/opt/jianzhen/bin:$PATH PYTHONUNBUFFERED=1
USER jianzhen
WORKDIR /var/lib/jianzhen
ENTRYPOINT ["jianzhen"]
CMD ["--help"]
