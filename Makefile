# The commands of the project; `make help` lists them.

GO ?= go
OUT ?= out
# Relative, since make takes a blank in a path for the end of it.
TOOLS := .tools
GOLANGCI_LINT_VERSION := v2.15.0

.DEFAULT_GOAL := help
.PHONY: dist soak help build run quick test long race lint bench bench-peers prove golden interop fuzz docs samples clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/kvconform
	$(GO) build -o bin/kvconform ./cmd/kvconform

run: build ## run the whole suite against the embedded reference vault and write the reports to out/
	bin/kvconform run --embedded --out $(OUT)

# A rule is seen to hold and to fail; every fault and every broken answer are left to `make test`, and vet to `make lint`.
# Most of it is compiling after an edit, which takes half the time without inlining and with a garbage collector that waits.
quick: ## test what a change to a rule touches: catalogue, plays, checks and faults
	GOGC=400 $(GO) test -short -vet=off -gcflags=-l -ldflags='-s -w' -skip '^Test(TheRulesThatAFaultNamesFailOnARehearsalItEdited|NoAnswerMakesThePlaysOrTheJudgesPanic|AnEndpointThatAlwaysSaysTheSame.*|WhereDocsAndService.*|TheRulesOfAMember.*|Specs|AWaitForAList.*)$$' ./scenarios/... ./specs/... ./refvault/tamper ./refvault/fault

test: ## run the project's own tests, but for those that take long
	$(GO) test -short -timeout 20m ./...
	$(GO) -C interop vet -tags interop ./...
	$(GO) -C release test -short ./...

long: ## run every test of the project's own
	$(GO) test -timeout 20m ./...
	$(GO) -C interop test -p 1 -timeout 10m ./...
	$(GO) -C release test -short ./...

race: ## run the tests of whatever several goroutines share, with the race detector
	$(GO) test -race -short -timeout 20m ./scenarios/... ./refvault/... ./internal/... ./runner/target
	$(GO) test -race -timeout 20m -run '^Test(AFinishedRun.*|TheSamplesSay.*|Explore.*|.*Proxy.*)$$' ./cmd/...
	$(GO) test -race -timeout 20m -run '^Test(OurVault|AProgramKeeps.*|RunT.*|AHandler.*|AnEndpointInTrouble.*|ARunThat.*)$$' ./runner

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION) ## gofmt, go vet and golangci-lint
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt'ed:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) -C interop vet -tags interop ./...
	$(GO) -C release vet ./...
	$< run ./...
	cd interop && ../$< run ./...
	cd release && ../$< run ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION):
	GOBIN="$(CURDIR)/$(TOOLS)" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv $(TOOLS)/golangci-lint $@

bench: build ## measure what a run costs beside a bare client, and its time against a slow vault, and write docs/benchmarks.md
	$(GO) run ./internal/benchmarks bin/kvconform docs/benchmarks.md

bench-peers: build ## measure checked requests beside Newman and Redocly Respect, and write that section of docs/benchmarks.md
	.ci/interop --fetch newman redocly
	$(GO) run ./internal/benchmarks peers bin/kvconform docs/benchmarks.md $(TOOLS)/interop

prove: build ## put every fault and every variant before the reference vault, and see what falls
	bin/kvconform prove

docs: build ## redraw docs/rules.md, docs/coverage.md, docs/figures.md and the samples
	bin/kvconform docs --out docs/rules.md
	$(GO) test ./scenarios -count 1 -update
	$(GO) test ./cmd/kvconform -run 'Samples|Figures' -count 1 -update

golden: docs ## redraw everything that is drawn: the pages, the golden files, and what fails beside each fault
	$(GO) test ./reports ./refvault/fault ./internal/ruleset -count 1 -short -update
	$(GO) test ./runner ./runner/target ./internal/baseline -count 1 -short -run "Golden|Mistake|UpdatingABaseline|API" -update
	@echo bin/kvconform prove --update; proof=$$(bin/kvconform prove --update) || { printf '%s\n' "$$proof" | tail -n 40; exit 1; }

SAMPLE := bin/kvconform run --embedded --quiet --scenario conflict-while-in-progress --scenario cancel-in-progress --scenario delete-pending

samples: build ## run the sample reports in docs/samples anew
	$(SAMPLE) --out docs/samples/green >/dev/null
	$(SAMPLE) --out docs/samples/three-faults --fault conflict-ignored --fault late-cancellation-accepted --fault deletion-deletes-nothing >/dev/null; test $$? = 1
	rm docs/samples/*/transcript.jsonl

interop: ## nginx, client libraries and an OpenAPI validator that others wrote, fetched and tried
	GO=$(GO) .ci/interop

FUZZTIME ?= 20s

fuzz: ## throw broken files at whatever reads one; FUZZTIME says how long each
	$(GO) test ./reports -run '^$$' -fuzz '^FuzzReadJSON$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./reports -run '^$$' -fuzz '^FuzzBody$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./runner -run '^$$' -fuzz '^FuzzReadTranscript$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./internal/recorded -run '^$$' -fuzz '^FuzzRead$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./runner/target -run '^$$' -fuzz '^FuzzParseTarget$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x

	$(GO) test ./runner -run '^$$' -fuzz '^FuzzJudge$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./internal/baseline -run '^$$' -fuzz '^FuzzParseBaseline$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./scenarios/vault -run '^$$' -fuzz '^FuzzResponse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./scenarios/vault -run '^$$' -fuzz '^FuzzDecodePlain$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./schemas -run '^$$' -fuzz '^FuzzProofs$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x

soak: ## run the suite 200 times in one process and 50 times at once, and see that nothing is left behind
	$(GO) test ./runner -run '^TestSoak' -soak 200 -timeout 60m -v

dist: ## build what a release consists of into dist/: binaries, bills of materials, a container image, checksums
	$(GO) -C release run . --out ../dist

clean: ## remove what the commands above made
	rm -rf bin dist $(OUT)
