# syntax=docker/dockerfile:1

# Compiles, then leaves out what only development needs.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

# The project folder is mounted at /project: jobs/, sql/ and config/ are read there, var/ and reports/ written.
# The root file system may be read-only; nothing else is written but /tmp.
FROM node:20-bookworm-slim
ENV NODE_ENV=production TZ=UTC
COPY --from=build /app/package.json /app/
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
RUN printf '#!/bin/sh\nexec node /app/dist/main.js "$@"\n' > /usr/local/bin/segtag \
  && chmod 755 /usr/local/bin/segtag \
  && install -d -o node -g node /project
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
WORKDIR /project
ENTRYPOINT ["segtag"]
CMD ["--help"]
