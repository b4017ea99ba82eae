"""The applications of a configuration, with the platform's defaults filled in."""
from dataclasses import dataclass, field
from typing import Any

from .catalogue import default_profile, memory_limit
from .console import Failure

NOT_IN_BUILDS = ("access", "crons", "relationships", "web")


@dataclass
class Mount:
    """A writable directory of an app."""

    path: str  # below the app's directory, no slash in front
    source: str
    source_path: str
    service: str | None = None


@dataclass
class App:
    name: str
    values: dict[str, Any]
    mounts: list[Mount] = field(default_factory=list)
    relationships: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def for_build(self) -> dict[str, Any]:
        """What a build may know: without what takes effect at a deployment, so that changes there build nothing anew."""
        return {key: value for key, value in self.values.items() if key not in NOT_IN_BUILDS}

    @property
    def type(self) -> str:
        return str(self.values.get("type", ""))

    @property
    def source(self) -> str:
        """Its directory in the repository, "" for the root."""
        root = str((self.values.get("source") or {}).get("root") or "/")
        inner = below(root)
        if inner is None and root.strip("/"):
            raise Failure(f"{self.name}: source.root '{root}' leads out of the repository. Name a directory of it, or \"/\".")
        return inner or ""

    @property
    def profile(self) -> str:
        return self.values.get("container_profile") or default_profile(self.type)

    @property
    def memory_limit(self) -> int:
        return memory_limit(self.profile)

    @property
    def web(self) -> dict[str, Any]:
        return self.values.get("web") or {}

    def command(self, name: str) -> str | None:
        return (self.web.get("commands") or {}).get(name)

    def hook(self, name: str) -> str | None:
        return (self.values.get("hooks") or {}).get(name)

    @property
    def socket_family(self) -> str:
        return (self.web.get("upstream") or {}).get("socket_family", "tcp")

    @property
    def locations(self) -> dict[str, dict[str, Any]]:
        return self.web.get("locations") or {"/": {"allow": False, "passthru": True}}


def target_of(value: Any, name: str) -> tuple[str, str]:
    """Service and endpoint of a relationship in any of its three forms."""
    if value is None:
        return name, "http"
    if isinstance(value, str):
        service, _, endpoint = value.partition(":")
        return service, endpoint or "http"
    return value.get("service") or name, value.get("endpoint") or "http"


def below(path: str) -> str | None:
    """A path in its plainest form, without slash in front; None for the top itself and for what leads, or might lead, out of it."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return None if not parts or ".." in parts or not path.isprintable() else "/".join(parts)


def mounts_of(values: dict[str, Any]) -> list[Mount]:
    mounts = []
    for key, mount in (values.get("mounts") or {}).items():
        path = below(key)
        source_path = below(str(mount.get("source_path", key)))
        if path is None or source_path is None:
            raise Failure(f"The mount '{key}' leads out of its app's directory. Name a directory below it, without '..'.")
        source = {"temporary": "tmp", "local": "storage"}.get(mount["source"], mount["source"])
        mounts.append(Mount(path, source, source_path, mount.get("service")))
    return mounts


def apps_of(values: dict[str, Any]) -> dict[str, App]:
    """Apps by name, those that others need first."""
    apps = {}
    for name, app in values["applications"].items():
        relationships = {key: target_of(value, key) for key, value in (app.get("relationships") or {}).items()}
        apps[name] = App(name, app, mounts_of(app), relationships)
    ordered: dict[str, App] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in ordered:
            return
        if name in way:
            raise Failure(f"Relationships run in a circle: {' → '.join((*way[way.index(name):], name))}. Take one of them away.")
        for target, _ in apps[name].relationships.values():
            if target in apps:
                visit(target, (*way, name))
        ordered[name] = apps[name]

    for name in apps:
        visit(name, ())
    return ordered
