# Everything in one word: `make report` writes the report, `make test` proves it. `make` lists the rest.
# What is installed goes into .venv in this folder; nothing is installed anywhere else.

PYTHON ?= python3
UV ?= uv
ARGS ?=

SHELL := /bin/bash
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
LOG := $(VENV)/install.log
PIP := $(RUN) -m pip --disable-pip-version-check --no-input install
# Kernels that the tests start must not meet this user's own start-up files and settings.
OWN_SETTINGS := IPYTHONDIR="$(CURDIR)/$(VENV)/settings/ipython" \
	JUPYTER_CONFIG_DIR="$(CURDIR)/$(VENV)/settings/jupyter" \
	MPLCONFIGDIR="$(CURDIR)/$(VENV)/settings/matplotlib"

unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install report test lab lint format sample benchmark lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

report: install  ## 生成报告；选项放在 ARGS 里 (the report), e.g. make report ARGS="--year 2023"
	@$(RUN) run_all.py $(ARGS)

test: install  ## 测试程序包和笔记本 (tests of the package and the notebooks)
	@$(RUN) run_all.py --only annotate
	@$(OWN_SETTINGS) $(RUN) -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=120 \
		tests fbanalysis notebooks $(ARGS)

lab: install  ## 打开 JupyterLab 修改笔记本 (edit the notebooks)
	@$(RUN) -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(ARGS)

lint: install  ## 代码风格 (style of the code)
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check

format: install  ## 按风格排版代码 (lay out the code)
	@$(RUN) -m ruff check --fix
	@$(RUN) -m ruff format

sample: install  ## 重新生成示例数据 (write the sample year again)
	@$(RUN) -m fbanalysis.sample $(ARGS)

benchmark: install  ## 对比实测 (measure alternatives side by side)
	@$(RUN) benchmarks/report.py $(ARGS)

lock:  ## 维护者：更新 requirements.lock (maintainers, needs uv)
	@command -v $(UV) >/dev/null || { echo "更新锁文件需要 uv (updating the lock needs uv)。" >&2; exit 1; }
	@$(UV) pip compile --quiet --universal --generate-hashes --fork-strategy fewest --python-version 3.11 \
		--extra test --no-annotate --no-header pyproject.toml -o requirements.lock

clean:  ## 删除可以重新生成的一切，保留 .venv (delete what can be made again)
	@rm -rf reports/[0-9]*/ data/processed/[0-9]*/ .pytest_cache .ruff_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} +

# The stamp is written last and holds the interpreter, this folder and the sum of both requirement
# files. Another interpreter, a moved folder or an installation that was cut short starts from nothing;
# changed requirements are installed into what is there. jieba and snownlp come as source: they are
# built with the locked setuptools, installed first, and not with whatever the index offers today.
install:
	@command -v $(PYTHON) >/dev/null || { \
		echo "找不到 $(PYTHON)；请安装 Python 3.11–3.13，或用 PYTHON= 指明 (no $(PYTHON) found; install Python 3.11-3.13 or name it: make report PYTHON=python3.12)。" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "需要 Python 3.11–3.13，而这里是 $$($(PYTHON) --version 2>&1)；请用 PYTHON= 指明另一个 (Python 3.11-3.13 is needed; name one: make report PYTHON=python3.12)。" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "这个 Python 不带 venv；Debian、Ubuntu 上先运行 apt install python3-venv (this Python has no venv; on Debian and Ubuntu: apt install python3-venv)。" >&2; exit 1; }
	@set -euo pipefail; \
	place="$$($(PYTHON) -c 'import os, sys; print(sys.version, sys.base_prefix, os.getcwd())' | tr '\n' ' ')"; \
	wanted="$$(cat requirements.lock pyproject.toml | cksum)"; \
	usable() { [ "$$(sed -n 1p $(STAMP) 2>/dev/null)" = "$$place" ] && $(RUN) -c '' 2>/dev/null; }; \
	if usable && [ "$$(sed -n 2p $(STAMP))" = "$$wanted" ]; then exit 0; fi; \
	if usable; then rm -f $(STAMP); else \
		base="$$($(PYTHON) -c 'import sys; print(sys._base_executable)')"; \
		rm -rf $(VENV); "$$base" -m venv $(VENV); \
	fi; \
	echo "正在安装到 $(VENV)：$$(grep -c '^[a-z0-9.-]*==' requirements.lock) 个包，约一分钟 (installing into $(VENV), about a minute) …"; \
	SECONDS=0; \
	failed() { tail -n 15 $(LOG) >&2; echo "安装失败，全文见 $(LOG)；修好后重新运行即可 (the installation failed, see $(LOG); run the same command again)。" >&2; exit 1; }; \
	sed -n '/^setuptools==/,/[^\\]$$/p' requirements.lock > $(VENV)/build.lock; \
	$(PIP) --require-hashes -r $(VENV)/build.lock > $(LOG) 2>&1 || failed; \
	$(PIP) --require-hashes --use-pep517 --no-build-isolation --progress-bar off -r requirements.lock 2>&1 | tee -a $(LOG) \
		| awk '/^(Collecting|Processing) /{if (++n % 40 == 0) {print "  … " n; fflush()}}' || failed; \
	$(PIP) --no-deps --no-build-isolation --editable . >> $(LOG) 2>&1 || failed; \
	printf '%s\n%s\n' "$$place" "$$wanted" > $(STAMP); \
	echo "安装完成，用了 $$SECONDS 秒 (installed in $$SECONDS s)。"
