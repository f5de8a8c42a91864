# An image with a program that uses gotorch, and nothing else but Debian's C++ runtime:
#
#   docker build --build-arg PROGRAM=./examples/xor -t xor . && docker run --rm xor
FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# Before the program, so that a change of that does not fetch libtorch again.
RUN go run ./cmd/gotorch install --cpu --source wheel
ARG PROGRAM=./examples/xor
RUN go build -o /program "$PROGRAM" && go run ./cmd/gotorch bundle -o /bundle /program

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=build /bundle /app
# The program loads no code that somebody else than root and its user may write.
USER nobody
ENTRYPOINT ["/app/program"]
