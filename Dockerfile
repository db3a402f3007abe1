# One image for every part; the command says which: web, or a worker of one queue.
FROM python:3.11.11-slim-bookworm

RUN useradd --create-home --uid 1000 foldscape
WORKDIR /app

# The processor-only build of torch is a tenth of the size; pass TORCH_INDEX= for the one with CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY constraints.txt pyproject.toml README.md LICENSE ./
RUN if [ -n "$TORCH_INDEX" ]; then pip install --no-cache-dir --index-url "$TORCH_INDEX" torch; fi

COPY foldscape foldscape
COPY workers workers
COPY backend backend
COPY frontend frontend
RUN pip install --no-cache-dir --constraint constraints.txt . && mkdir /data && chown foldscape /data

USER foldscape
ENV FOLDSCAPE_HOME=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8050
CMD ["python", "-m", "workers.cli", "worker", "interactive"]
