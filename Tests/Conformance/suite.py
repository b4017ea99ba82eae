"""Runs one file of Chroma's suite against one server."""
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from baseline import FileResult
from environment import VENV, suite_folder

HERE = Path(__file__).resolve().parent
TEST_SECONDS = 600  # one test; the longest on the official server takes about 100
FILE_SECONDS = 2400  # one file, as a last resort: a test stuck in C code does not notice the first limit

# Every file that reaches an external server or checks the client; test_client.py needs localhost:8000.
# Left out: embedded, cluster and cloud tests, mock-only embedding functions, and ef/test_default_ef.py (Internet).
FILES = """
test_api.py test_client.py test_chroma.py test_config.py test_multithreaded.py
api/test_collection.py api/test_count_api.py api/test_delete_database.py api/test_fork_count_api.py
api/test_get_database.py api/test_indexing_status.py api/test_invalid_update.py api/test_limit_offset.py
api/test_list_databases.py api/test_numpy_list_inputs.py api/test_schema.py api/test_schema_e2e.py
api/test_search_api.py api/test_shared_system_client.py api/test_types.py
client/test_database_tenant.py client/test_create_http_client.py client/test_multiple_clients_concurrency.py
configurations/test_collection_configuration.py configurations/test_configurations.py
property/test_collections.py property/test_collections_with_database_tenant.py
property/test_collections_with_database_tenant_overwrite.py property/test_embeddings.py
property/test_filtering.py property/test_add.py property/test_base64_conversion.py property/test_client_url.py
property/test_schema.py property/test_fork.py
ef/test_custom_ef.py ef/test_ef.py ef/test_multimodal_ef.py
data_loader/test_data_loader.py stress/test_many_collections.py
""".split()
CORE_FILES = ["property/test_filtering.py", "test_api.py", "property/test_embeddings.py"]
NEEDS_PORT_8000 = "test_client.py"
# A fixed `-k` would hide these from a run of one flavour: they are told apart by the id of the fixture's parameter.
SELECTION = {"both": [], "sync": ["-k", "not async_integration"], "async": ["-k", "async_integration"]}


def run_file(name, server, output, fixture, seed, stopping):
    """Outcomes by test id. `output` receives the log; `stopping` (an Event) ends the run early.

    Each file gets a fresh HOME, working directory and hypothesis database, so that no example is carried over.
    """
    result = FileResult(name)
    tag = name.replace("/", "_").removesuffix(".py")
    log = output / f"{tag}.log"
    with tempfile.TemporaryDirectory(prefix="chroma-suite-", ignore_cleanup_errors=True) as scratch:
        report = Path(scratch) / "report.jsonl"
        home = Path(scratch) / "home"
        home.mkdir()
        status, _ = server.request("POST", "/api/v2/reset")
        if status != 200:
            result.trouble.append(f"reset before the file answered {status}")
        started = time.monotonic()
        with open(log, "wb") as sink:
            process = subprocess.Popen(
                command(name, scratch, fixture, seed), env=variables(server, scratch, home, report), cwd=home,
                stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True)
            code = wait(process, started + FILE_SECONDS, stopping)
        result.seconds = time.monotonic() - started
        if code is None:
            result.trouble.append(f"stopped after {result.seconds:.0f} s, log {log}")
        elif code not in (0, 1, 5):  # 1: some test failed; 5: no test selected
            result.trouble.append(f"pytest ended with {code}, log {log}")
        if not server.is_running():
            code = server.process.returncode
            result.trouble.append(f"the server ended with {code} during the file, see {server.log}")
        if report.exists():
            for line in report.read_text().splitlines():
                entry = json.loads(line)
                result.outcomes[entry["test"].split("::", 1)[-1]] = entry["outcome"]
    return result


def command(name, scratch, fixture, seed):
    folder = suite_folder()
    return [VENV / "bin" / "python", "-m", "pytest", "-c", os.devnull, f"--rootdir={folder.parent}",
            "--import-mode=importlib", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", "-p", "suite_plugin",
            f"--basetemp={scratch}/pytest", f"--timeout={TEST_SECONDS}", f"--hypothesis-seed={seed}",
            "-q", "-rfE", "--tb=short", *SELECTION[fixture], folder / name]


def variables(server, scratch, home, report):
    """What makes the suite's conftest.py talk to a running server instead of starting its own."""
    unwanted = ("CHROMA_", "PYTEST_", "IS_PERSISTENT", "PERSIST_DIRECTORY", "MULTI_REGION", "HYPOTHESIS_")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    return {
        **inherited,
        "CHROMA_INTEGRATION_TEST_ONLY": "1",
        "CHROMA_SERVER_HOST": "localhost" if server.port == 8000 else "127.0.0.1",
        "CHROMA_SERVER_HTTP_PORT": str(server.port),
        "PROPERTY_TESTING_PRESET": "fast",
        "ALLOW_RESET": "TRUE",
        "ANONYMIZED_TELEMETRY": "FALSE",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{scratch}/hypothesis",
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}",  # one test starts `python` by name
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SUITE_REPORT": str(report),
    }


def wait(process, deadline, stopping):
    """Exit code, or None when the process group had to be killed."""
    while process.poll() is None:
        if stopping.is_set() or time.monotonic() > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        time.sleep(0.1)
    return process.returncode
