# make help says what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# No version control stamp in what is built here: it fails in a checkout that belongs to another user.
export GOFLAGS := $(or $(GOFLAGS),-buildvcs=false)
GOFILES = $$(find . -name '*.go' -not -path './web/node_modules/*' -not -path './.cache/*')

FUZZTIME ?= 20s
SECONDS_EACH ?= 30
GOLANGCI_VERSION := v2.15.0
GOLANGCI := .cache/bin/golangci-lint-$(GOLANGCI_VERSION)
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0

.PHONY: help run deps proto web fmt lint vuln fresh vet web-test fuzz suite screens test mail-proof torture bench corpora clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

run: ## a whole help desk on this machine, with customers
	@go run ./cmd/centralita demo

deps: ## install what the tests need and what is missing
	@.ci/deps

proto: deps ## generate Go and TypeScript from proto/, and lock the new field numbers
	@proto/generate.sh
	go test ./proto/deskpb -run '^TestSchemaLock$$' -update

web: deps ## build the workspace into web/dist
	@cd web && npx --no-install vite build

fmt: ## format the Go code
	@gofmt -l -w $(GOFILES)

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION)"
	GOBIN=$(CURDIR)/.cache/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv .cache/bin/golangci-lint $@

lint: $(GOLANGCI) ## the linters of .golangci.yml, each there for a reason
	@go mod tidy -diff
	$(GOLANGCI) run ./...

vet: ## format and go vet
	@unformatted=$$(gofmt -l $(GOFILES))
	[ -z "$$unformatted" ] || { echo "not formatted, run make fmt:" $$unformatted >&2; exit 1; }
	go vet -tags integration ./...

vuln: ## known faults in what we depend on
	@go run $(GOVULNCHECK) ./...

fresh: deps ## prove that generated code and web/dist are what their sources give
	@.ci/fresh

web-test: deps ## types and tests of the workspace
	@cd web && npm run --silent check && npm test --silent

fuzz: ## every fuzz target, 20 s each (FUZZTIME=5m for longer)
	@.ci/fuzz $(FUZZTIME)

suite: deps ## every Go test with the race detector, real Dovecot and Chromium included
	@.ci/suite

screens: deps ## pictures of every page of the workspace, in both sizes and themes, in .cache/screens: look at them
	@mkdir -p .cache/screens
	CENTRALITA_SHOTS=$(CURDIR)/.cache/screens go test -tags integration -run '^TestBrowserEveryPage' -count 1 ./cmd/centralita

test: deps ## everything that must pass; installs what it needs, and goes on after a fault to find the others
	@failed=""
	for s in vet fresh web-test fuzz suite; do
	  echo "== $$s"; t=$$SECONDS
	  $(MAKE) "$$s" || failed="$$failed $$s"
	  echo "== $$s: $$((SECONDS - t)) s"
	done
	[ -z "$$failed" ] || { echo "== failed:$$failed" >&2; exit 1; }
	echo "== all passed in $$SECONDS s"

mail-proof: deps ## 10,000 mails from a real Dovecot through a network that cuts, stalls and swallows; and the kills at every step
	@CENTRALITA_PROOF_MAILS=10000 go test -tags integration -run '^(TestNothingIsLostOnTheWay|TestMox)$$' -count 1 -timeout 30m -v ./channels/email
	go test -tags integration -run '^TestKilledAtEachStep' -count 1 -timeout 30m -v ./cmd/centralita

torture: deps ## the long kill test, and the chat's widget with a thousand messages each way over a network that fails in every way
	@go test -tags 'integration torture' -run 'Kill|BrowserTorture|OnAPhone' -timeout 120m -v ./cmd/centralita

bench: deps ## every benchmark, 30 s each, with the limit of the same run; writes bench/results and docs/performance.md
	@go build -o .cache/bin/centralita ./cmd/centralita
	for b in ingest fanout chat wake route recover email screen; do
	  .cache/bin/centralita bench "$$b" --seconds $(SECONDS_EACH) --save bench/results
	done
	go test . -run '^TestPerformancePage' -update

corpora: ## hold what is read of mails against what a folder says of them: make corpora DIR=folder (docs/email.md)
	@[ -d "$(DIR)" ] || { echo "make corpora DIR=folder: the folder holds mails and expectations, docs/email.md says in which forms" >&2; exit 2; }
	CENTRALITA_CORPORA="$$(realpath "$(DIR)")" go test ./channels/email/letter -run '^TestCorpora$$' -count 1 -v

clean: ## what was built and cached here
	@rm -rf .cache centralita web/node_modules
