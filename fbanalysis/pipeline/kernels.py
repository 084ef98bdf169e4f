"""Running one notebook with papermill in a kernel of its own, and saving it whole, also when it fails.

Where the platform can fork, the kernel is a *twin* of its worker process, forked from a process that has
imported everything once; elsewhere (Windows, or FBANALYSIS_FORK=0) it is an ordinary kernel.
"""

import json
import os
import pickle
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NoReturn

import nbformat
import papermill
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import ERROR_MARKER_TAG
from traitlets import Any as AnyTrait

ENGINE = PROVISIONER = "fbanalysis"
#: What pandas shows of a wide table where it is imported in a kernel (pandas, core/config_init.py).
COLUMNS_IN_KERNELS = 20


@dataclass(frozen=True)
class CellError:
    """Where a notebook stopped: the number in ``In [N]``, and the first line of the error."""

    cell: int
    message: str


class Twin:
    """A copy of this process, made before it has threads, that waits to become a kernel.

    It answers what jupyter_client asks of a ``Popen``. When this process ends, so does the twin.
    """

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        receiver, sender = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.close(sender)
            _become_kernel(receiver)
        os.close(receiver)
        self._sender = os.fdopen(sender, "wb")

    def start(self, command: list[str], *, env: Mapping[str, str]) -> "Twin":
        """Let the twin run a kernel command in the current folder."""
        with self._sender as stream:
            pickle.dump((command, dict(env), os.getcwd()), stream)
        return self

    def poll(self) -> int | None:
        """Give the exit code, or None while the twin runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        """Wait for the end of the twin."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Signal the twin alone: it shares its worker's process group."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """End the twin at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the twin to end."""
        self.send_signal(signal.SIGTERM)


def _become_kernel(receiver: int) -> NoReturn:
    code = 1
    try:
        with os.fdopen(receiver, "rb") as stream:
            sent = stream.read()
        if sent:
            _run_kernel(*pickle.loads(sent))
        code = 0
    finally:
        os._exit(code)


def _run_kernel(command: list[str], env: Mapping[str, str], folder: str) -> None:
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = command[command.index("ipykernel_launcher") :]
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if pandas := sys.modules.get("pandas"):
        # imported before this was a kernel, it took itself for a terminal's and would show wide tables otherwise
        pandas.set_option("display.max_columns", COLUMNS_IN_KERNELS)
    IPKernelApp.launch_instance(argv=[*sys.argv[1:], f"--IPKernelApp.parent_handle={os.getppid()}"])


class TwinProvisioner(LocalProvisioner):
    """Gives jupyter_client a twin where it would start a process."""

    twin = AnyTrait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Turn the twin into the kernel."""
        self.process = self.twin.start(cmd, env=kwargs["env"])
        self.pid = self.process.pid
        return self.connection_info


def kernel_manager(twin: Twin | None) -> type[AsyncKernelManager]:
    """Make the manager of kernels of the running interpreter, whatever kernel specs are installed."""
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    metadata: dict[str, Any] = {"supported_encryption": "curve"}
    if twin is not None:
        metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": {"twin": twin}}

    class RunningInterpreter(AsyncKernelManager):
        kernel_spec = KernelSpec(argv=command, language="python", display_name="Python", metadata=metadata)

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs, transport_encryption="auto")

    return RunningInterpreter


#: How jupyter_client says that a kernel ended before it could be spoken to.
NEVER_STARTED = "Kernel died before replying to kernel_info"


class KeepingEngine(NBClientEngine):
    """Writes what broke the kernel into the cell that was running, so that papermill saves it."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Run the notebook as papermill does."""
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        except Exception as error:
            started = [cell for cell in nb_man.nb.cells if cell.metadata.papermill.get("start_time")]
            cell = (started or nb_man.nb.cells)[-1]
            kind, message = type(error).__name__, str(error).strip() or type(error).__name__
            told = nbformat.v4.new_output("error", ename=kind, evalue=message, traceback=[message])
            cell.setdefault("outputs", []).append(told)


papermill_engines.register(ENGINE, KeepingEngine)
KernelProvisionerFactory.provisioners[PROVISIONER] = EntryPoint(
    PROVISIONER, f"{__name__}:{TwinProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME
)


def run_notebook(
    source: Path, target: Path, *, parameters: Mapping[str, object], twin: Twin | None = None
) -> CellError | None:
    """Execute a notebook and swap the executed copy in whole; give its error, if there is one.

    The copy carries no times and no paths, so that the same results are the same bytes. A kernel that never
    came up (another program took one of its ports first) gets a second chance, as an ordinary process.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.stem}-{os.getpid()}.ipynb")
    try:
        _execute(source, aside, parameters=parameters, twin=twin)
        notebook = _tidy(json.loads(aside.read_text("utf-8")))
        error = _find_error(notebook)
        if error is not None and NEVER_STARTED in error.message:
            _execute(source, aside, parameters=parameters, twin=None)
            notebook = _tidy(json.loads(aside.read_text("utf-8")))
        aside.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    return _find_error(notebook)


def _execute(source: Path, aside: Path, *, parameters: Mapping[str, object], twin: Twin | None) -> None:
    try:
        papermill.execute_notebook(
            source,
            aside,
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            request_save_on_cell_execute=False,
            progress_bar=False,
            cwd=source.parent,
            kernel_manager_class=kernel_manager(twin),
            shutdown_kernel="immediate",
            record_timing=False,
        )
    except PapermillExecutionError:
        if not aside.is_file():
            raise


def _tidy(notebook: dict[str, Any]) -> dict[str, Any]:
    cells = [cell for cell in notebook["cells"] if ERROR_MARKER_TAG not in cell["metadata"].get("tags", [])]
    for part in (notebook, *cells):
        part["metadata"].pop("papermill", None)
        part["metadata"].pop("execution", None)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return notebook | {"cells": cells}


def _find_error(notebook: Mapping[str, Any]) -> CellError | None:
    """Find the first error, else the first cell that never ran.

    papermill itself takes ``sys.exit(0)`` for success and leaves the rest of the notebook unrun.
    """
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code = [cell for cell in cells if "".join(cell["source"]).strip()]
    places = [cell["execution_count"] or number for number, cell in enumerate(code, start=1)]
    errors = [
        CellError(place, _first_line(output))
        for place, cell in zip(places, code, strict=True)
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    unrun = [
        CellError(place, "这个单元格没有执行")
        for place, cell in zip(places, code, strict=True)
        if cell["execution_count"] is None
    ]
    return next(iter(errors + unrun), None)


def _first_line(error: Mapping[str, Any]) -> str:
    lines = error["evalue"].strip().splitlines() or [""]
    return f"{error['ename']}: {lines[0]}"
