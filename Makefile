# gotorch's tasks. "make help" lists them; "make test" and "make example-mnist"
# install what they need.

GO ?= go
PYTHON ?= python3
export GOFLAGS ?= -buildvcs=false

# Where tests of another libtorch find it; install with "make libtorch-debian".
CACHE := $(or $(GOTORCH_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/gotorch)
DEBIAN := $(CACHE)/libtorch-1.13.1-debian
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
CLANG_FORMAT := clang-format==23.1.5
TENSORBOARD := tensorboard==2.21.0 "setuptools<81"
FASTAPI := fastapi==0.165.0 "uvicorn[standard]==0.54.0" numpy==2.4.6 tokenizers==0.23.3 safetensors==0.8.0
TORCHVISION := torchvision==0.29.2
CUDA_HEADERS := nvidia-cuda-runtime==13.2.86 nvidia-cuda-crt==13.2.86 nvidia-nvtx==13.2.86
# What is tested on other machines and libtorchs, and those libtorchs.
CORE := ./cgotorch ./torch ./torch/nn/... ./torch/optim/... ./internal/optest
VERSIONS ?= 2.11.0 2.13.0 2.14.1
CXX_FILES := $(wildcard cgotorch/*.c cgotorch/*.h cgotorch/shim/*.cc cgotorch/shim/*.h bench/cpp/*.cc bench/cpp/*.h)

.PHONY: help
help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: libtorch
libtorch: ## install libtorch and build the shim, if that is not done
	@scripts/install_libtorch.sh

.PHONY: libtorch-debian
libtorch-debian: ## the same for Debian's and Ubuntu's libtorch-dev
	@scripts/install_libtorch.sh --source distro --aside

.PHONY: generate
generate: libtorch ## write the generated Go files
	$(GO) run ./internal/gen

.PHONY: generate-check
generate-check: libtorch ## check that the generated files are current
	$(GO) run ./internal/gen -check

.PHONY: fmt
fmt: build/clang-format/ready ## format Go, C and C++
	gofmt -w $$(git ls-files '*.go')
	build/clang-format/bin/clang-format -i $(CXX_FILES)

.PHONY: lint
lint: build/clang-format/ready ## go vet, golangci-lint, gofmt and clang-format
	$(GO) vet ./...
	$(GO) run $(GOLANGCI) run ./...
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	build/clang-format/bin/clang-format --dry-run --Werror $(CXX_FILES)

# Tests make mistakes on purpose, to see what is said of them; those of examples do not.
.PHONY: vet-check
vet-check: libtorch ## check that gotorchvet finds nothing in this repository
	$(GO) run ./cmd/gotorchvet -test=false ./torch/... ./bench/... ./cmd/...
	$(GO) run ./cmd/gotorchvet ./examples/...
	mkdir -p build
	$(GO) build -o build/gotorchvet ./cmd/gotorchvet
	$(GO) vet -vettool=$(CURDIR)/build/gotorchvet ./examples/...

build/clang-format/ready:
	$(PYTHON) -m venv build/clang-format
	build/clang-format/bin/pip install --quiet $(CLANG_FORMAT)
	@touch $@

.PHONY: test
test: libtorch ## run the tests, and say how many golden files they compare bit for bit
	$(GO) test -count=1 ./...
	@$(GO) test -count=1 -v -run TestGoldenFiles ./internal/torchtest | grep -o '[0-9]* golden files.*'

.PHONY: test-debian
test-debian: libtorch-debian ## run the core tests on Debian's libtorch
	GOTORCH_LIBTORCH=$(DEBIAN) $(GO) test -count=1 ./cgotorch/... ./torch/... ./internal/optest

.PHONY: test-versions
test-versions: libtorch ## run the core tests on other versions of libtorch, or on VERSIONS="2.11.0"; KEEP=yes keeps them
	@scripts/test_versions.sh "$(VERSIONS)" $(CORE)

.PHONY: test-arm64
test-arm64: ## run the core tests on Linux arm64, emulated by qemu (as root it installs that and a cross compiler)
	@scripts/test_arm64.sh $(CORE)

.PHONY: check-macos
check-macos: ## check that the shim and all packages compile for macOS on arm64, by zig; nothing is run
	@PYTHON=$(PYTHON) scripts/check_macos.sh

# Golden values are those of AVX2; on processors without it they are compared within
# tolerances, which this checks.
.PHONY: test-portable
test-portable: libtorch ## run the tests of values as on a processor without vector instructions
	ATEN_CPU_CAPABILITY=default $(GO) test -count=1 $$($(GO) list ./torch/... | grep -v /distributed) ./internal/optest ./examples/...

.PHONY: race
race: libtorch ## run the tests with the race detector
	$(GO) test -count=1 -race ./cgotorch/... ./torch/... ./internal/robust

# The sanitizer looks for the C++ runtime when the program starts, before the shim
# brings it along, so it is loaded first. libtorch keeps memory until the end.
.PHONY: asan
asan: libtorch ## run the tests of the seam with the address sanitizer
	ASAN_OPTIONS=detect_leaks=0 $(GO) test -count=1 -asan \
		-exec "env LD_PRELOAD=$$($(CC) -print-file-name=libasan.so):$$($(CC) -print-file-name=libstdc++.so)" ./cgotorch ./torch ./internal/robust

# By hand: make chaos CHAOSTIME=1h CHAOSCALLS=500000, and CHAOSFLAGS=-race. CI has a
# fixed seed, so that what it did can be done again.
CHAOSTIME ?= 30s
CHAOSSEED ?= 1
CHAOSCALLS ?= 10000
.PHONY: chaos
chaos: libtorch ## many goroutines do everything at once, for CHAOSTIME; then CHAOSCALLS operators with random arguments
	$(GO) run $(CHAOSFLAGS) ./internal/chaos -time $(CHAOSTIME) -seed $(CHAOSSEED)
	$(GO) run ./internal/opfuzz -calls $(CHAOSCALLS) -seed $(CHAOSSEED)

KILLS ?= 30
STARTS ?= 200
.PHONY: distributed-chaos
distributed-chaos: libtorch ## kill a rank of a training KILLS times, which must end as if nobody had; start STARTS jobs wrongly, which must end with errors
	$(GO) run ./internal/rankchaos -seed $(CHAOSSEED) -kills $(KILLS) -starts $(STARTS)

ODDCALLS ?= 100000
.PHONY: odd-calls
odd-calls: libtorch ## call all that is exported ODDCALLS times with odd arguments; make test does it 2,000 times
	$(GO) run ./internal/oddcalls -calls $(ODDCALLS) -seed $(CHAOSSEED)

.PHONY: fuzz
fuzz: libtorch ## run every fuzzer for FUZZTIME, 20s if that is not set
	scripts/fuzz.sh

.PHONY: soak
soak: libtorch ## long runs: memory stays flat, goroutines do not disturb each other, killed trainings go on, whole ones equal Python's
	$(GO) test -count=1 -v -timeout 30m -tags soak ./internal/soak
	$(GO) test -count=1 -v -timeout 30m -tags soak -run 'TestKill|TestREADMECurves' ./examples/mnist

.PHONY: serve-soak
serve-soak: libtorch ## 100,000 requests to gotorch serve, with cancels, cut bodies and slow clients; SIGTERM under load; 10,000 connections
	$(GO) test -count=1 -v -timeout 30m -tags soak -run 'TestServe.*(Soak|Load|Connections)' ./cmd/gotorch-serve

.PHONY: bench
bench: libtorch ## compare with C++ and Python; prints a table
	$(GO) run ./bench

.PHONY: bench-build
bench-build: libtorch ## time a build of everything from nothing, and print the example's size
	@cache=$$(mktemp -d) && start=$$(date +%s) && GOCACHE=$$cache $(GO) build ./... && \
	GOCACHE=$$cache $(GO) build -o $$cache/mnist ./examples/mnist && \
	echo "everything built in $$(($$(date +%s) - start)) s; examples/mnist is $$(($$(stat -c %s $$cache/mnist) >> 20)) MB"; \
	chmod -R u+w $$cache; rm -rf $$cache

.PHONY: coverage
coverage: ## compare PyTorch's public names with Go's (needs Python with torch 2.15.0)
	$(PYTHON) scripts/coverage.py --write

.PHONY: golden
golden: ## make the golden files again, or those of ONLY="ops nn" (needs scripts/golden/requirements.txt)
	$(PYTHON) scripts/golden.py $(ONLY)

.PHONY: golden-check
golden-check: ## check that Python gives the golden files that there are, or those of ONLY
	$(PYTHON) scripts/golden.py --check $(ONLY)

.PHONY: weights-check
weights-check: libtorch ## compare the weights that packages bring with what Python reads of them (needs Python with torch 2.15.0 and safetensors)
	$(PYTHON) scripts/weights_check.py build/weights
	GOTORCH_WEIGHTS=$(CURDIR)/build/weights $(GO) test -count=1 -run TestWeights -v ./torch

WEIGHTS_GB ?= 4
.PHONY: weights-bench
weights-bench: libtorch ## compare saving and loading of WEIGHTS_GB of weights with Python (needs Python with torch 2.15.0 and safetensors)
	mkdir -p build/weights-bench
	$(GO) run ./bench/weights -python $(PYTHON) -size $(WEIGHTS_GB) -dir build/weights-bench
	rm -r build/weights-bench

.PHONY: serve-bench
serve-bench: libtorch build/serve-bench/ready ## compare torch/serve with FastAPI and uvicorn, a minute (needs Python with torch 2.15.0)
	$(GO) build -o build/serve-bench/serve ./bench/serve
	PYTHON=$(PYTHON) build/serve-bench/serve -python build/serve-bench/venv/bin/python $(SERVE_BENCH_FLAGS)

.PHONY: distributed-bench
distributed-bench: libtorch ## compare DistributedDataParallel with Python's, on one machine and in 4 network namespaces (needs root, and Python with torch 2.15.0)
	mkdir -p build
	$(GO) build -o build/distributed-bench ./bench/distributed
	build/distributed-bench -python $(PYTHON) $(DISTRIBUTED_BENCH_FLAGS)

# A virtual environment of its own, which sees the given Python's torch.
build/serve-bench/ready:
	$(PYTHON) -m venv build/serve-bench/venv
	$(PYTHON) -c 'import os, torch; print(os.path.dirname(os.path.dirname(torch.__file__)))' > $$(echo build/serve-bench/venv/lib/python3*/site-packages)/torch.pth
	build/serve-bench/venv/bin/pip install --quiet $(FASTAPI)
	@touch $@

.PHONY: python-check
python-check: libtorch ## check that Python loads, runs and compiles what Go saves, and dies where it is said to (needs Python with torch 2.15.0)
	GOTORCH_PYTHON=$(PYTHON) $(GO) test -count=1 -timeout 30m -run TestPython ./torch ./torch/export ./torch/aoti ./torch/nn/parallel ./torch/distributed ./torch/distributed/checkpoint ./examples/mnist ./examples/gpt ./docs
	GOTORCH_PYTHON=$(PYTHON) $(GO) test -count=1 -timeout 30m -run TestPython ./internal/opfuzz

TRAINING_OPERATOR ?= github.com/kubeflow/training-operator@v1.8.1
.PHONY: kubernetes-check
kubernetes-check: libtorch ## compare the manifests of docs/distributed.md with the schema of PyTorchJob (after a download)
	folder=$$($(GO) mod download -json $(TRAINING_OPERATOR) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') && test -n "$$folder" && \
		GOTORCH_PYTORCHJOB_CRD=$$folder/manifests/base/crds/kubeflow.org_pytorchjobs.yaml $(GO) test -count=1 -run TestManifests ./docs

.PHONY: port-graph-check
port-graph-check: libtorch ## check that the Go that gotorch port writes from each exported program of the tests gives its bits
	GOTORCH_PORT_ALL=yes $(GO) test -count=1 -v -run TestSourceGivesTheSameBits ./internal/portgraph

.PHONY: fsdp-check
fsdp-check: libtorch ## check that FullyShard on four ranks takes at most 0.35 of the memory of DistributedDataParallel, and print it
	GOTORCH_FSDP_CHECK=1 $(GO) test -count=1 -v -run TestFullyShardMemory ./torch/distributed/fsdp

.PHONY: profiler-check
profiler-check: libtorch ## check that profiled steps of examples/gpt make the calls that they make in Python, and at what cost (needs Python with torch 2.15.0)
	GOTORCH_PYTHON=$(PYTHON) $(GO) test -count=1 -v -run TestPython ./examples/gpt

.PHONY: port-census
port-census: libtorch ## port the corpus and torchvision's models, build and run them, and write docs/port-census.md (needs Python with torch 2.15.0 and torchvision 0.29.2)
	$(GO) run ./internal/port/census -python $(PYTHON) $(if $(ONLY),-only "$(ONLY)") internal/port/testdata/corpus/*.py $(PORTED_EXAMPLES)

# The examples' programs in Python.
PORTED_EXAMPLES = examples/mnist/sample.py examples/mnist/train.py examples/cnn/cnn.py examples/vae/vae.py examples/gpt/train.py examples/embed/embed.py examples/chat/chat.py examples/vad/vad.py

.PHONY: bundle-check
bundle-check: libtorch ## check that a bundle of a program runs where there is nothing but libc and libstdc++
	scripts/bundle_check.sh build/bundle-check

.PHONY: example-mnist
example-mnist: libtorch ## train on MNIST; pictures and curves go to build/mnist
	rm -rf build/mnist
	$(GO) run ./examples/mnist -out build/mnist

.PHONY: example-gpt
example-gpt: libtorch ## train a small GPT on Go's specification
	$(GO) run ./examples/gpt

.PHONY: example-chat
example-chat: libtorch ## talk with SmolLM2-135M-Instruct; PROMPT="..." asks one thing
	PYTHON=$(PYTHON) $(GO) run ./examples/chat $(if $(PROMPT),-prompt "$(PROMPT)")

QUESTION ?= how do I close a file
.PHONY: example-embed
example-embed: libtorch ## find the passages of Go's package os that answer a QUESTION="..."
	PYTHON=$(PYTHON) $(GO) run ./examples/embed search "$(QUESTION)" $$($(GO) env GOROOT)/src/os/*.go

.PHONY: example-serve
example-serve: libtorch ## a web page that reads digits as they are drawn, and finds sentences: http://localhost:8080
	PYTHON=$(PYTHON) $(GO) run ./examples/serve

# The browser comes from apt where there is none.
BROWSER ?= $(firstword $(shell command -v chromium chromium-browser google-chrome) chromium)
.PHONY: browser-check
browser-check: libtorch ## use examples/serve in a headless browser: digits drawn with mouse, finger and keys, and the search; makes docs/pictures/serve.png
	command -v $(BROWSER) || apt-get install -y --no-install-recommends chromium
	mkdir -p docs/pictures
	PYTHON=$(PYTHON) GOTORCH_BROWSER=$(BROWSER) GOTORCH_PICTURE=$(CURDIR)/docs/pictures/serve.png $(GO) test -count=1 -v -timeout 10m -tags browser -run '^TestPage$$' ./examples/serve

.PHONY: example-vad
example-vad: libtorch ## find speech in a SOUND=file.wav, or in what espeak-ng says, and check the model against Python's probabilities
	mkdir -p build/vad
	$(if $(SOUND),,$(PYTHON) examples/vad/speech.py build/vad/speech.wav)
	PYTHON=$(PYTHON) $(GO) run ./examples/vad -plot build/vad/speech.png $(or $(SOUND),build/vad/speech.wav)
	$(GO) test -count=1 -run TestProbabilities -v ./examples/vad

.PHONY: tensorboard
tensorboard: libtorch build/tensorboard/ready ## check that TensorBoard reads what the SummaryWriter writes
	GOTORCH_TENSORBOARD=$(CURDIR)/build/tensorboard/bin/python $(GO) test -count=1 -run TensorBoard -v ./torch/utils/tensorboard

build/tensorboard/ready:
	$(PYTHON) -m venv build/tensorboard
	build/tensorboard/bin/pip install --quiet $(TENSORBOARD)
	@touch $@

.PHONY: check
check: lint generate-check test race asan test-portable test-debian chaos fuzz ## all that CI runs

.PHONY: accelerator-check
accelerator-check: libtorch ## test streams, events, graphs, memory and the collector on a device that the test registers; a minute
	GOTORCH_ACCELERATOR_CHECK=yes $(GO) test -count=1 -v -run TestDevice ./torch/accelerator

.PHONY: cuda-pack
cuda-pack: ## make build/cuda-check, a folder that checks gotorch on a machine with a GPU, without Go or network
	scripts/cuda_pack.sh build/cuda-check

.PHONY: cuda-check
cuda-check: cuda-pack ## check gotorch on this machine's GPU, with the CUDA torch of PYTHON; says what would run where there is none
	build/cuda-check/cuda_check.sh $(PYTHON)

.PHONY: check-cuda
check-cuda: libtorch build/cuda-headers/ready ## compile what takes CUDA's headers, which NVIDIA's packages bring, on a machine without a GPU
	folder=$$(scripts/install_libtorch.sh --print) && $(CXX) -std=c++20 -Wall -fsyntax-only -I$$folder/include -I$$folder/include/torch/csrc/api/include \
		-idirafter $$(echo build/cuda-headers/nvidia/cu*/include) cgotorch/shim/cuda.cc

build/cuda-headers/ready:
	$(PYTHON) -m pip install --quiet --no-deps --target build/cuda-headers $(CUDA_HEADERS)
	@touch $@

.PHONY: torchvision-operators
torchvision-operators: ## install torchvision's operators beside libtorch
	@scripts/install_libtorch.sh --with torchvision

.PHONY: torchvision
torchvision: torchvision-operators build/torchvision/ready ## test with torchvision's operators, and the whole of its detectors and DeepLabV3s
	GOTORCH_TORCHVISION=$(CURDIR)/build/torchvision/torchvision/_C_stable.so $(GO) test -count=1 -run Torchvision -v ./torch
	GOTORCH_TORCHVISION=yes $(GO) test -count=1 ./torch/vision/ops/... ./torch/vision/models/detection ./torch/vision/models/segmentation

build/torchvision/ready:
	$(PYTHON) -m pip install --quiet --no-deps --target build/torchvision $(TORCHVISION)
	@touch $@

.PHONY: vulncheck
vulncheck: ## look for known weaknesses in the modules that gotorch calls (needs the network, or VULNDB=file:///path)
	@VULNDB=$(VULNDB) scripts/vulncheck.sh

.PHONY: workflows-check
workflows-check: ## check the files of .github/workflows
	$(GO) run $(ACTIONLINT)

.PHONY: release-notes
release-notes: ## print the notes of a release, VERSION=v0.1.0, from CHANGELOG.md
	@scripts/release_notes.sh $(VERSION)

.PHONY: clean
clean: ## remove what was built here; the cache with libtorch stays
	rm -rf build
	$(GO) clean ./...
